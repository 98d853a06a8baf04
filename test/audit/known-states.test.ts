import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { DiscoveryGap } from '../../lambda/discover/target.ts';
import { AuditorError } from '../../lambda/errors.ts';
import type { ClusterIdentity } from '../../lambda/inventory/names.ts';
import type { Notice } from '../../lambda/notify/notifier.ts';
import { decideRun } from '../../lambda/run/decide-run.ts';
import type { RunScope } from '../../lambda/run/missed-clusters.ts';
import { stateKey } from '../../lambda/store/layout.ts';
import { aFinding, PROD } from '../findings/builders.ts';
import { type MemoryStore, memoryStore } from '../store/memory-store.ts';
import { config, deliver, found, linesOf, runOf, stateOf, told } from './recording.ts';

const second = runOf(8);

const named = (name: string, region = 'eu-west-1', accountId = '111122223333'): ClusterIdentity => ({
  name,
  arn: `arn:aws:eks:${region}:${accountId}:cluster/${name}`,
  accountId,
  region,
});
const OTHER = named('other', 'us-east-1');

async function afterFirstRun(): Promise<MemoryStore> {
  const store = memoryStore();
  await deliver({ store, run: runOf(1), results: [found(['old']), found(['quiet'], OTHER)] });
  return store;
}

/** The store with another content under one key. */
function withObject(store: MemoryStore, key: string, content: Uint8Array): MemoryStore {
  return memoryStore({ objects: new Map([...store.objects, [key, content]]) });
}

const both = [found(['old', 'fresh']), found(['quiet', 'loud'], OTHER)];

async function told8(store: MemoryStore, scope: RunScope | null = null, results = both): Promise<Notice> {
  const mails: Notice[] = [];
  await deliver({ store, run: second, results, mails, scope });
  const [mail] = mails;
  if (mail === undefined) throw new Error('nobody was told');
  return mail;
}

describe('a state that cannot be understood', () => {
  const broken: ReadonlyArray<readonly [what: string, content: Uint8Array]> = [
    ['is not compressed', Buffer.from('x')],
    ['is empty', gzipSync('')],
    [
      'is cut off',
      gzipSync(`${JSON.stringify({ stateVersion: 2, run: 'r', cluster: PROD, findings: 3 })}\n`),
    ],
    [
      'holds a row without an id',
      gzipSync(`${JSON.stringify({ stateVersion: 1, run: 'r', cluster: PROD })}\n{"check":"x"}\n`),
    ],
    [
      'holds a row without an id after one that can be read',
      gzipSync(
        [
          { stateVersion: 1, run: 'r', cluster: PROD },
          aFinding({ on: 'shop/Deployment/old' }),
          { check: 'x' },
        ]
          .map((line) => `${JSON.stringify(line)}\n`)
          .join(''),
      ),
    ],
    [
      'is of a later version of the program',
      gzipSync(`${JSON.stringify({ stateVersion: 99, run: 'r', cluster: PROD })}\n`),
    ],
    [
      'is of another cluster',
      gzipSync(`${JSON.stringify({ stateVersion: 2, run: 'r', cluster: OTHER, findings: 0 })}\n`),
    ],
  ];

  test.each(broken)('a state that %s does not fail the run and is left unchanged', async (_, content) => {
    const key = stateKey(PROD);
    const store = withObject(await afterFirstRun(), key, content);
    const mail = await told8(store);
    // Not news: it may have been there before. The other cluster is compared as ever.
    expect(told(mail)).toEqual(['new:loud', 'open:fresh', 'open:old', 'open:quiet']);
    expect(mail.digest.attributes.complete).toBe(false);
    const text = mail.digest.body.replace(/\s+/g, ' ');
    expect(text).toContain('So it is not known which of its findings are new and which are fixed or gone.');
    expect(text).toMatch(/INCOMPLETE: 1 verdict missing\./);
    expect(store.objects.get(key)).toEqual(content);
    expect(await stateOf(store, OTHER)).toEqual(['loud', 'quiet']);
  });

  test('a state without read permission is reported as such', async () => {
    const before = await afterFirstRun();
    const store = memoryStore({
      objects: before.objects,
      beforeRead: (key) => {
        if (key === stateKey(PROD))
          throw new AuditorError('s3:GetObject failed for it (AccessDenied); allow it.');
      },
    });
    const mail = await told8(store);
    expect(told(mail)).toEqual(['new:loud', 'open:fresh', 'open:old', 'open:quiet']);
    expect(mail.digest.body.replace(/\s+/g, ' ')).toContain(
      'The recorded state of cluster prod cannot be read: s3:GetObject failed for it (AccessDenied); allow it.',
    );
  });
});

describe('a state of an earlier version of the program', () => {
  /** The store with the state of a cluster as the first version wrote it: without the number of its findings. */
  function withOldState(store: MemoryStore, cluster: ClusterIdentity): MemoryStore {
    const [header, ...rows] = linesOf(store.objects.get(stateKey(cluster)));
    const { findings: _, ...rest } = header ?? {};
    const old = [{ ...rest, stateVersion: 1 }, ...rows].map((row) => `${JSON.stringify(row)}\n`).join('');
    return withObject(store, stateKey(cluster), gzipSync(old));
  }

  test('a state of an earlier version is read, and written in the current format', async () => {
    const mail = await told8(withOldState(await afterFirstRun(), PROD));
    expect(told(mail)).toEqual(['new:fresh', 'new:loud', 'open:old', 'open:quiet']);
  });

  test('rows without a cause are read, and so are those with a cause that is not understood', async () => {
    const before = await afterFirstRun();
    const [header, ...rows] = linesOf(before.objects.get(stateKey(PROD)));
    for (const cause of [undefined, { id: 'x', kind: 'of-a-later-version', object: {} }, 7]) {
      const lines = [header, ...rows.map((row) => ({ ...row, cause }))];
      const state = lines.map((row) => `${JSON.stringify(row)}\n`).join('');
      const mail = await told8(withObject(before, stateKey(PROD), gzipSync(state)));
      expect(told(mail)).toEqual(['new:fresh', 'new:loud', 'open:old', 'open:quiet']);
    }
  });

  test('a state of an earlier version is counted when its cluster is no longer a target', async () => {
    const store = withOldState(await afterFirstRun(), OTHER);
    const mail = await told8(store, { excluded: [], gaps: [] }, [found(['old'])]);
    expect(mail.digest.body.replace(/\s+/g, ' ')).toContain(`in run ${runOf(1).id} with 1 open finding`);
  });
});

describe('a state of the next version of the program', () => {
  test('a state of the next version is readable, so that its release can be rolled back to this one', async () => {
    const store = await afterFirstRun();
    const [header, ...rows] = linesOf(store.objects.get(stateKey(PROD)));
    expect(header).toMatchObject({ stateVersion: 2 });
    const next = [{ ...header, stateVersion: 3 }, ...rows].map((row) => `${JSON.stringify(row)}\n`).join('');
    const mail = await told8(withObject(store, stateKey(PROD), gzipSync(next)));
    expect(told(mail)).toEqual(['new:fresh', 'new:loud', 'open:old', 'open:quiet']);
  });
});

describe('a cluster that is no target any more', () => {
  test('a cluster that is no longer a target is named once, even if an earlier version stored its state elsewhere', async () => {
    const store = await afterFirstRun();
    const state = store.objects.get(stateKey(OTHER)) ?? new Uint8Array();
    const local = { name: 'kind', arn: null, accountId: null, region: null };
    const before = withObject(store, stateKey(local), state);
    const moved = withObject(before, stateKey({ ...local, uid: 'u-1' }), state);
    const mail = await told8(moved, { excluded: [], gaps: [] });
    expect(mail.digest.body).toContain('NOT FOUND ANY MORE: 1 cluster');
  });

  test('suspended accounts are named in the mail, and all accounts that were left out in run.json', async () => {
    const store = await afterFirstRun();
    const leftOutAccounts = [
      { accountId: '444455556666', reason: 'account-suspended' as const },
      { accountId: '777788889999', reason: 'account-excluded' as const },
    ];
    const mail = await told8(store, { excluded: [], gaps: [], leftOutAccounts });
    expect(mail.digest.body.replace(/\s+/g, ' ')).toContain(
      '1 suspended account not audited (444455556666).',
    );
    expect(mail.digest.body).not.toContain('777788889999');
    const document = JSON.parse(
      Buffer.from(store.objects.get(`runs/${second.id}/run.json`) ?? []).toString(),
    );
    expect(document.leftOut).toEqual([
      { name: '(account 444455556666)', arn: null, reason: 'account-suspended' },
      { name: '(account 777788889999)', arn: null, reason: 'account-excluded' },
    ]);
  });

  test('a quiet mail also names suspended accounts', async () => {
    const store = await afterFirstRun();
    const leftOutAccounts = [{ accountId: '444455556666', reason: 'account-suspended' as const }];
    const results = [found(['old']), found(['quiet'], OTHER)];
    const mail = await told8(store, { excluded: [], gaps: [], leftOutAccounts }, results);
    expect(mail.digest.body).toContain('Nothing new');
    expect(mail.digest.body).toContain('1 suspended account not audited (444455556666).');
  });

  test('a list of accounts that is not whole closes nothing: former clusters at its regions stay open', async () => {
    const store = await afterFirstRun();
    const unlisted = gap({
      accountId: null,
      region: 'us-east-1',
      name: '(all clusters of ou-ab12-1 in us-east-1)',
    });
    const mail = await told8(store, { excluded: [], gaps: [unlisted] }, [found(['old'])]);
    expect(told(mail)).toEqual(['open:old', 'open:quiet']);
    expect(mail.digest.body).not.toContain('NOT FOUND ANY MORE');
    expect(mail.digest.body).not.toMatch(/^(FIXED|GONE)/m);
    expect(mail.digest.body).toContain('INCOMPLETE');
    expect(await stateOf(store, OTHER)).toEqual(['quiet']);
  });

  test.each(['metadata', 'off'] as const)(
    'of a cluster that could not be looked for the image checks are missing only where images are asked (%s)',
    async (registryDefault) => {
      const decided = await decideRun(await afterFirstRun(), [found(['old'])], {
        config,
        registryDefault,
        run: second,
        now: second.now,
        scope: { excluded: [], gaps: [gap({ accountId: '111122223333', region: 'us-east-1' })] },
      });
      const unseen = decided.run.clusters.find(({ cluster }) => cluster.name === 'other');
      expect(unseen?.outcome).toBe('failed');
      const missing = unseen?.notEvaluated.map(({ check }) => check) ?? [];
      expect(missing.includes('image-too-old')).toBe(registryDefault === 'metadata');
      expect(missing).toContain('pod-too-old');
    },
  );

  const gap = (place: Partial<ClusterIdentity>): DiscoveryGap => ({
    cluster: { ...named('(all clusters)'), arn: null, ...place },
    scope: 'place',
    reason: 'forbidden',
    message: 'AWS denies eks:ListClusters for account 111122223333 in us-east-1.',
    remedy: 'Allow eks:ListClusters.',
  });
  const results = [found(['old'])];

  test('a cluster that is no longer found is named, its state is kept, and the mail is not quiet', async () => {
    const store = await afterFirstRun();
    const state = store.objects.get(stateKey(OTHER));
    for (const run of [runOf(8), runOf(15)]) {
      const mails: Notice[] = [];
      await deliver({ store, run, results, mails, scope: { excluded: [], gaps: [] } });
      const text = mails[0]?.digest.body ?? '';
      expect(text).toContain('NOT FOUND ANY MORE: 1 cluster');
      expect(text).toContain('* other (111122223333, us-east-1)');
      expect(text.replace(/\s+/g, ' ')).toContain(
        `last known in run ${runOf(1).id} with 1 open finding -> If this is expected, delete its stored state: memory://${stateKey(OTHER)}`,
      );
      expect(store.objects.get(stateKey(OTHER))).toEqual(state);
    }
    const summary = JSON.parse(Buffer.from(store.objects.get('latest/summary.json') ?? []).toString());
    expect(summary.gone).toMatchObject([{ cluster: { name: 'other' }, findings: 1 }]);
  });

  test('a cluster is not gone when the configuration excludes it or only some clusters were requested', async () => {
    const excluded = await told8(await afterFirstRun(), { excluded: [OTHER], gaps: [] }, results);
    const named = await told8(await afterFirstRun(), null, results);
    for (const mail of [excluded, named]) expect(mail.digest.body).not.toContain('NOT FOUND');
  });

  test.each([
    ['of its region', { region: 'us-east-1' }],
    ['of an account that is not known', { region: 'us-east-1', accountId: null }],
  ])('a cluster keeps its findings open where the place %s could not be listed', async (_, place) => {
    const store = await afterFirstRun();
    const mail = await told8(store, { excluded: [], gaps: [gap(place)] }, results);
    expect(told(mail)).toEqual(['open:old', 'open:quiet']);
    expect(mail.digest.body).not.toContain('NOT FOUND');
    expect(mail.digest.body).toContain('NOT AUDITED: 1 cluster');
    expect(await stateOf(store, OTHER)).toEqual(['quiet']);
  });

  test('a cluster is gone although another place could not be listed', async () => {
    const mail = await told8(
      await afterFirstRun(),
      { excluded: [], gaps: [gap({ region: 'eu-north-1' })] },
      results,
    );
    expect(mail.digest.body).toContain('NOT FOUND ANY MORE: 1 cluster');
  });

  test('a cluster with an unreadable state is named by its S3 key', async () => {
    const store = withObject(await afterFirstRun(), stateKey(OTHER), Buffer.from('x'));
    const mail = await told8(store, { excluded: [], gaps: [] }, results);
    expect(mail.digest.body).toContain('* other (111122223333, us-east-1), its state cannot be read');
  });
});
