import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { endPlace, finishFleet, PLACE_ITEM, placesKey } from '../../lambda/fleet/end-place.ts';
import { lockFleet, unlockFleet } from '../../lambda/fleet/lock.ts';
import { readRecords } from '../../lambda/history/records.ts';
import { objectPoints } from '../../lambda/history/verify/objects.ts';
import type { Notice } from '../../lambda/notify/notifier.ts';
import { ROW_FOLDERS, runKey } from '../../lambda/store/layout.ts';
import { parseManifest } from '../../lambda/store/manifest.ts';
import { noteKey } from '../../lambda/store/run-notes.ts';
import { sectionText } from '../report/page/pages.ts';
import { memoryStore } from '../store/memory-store.ts';
import { verifyByHand } from '../support/by-hand.ts';
import {
  auditOne,
  endPlaces,
  identityOf,
  join as joinFleet,
  planOf,
  runFleet,
  targetOf,
} from './fleet-run.ts';
import { deliver, found, linesOf, runOf, stateOf, statuses } from './recording.ts';

const first = runOf(8);
const second = runOf(9);
const third = runOf(10);
const NAMES = ['a', 'b', 'c'];
const targets = NAMES.map((name) => targetOf(name));
const planFor = (run: typeof first) => planOf(run, targets);

/** Each cluster with its own workloads. */
const results = (workloads: readonly string[]): readonly ClusterResult[] =>
  NAMES.map((name) =>
    found(
      workloads.map((workload) => `${workload}-${name}`),
      identityOf(name),
    ),
  );

const textOf = (store: Pick<ReturnType<typeof memoryStore>, 'objects'>, key: string): string =>
  Buffer.from(store.objects.get(key) ?? []).toString();

describe('a run of a fleet', () => {
  test('ends as a run of one function that has read the same, in its mail, its numbers and its states', async () => {
    const [alone, fleet] = [memoryStore(), memoryStore()];
    const [mailsAlone, mails]: [Notice[], Notice[]] = [[], []];
    for (const [run, workloads] of [
      [first, ['cart', 'shop']],
      [second, ['shop', 'till']],
    ] as const) {
      await deliver({ store: alone, run, results: results(workloads), mails: mailsAlone });
      await runFleet(results(workloads), { store: fleet, plan: planFor(run), now: run.now, mails });
      expect(textOf(fleet, runKey(run.id, 'summary.json'))).toBe(
        textOf(alone, runKey(run.id, 'summary.json')),
      );
    }
    const bodyOf = ({ digest }: Notice) => [digest.subject, digest.body.replace(/\b[0-9a-f]{64}\b/, '')];
    expect(mails.map(bodyOf)).toEqual(mailsAlone.map(bodyOf));
    for (const name of NAMES) {
      expect(await stateOf(fleet, identityOf(name))).toEqual(await stateOf(alone, identityOf(name)));
    }
  });

  test('moves no state before the run is decided and its news is noted as owed', async () => {
    const store = memoryStore();
    const plan = planFor(first);
    for (const result of results(['cart'])) await auditOne(result, { store, plan, now: first.now });
    expect([...store.objects.keys()].filter((key) => key.startsWith('state/'))).toEqual([]);
    await joinFleet({ store, plan, now: first.now });
    expect([...store.objects.keys()].filter((key) => /^state\/account/.test(key))).toEqual([]);
    await endPlaces({ store, plan, now: first.now });
    expect(await stateOf(store, identityOf('a'))).toEqual(['cart-a']);
  });

  test('that ends before its states moved leaves everything news for the next run', async () => {
    const store = memoryStore();
    const plan = planFor(first);
    for (const result of results(['cart'])) await auditOne(result, { store, plan, now: first.now });
    const mails: Notice[] = [];
    await runFleet(results(['cart']), { store, plan: planFor(second), now: second.now, mails });
    expect(mails.flatMap(({ run }) => run.clusters.flatMap(({ findings }) => statuses(findings)))).toEqual([
      'new:cart-a',
      'new:cart-b',
      'new:cart-c',
    ]);
  });

  test('whose mail was refused owes its news until a mail of a later run is accepted', async () => {
    const store = memoryStore();
    await runFleet(results(['cart']), { store, plan: planFor(first), now: first.now });
    const refuse = async (): Promise<void> => {
      throw new Error('no topic');
    };
    const plan = planFor(second);
    for (const result of results(['cart', 'till'])) await auditOne(result, { store, plan, now: second.now });
    await joinFleet({ store, plan, now: second.now, tell: refuse });
    await endPlaces({ store, plan, now: second.now });
    await expect(finishFleet(store, second.id)).rejects.toThrow('its mail was not sent');
    const mails: Notice[] = [];
    await runFleet(results(['cart', 'till']), { store, plan: planFor(third), now: third.now, mails });
    expect(mails[0]?.digest.subject).toContain('3 new');
    expect(mails[0]?.digest.body).toContain('LATE: 1 run since');
    expect(await stateOf(store, identityOf('a'))).toEqual(['cart-a', 'till-a']);
  });

  test('decides the same when a cluster or its end is repeated', async () => {
    const store = memoryStore();
    const plan = planFor(first);
    const mails: Notice[] = [];
    await runFleet(results(['cart']), { store, plan, now: first.now, mails });
    const before = new Map(store.objects);
    for (const result of results(['other'])) await auditOne(result, { store, plan, now: first.now + 1 });
    await joinFleet({ store, plan, now: first.now + 1, mails, attempt: 'b' });
    await endPlaces({ store, plan, now: first.now + 1, attempt: 'b' });
    expect(mails).toHaveLength(1);
    const changed = [...store.objects].filter(
      ([key, bytes]) => !Buffer.from(before.get(key) ?? []).equals(bytes),
    );
    expect(changed.map(([key]) => key)).toEqual([]);
  });

  test('keeps the findings of a cluster whose function left no result, and says that it was not audited', async () => {
    const store = memoryStore();
    await runFleet(results(['cart']), { store, plan: planFor(first), now: first.now });
    const mails: Notice[] = [];
    await runFleet(results(['cart']).slice(1), { store, plan: planFor(second), now: second.now, mails });
    expect(mails[0]?.digest.subject).toContain('a not audited');
    expect(mails[0]?.run.clusters[0]?.findings.map(({ status }) => status)).toEqual(['open']);
    expect(await stateOf(store, identityOf('a'))).toEqual(['cart-a']);
  });
});

describe('the end of an account and region', () => {
  const itemsOf = (store: ReturnType<typeof memoryStore>, run: string) =>
    PLACE_ITEM.array().parse(JSON.parse(textOf(store, placesKey(run))));

  test('notifies its targets of its own clusters, with all of their findings', async () => {
    const store = memoryStore();
    const plan = planOf(first, [targetOf('a'), targetOf('b', '444455556666')]);
    const told: (readonly [string, readonly string[]])[] = [];
    const results = [found(['cart'], identityOf('a')), found(['till'], identityOf('b', '444455556666'))];
    const others = [
      {
        name: 'security-hub',
        notify: async ({ run }: Notice) => {
          for (const { cluster, findings } of run.clusters) told.push([cluster.name, statuses(findings)]);
        },
      },
    ];
    await runFleet(results, { store, plan, now: first.now, others });
    expect(told).toEqual([
      ['a', ['new:cart']],
      ['b', ['new:till']],
    ]);
    await endPlaces({ store, plan, now: first.now, others });
    expect(told).toHaveLength(2);
  });

  test('is repeated when a target refuses, and keeps the run from being complete', async () => {
    const store = memoryStore();
    const plan = planFor(first);
    for (const result of results(['cart'])) await auditOne(result, { store, plan, now: first.now });
    await joinFleet({ store, plan, now: first.now });
    const [item] = itemsOf(store, first.id);
    if (item === undefined) throw new Error('no item');
    const refusing = { name: 'event-bridge', notify: async () => Promise.reject(new Error('no bus')) };
    const options = { store, attempt: 'a', sleep: async () => {} };
    await expect(endPlace(item, { ...options, notifiers: [refusing] })).rejects.toThrow('no bus');
    await expect(finishFleet(store, first.id)).rejects.toThrow('1 of 1 accounts and regions are left');
    await endPlace(item, { ...options, notifiers: [] });
    await finishFleet(store, first.id);
    expect(store.objects.has(noteKey(first.id, 'done.json'))).toBe(true);
  });

  test('says what is wrong with a list of accounts and regions that was changed', async () => {
    const store = memoryStore();
    const plan = planFor(first);
    for (const result of results(['cart'])) await auditOne(result, { store, plan, now: first.now });
    await joinFleet({ store, plan, now: first.now });
    const changed = new Map([...store.objects, [placesKey(first.id), Buffer.from('[{"run": 7}]')]]);
    await expect(finishFleet(memoryStore({ objects: changed }), first.id)).rejects.toThrow(
      `The list of accounts and regions in memory://${placesKey(first.id)} cannot be read: 0.run must be an object, not the number 7.`,
    );
  });

  test('notifies no target where the decision about a cluster is missing: what is not known is not over', async () => {
    const store = memoryStore();
    const plan = planFor(first);
    for (const result of results(['cart'])) await auditOne(result, { store, plan, now: first.now });
    await joinFleet({ store, plan, now: first.now });
    const lost = [...store.objects].filter(([key]) => !/cluster=b\/conclusion/.test(key));
    const without = memoryStore({ objects: new Map(lost) });
    const [item] = itemsOf(without, first.id);
    if (item === undefined) throw new Error('no item');
    let told = 0;
    const notifiers = [{ name: 'security-hub', notify: async () => void told++ }];
    await expect(endPlace(item, { store: without, attempt: 'a', notifiers })).rejects.toThrow(
      'the state of cluster b: What the run decided about it is not stored',
    );
    expect(told).toBe(0);
    expect(await stateOf(without, identityOf('a'))).toEqual(['cart-a']);
  });
});

describe('the lock of a fleet', () => {
  const of = ({ id }: { readonly id: string }, execution?: string) => ({ run: id, execution });
  const hours = (count: number): number => first.now + count * 3_600_000;

  test('keeps a second run from beginning while the first one is not over', async () => {
    const store = memoryStore();
    await lockFleet(store, of(first), first.now);
    await lockFleet(store, of(first), first.now + 1);
    await expect(lockFleet(store, of(second), first.now + 3_600_000)).rejects.toThrow(
      `The run ${first.id} of this fleet is not over, so the run ${second.id} was not begun`,
    );
  });

  test('is free when its run is complete, has given it back, or its time is over', async () => {
    const store = memoryStore();
    await lockFleet(store, of(first), first.now);
    await unlockFleet(store, of(second), first.now);
    await expect(lockFleet(store, of(second), first.now)).rejects.toThrow('is not over');
    await unlockFleet(store, of(first), first.now);
    await lockFleet(store, of(second), first.now);
    await lockFleet(store, of(third), first.now + 20 * 3_600_000 + 1);
    const done = memoryStore();
    await lockFleet(done, of(first), first.now);
    await done.put(noteKey(first.id, 'done.json'), [Buffer.from('{}')], { contentType: 'application/json' });
    await lockFleet(done, of(second), first.now + 1);
  });

  test('is held by all executions of its run, and free when each has given it back', async () => {
    const store = memoryStore();
    await lockFleet(store, of(first, 'a'), hours(0));
    await lockFleet(store, of(first, 'b'), hours(2));
    await unlockFleet(store, of(first, 'c'), hours(2));
    await unlockFleet(store, of(first), hours(2));
    await unlockFleet(store, of(first, 'a'), hours(2));
    await expect(lockFleet(store, of(second, 'd'), hours(21))).rejects.toThrow('is not over');
    await unlockFleet(store, of(first, 'b'), hours(3));
    await lockFleet(store, of(second, 'd'), hours(3));
  });

  test('is free when the execution that is left is over, however late another one joined it and gave up', async () => {
    const store = memoryStore();
    await lockFleet(store, of(first, 'a'), hours(0));
    await lockFleet(store, of(first, 'b'), hours(10));
    await unlockFleet(store, of(first, 'b'), hours(10));
    await expect(lockFleet(store, of(second, 'c'), hours(19))).rejects.toThrow('is not over');
    await lockFleet(store, of(second, 'c'), hours(20));
  });

  test('does not keep an execution waiting for itself, which is another run after its configuration changed', async () => {
    const store = memoryStore();
    await lockFleet(store, of(first, 'a'), hours(0));
    await lockFleet(store, of(second, 'a'), hours(0));
    await expect(lockFleet(store, of(third, 'b'), hours(1))).rejects.toThrow(`The run ${second.id}`);
    // What gives up says the run that it would be by now.
    await unlockFleet(store, of(first, 'a'), hours(1));
    await lockFleet(store, of(third, 'b'), hours(1));
  });

  test('that an earlier version took is held by an execution that is not known, and given back without a name', async () => {
    const until = new Date(hours(20)).toISOString();
    const store = memoryStore();
    const content = JSON.stringify({ lockVersion: 1, run: first.id, until });
    await store.put('runs/fleet-lock.json', [Buffer.from(content)], { contentType: 'application/json' });
    await lockFleet(store, of(first, 'b'), hours(1));
    await unlockFleet(store, of(first, 'b'), hours(1));
    await expect(lockFleet(store, of(second, 'c'), hours(1))).rejects.toThrow('is not over');
    await unlockFleet(store, of(first), hours(1));
    await lockFleet(store, of(second, 'c'), hours(1));
  });

  test('that two executions give back at once is given back by both', async () => {
    const store = memoryStore();
    await lockFleet(store, of(first, 'a'), hours(0));
    await lockFleet(store, of(first, 'b'), hours(0));
    await Promise.all([
      unlockFleet(store, of(first, 'a'), hours(1)),
      unlockFleet(store, of(first, 'b'), hours(1)),
    ]);
    await lockFleet(store, of(second, 'c'), hours(1));
  });
});

describe('the record of a fleet', () => {
  const CLUSTERS = `runs/${first.id}/clusters/account=111122223333/region=eu-west-1`;

  async function recorded() {
    const store = memoryStore();
    const plan = planOf(first, targets, {
      gaps: [
        {
          cluster: { name: '(all clusters)', arn: null, accountId: '1', region: 'eu-west-1' },
          scope: 'place',
          reason: 'forbidden',
          message: 'The role may not list clusters.',
          remedy: 'Allow eks:ListClusters.',
        },
      ],
    });
    await runFleet(results(['cart']), { store, plan, now: first.now });
    return store;
  }

  /** What `verify` says of its objects. */
  async function pointsOf(store: ReturnType<typeof memoryStore>) {
    const { records, folders } = await readRecords(store);
    const [record] = records;
    if (record === undefined) throw new Error('no record');
    const rows: string[] = [];
    for (const folder of ROW_FOLDERS) for await (const key of store.list(folder)) rows.push(key);
    const names = folders.get(record.folder) ?? [];
    return objectPoints(record, { store, names, rows, rules: [], now: first.now });
  }

  test('holds the rows of each cluster with that cluster, and of a region that could not be asked with the run', async () => {
    const store = await recorded();
    const manifest = parseManifest(textOf(store, runKey(first.id, 'manifest.json')));
    const names = manifest.objects.map(({ key }) => key.replace(`runs/${first.id}/`, ''));
    expect(names.filter((name) => name.startsWith('clusters/'))).toHaveLength(3);
    expect(names).toContain('not-evaluated.ndjson.gz');
    expect(names).not.toContain('findings.csv');
    const [gap] = linesOf(store.objects.get(runKey(first.id, 'not-evaluated.ndjson.gz')));
    expect(gap?.['reason']).toBe('forbidden');
    expect(textOf(store, `${CLUSTERS}/cluster=a/findings.csv`)).toContain('cart-a');
  });

  test('has a page for each cluster, which says what it holds and leaves the trend to the page of the run', async () => {
    const store = await recorded();
    const page = textOf(store, `${CLUSTERS}/cluster=a/report.html`);
    expect(sectionText(page, 'worst')).toContain('cart-a');
    expect(page).not.toContain('cart-b');
    expect(sectionText(page, 'trend')).toContain('on the page of the run');
    expect(sectionText(page, 'findings')).toContain('findings.csv in the folder of this page');
    expect(sectionText(page, 'auditor')).toContain('Effective configuration');
    expect(sectionText(page, 'auditor')).toContain(`${CLUSTERS}/cluster=a/findings.csv`);
    const own = JSON.parse(textOf(store, `${CLUSTERS}/cluster=a/cluster-manifest.json`));
    expect(JSON.stringify(own)).toContain('cluster=a/report.html');
    const ofRun = textOf(store, runKey(first.id, 'report.html'));
    expect(sectionText(ofRun, 'findings')).toContain(
      'report.html and findings.csv in the folder of the cluster',
    );
  });

  test('is verified through the lists of its clusters', async () => {
    const store = await recorded();
    const points = await pointsOf(store);
    expect(points.filter(({ outcome }) => outcome !== 'pass')).toEqual([]);
  });

  test('is verified by the commands of the documentation, in every object of a cluster', async () => {
    const { objects } = await recorded();
    const folder = mkdtempSync(join(tmpdir(), 'fleet-by-hand-'));
    const at = (path: string): string => join(folder, path);
    const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
    try {
      for (const [key, bytes] of objects) {
        mkdirSync(dirname(at(key)), { recursive: true });
        writeFileSync(at(key), bytes);
      }
      const manifest = runKey(first.id, 'manifest.json');
      openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', at('private.pem'));
      openssl('ec', '-in', at('private.pem'), '-pubout', '-out', at('public.pem'));
      openssl('dgst', '-sha256', '-sign', at('private.pem'), '-out', at(`${manifest}.sig`), at(manifest));
      const expected = createHash('sha256').update(textOf({ objects }, manifest)).digest('hex');
      const byHand = () => verifyByHand({ folder, run: first.id, key: at('public.pem'), expected });
      expect(byHand()).toEqual({ code: 0, output: expect.stringContaining('the first run is') });

      const page = `${CLUSTERS}/cluster=a/report.html`;
      appendFileSync(at(page), '<!-- -->');
      expect(byHand()).toEqual({ code: 1, output: expect.stringContaining('cluster=a/report.html: FAILED') });
      writeFileSync(at(page), objects.get(page) ?? '');
      writeFileSync(at(`${CLUSTERS}/cluster=a/more.csv`), '');
      expect(byHand()).toEqual({ code: 1, output: expect.stringContaining('added: ') });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test.each([
    ['findings.csv', 'changed'],
    ['cluster-manifest.json', 'changed'],
    ['not-evaluated.ndjson.gz', 'gone'],
  ])('fails where %s of a cluster is %s', async (name, what) => {
    const { objects } = await recorded();
    const changed = new Map(objects);
    const key = `${CLUSTERS}/cluster=b/${name}`;
    expect(changed.has(key)).toBe(true);
    if (what === 'gone') changed.delete(key);
    else changed.set(key, Buffer.from('x'));
    const points = await pointsOf(memoryStore({ objects: changed }));
    const failed = points.filter(({ outcome }) => outcome === 'fail');
    expect(failed.map(({ message }) => message).join(' ')).toContain(key);
  });
});
