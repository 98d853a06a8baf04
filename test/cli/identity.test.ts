import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { FindingStatus } from '../../lambda/findings/finding.ts';
import type { NotEvaluated } from '../../lambda/findings/not-evaluated.ts';
import { HUB, startAwsServer } from '../support/aws-server.ts';
import { type Authority, anAuthority } from '../support/certificates.ts';
import { startFaultyServer } from '../support/faulty-server.ts';
import { run } from './run.ts';

/** A cluster is itself, not its name: what a second run says when something else, or the same, is behind a name. */

const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', creationTimestamp: '2020-01-01T00:00:00Z' },
  spec: { containers: [{ name: 'main', image: 'example.com/app:1' }] },
  status: { phase: 'Running', startTime: '2020-01-01T00:00:00Z' },
});
const system = (uid: string) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'kube-system', uid },
});
const ONE = '11111111-1111-4111-8111-111111111111';
const TWO = '22222222-2222-4222-8222-222222222222';

interface Row {
  readonly id: string;
  readonly status: FindingStatus;
  readonly reason?: string;
  readonly firstSeen: string;
  readonly workload: { readonly name: string };
  readonly impliedBy: string | null;
}

interface Document {
  readonly clusters: readonly {
    readonly cluster: { readonly name: string; readonly uid?: string };
    readonly notes: readonly string[];
  }[];
  readonly findings: readonly Row[];
  readonly notEvaluated: readonly NotEvaluated[];
}

let authority: Authority;
let folder: string;
const cleanups: (() => unknown)[] = [];
const environment = { ...process.env };

beforeAll(async () => {
  authority = await anAuthority();
});

beforeEach(async () => {
  for (const name of Object.keys(process.env)) {
    if (/^(AWS_|HTTPS?_PROXY$)/i.test(name)) delete process.env[name];
  }
  folder = await mkdtemp(join(tmpdir(), 'identity-'));
  Object.assign(process.env, {
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_ACCESS_KEY_ID: `AKIA${HUB}`,
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_REGION: 'eu-west-1',
    AWS_MAX_ATTEMPTS: '1',
  });
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await rm(folder, { recursive: true });
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
});

interface Cluster {
  readonly pods: readonly string[];
  /** `null`: nobody may list namespaces. */
  readonly uid: string | null;
}

async function serve({ pods, uid }: Cluster): Promise<string> {
  const objects = [...pods.map(pod), ...(uid === null ? [] : [system(uid)])];
  const deny = uid === null ? [{ resource: 'namespaces' }] : [];
  const tls = await authority.issue({ commonName: 'kube-apiserver' });
  const server = await startFaultyServer({ objects, deny, tls }, () => null);
  cleanups.push(server.close);
  return server.url;
}

/** A kubeconfig with these contexts, each with its server and the name of its cluster entry. */
async function kubeconfig(
  contexts: Readonly<Record<string, { readonly server: string; readonly cluster?: string }>>,
): Promise<string> {
  const path = join(folder, 'kubeconfig');
  const entries = Object.entries(contexts).map(([name, { server, cluster = name }]) => ({
    name,
    server,
    cluster,
  }));
  const ca = Buffer.from(authority.ca).toString('base64');
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': entries[0]?.name,
    clusters: [...new Map(entries.map((entry) => [entry.cluster, entry])).values()].map(
      ({ cluster, server }) => ({
        name: cluster,
        cluster: { server, 'certificate-authority-data': ca },
      }),
    ),
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: entries.map(({ name, cluster }) => ({ name, context: { cluster, user: 'u' } })),
  };
  await writeFile(path, JSON.stringify(content));
  return path;
}

async function audit(day: number, ...source: string[]): Promise<Document & { readonly code: number }> {
  const now = `2026-11-${String(day).padStart(2, '0')}T12:00:00Z`;
  const out = join(folder, 'reports');
  const common = ['audit', '-o', 'json', '--fail-on', 'never', '--out', out, '--now', now];
  const { code, stdout, stderr } = await run([...common, ...source]);
  if (stdout === '' || code === 5) throw new Error(stderr);
  return { code, ...(JSON.parse(stdout) as Document) };
}

const statuses = ({ findings }: Document): readonly string[] =>
  [
    ...new Set(
      findings.map(
        ({ status, reason, workload }) => `${workload.name} ${reason ? `${status}: ${reason}` : status}`,
      ),
    ),
  ].sort();

const idsOf = ({ findings }: Document): readonly string[] => findings.map(({ id }) => id).sort();
const compared = ({ notEvaluated }: Document) => notEvaluated.filter(({ check }) => check === 'comparison');

describe('two clusters behind one context name', () => {
  const contextTo = async (cluster: Cluster): Promise<readonly string[]> => [
    '--kubeconfig',
    await kubeconfig({ prod: { server: await serve(cluster) } }),
  ];

  test('a second run against another cluster behind one context says so, and nothing counts as fixed or gone', async () => {
    const first = await audit(1, ...(await contextTo({ pods: ['a'], uid: ONE })));
    expect(statuses(first)).toEqual(['a new']);
    const second = await audit(2, ...(await contextTo({ pods: ['b'], uid: TWO })));
    expect(statuses(second)).toEqual(['a withdrawn: cluster-replaced', 'b new']);
    expect(second.clusters.flatMap(({ notes }) => notes).join(' ')).toContain(
      'prod is another cluster than in run',
    );
  });

  test('the first cluster is recognised when the context leads back to it, and the change is reported once', async () => {
    const one = { pods: ['a'], uid: ONE };
    const two = { pods: ['b'], uid: TWO };
    await audit(1, ...(await contextTo(one)));
    await audit(2, ...(await contextTo(two)));
    const third = await audit(3, ...(await contextTo(one)));
    expect(statuses(third)).toEqual(['a open']);
    expect(third.findings[0]?.firstSeen).toBe('2026-11-01T12:00:00.000Z');
    expect(statuses(await audit(4, ...(await contextTo(two))))).toEqual(['b open']);
  });

  test('the same workload in two clusters makes two findings', async () => {
    const first = await audit(1, ...(await contextTo({ pods: ['a'], uid: ONE })));
    const second = await audit(2, ...(await contextTo({ pods: ['a'], uid: TWO })));
    expect(statuses(second)).toEqual(['a new', 'a withdrawn: cluster-replaced']);
    const fresh = second.findings.filter(({ status }) => status === 'new').map(({ id }) => id);
    expect(fresh).toHaveLength(first.findings.length);
    for (const id of fresh) expect(idsOf(first)).not.toContain(id);
  });

  test('a cluster whose uid cannot be read closes nothing, is not evaluated, and keeps its state', async () => {
    await audit(1, ...(await contextTo({ pods: ['a', 'b'], uid: ONE })));
    const second = await audit(2, ...(await contextTo({ pods: ['a'], uid: null })));
    expect(statuses(second)).toEqual(['a open', 'b open']);
    expect(compared(second)).toMatchObject([{ reason: 'identity-unclear', workload: null }]);
    expect(second.code).toBe(3);
    const third = await audit(3, ...(await contextTo({ pods: ['a'], uid: ONE })));
    expect(statuses(third)).toEqual(['a open', 'b gone']);
  });

  test('a cluster whose namespaces may never be listed is identified by its name', async () => {
    await audit(1, ...(await contextTo({ pods: ['a', 'b'], uid: null })));
    const second = await audit(2, ...(await contextTo({ pods: ['a'], uid: null })));
    expect(statuses(second)).toEqual(['a open', 'b gone']);
    // Then they may: it is the same cluster, and its findings are those of before.
    const third = await audit(3, ...(await contextTo({ pods: ['a'], uid: ONE })));
    expect(statuses(third)).toEqual(['a open']);
    expect(third.findings[0]?.firstSeen).toBe('2026-11-01T12:00:00.000Z');
    const states = (await readdir(join(folder, 'reports', 'state'), { recursive: true })).filter((name) =>
      name.endsWith('state.json.gz'),
    );
    expect(states.map((name) => /uid=[^/]*/.exec(name)?.[0] ?? 'none').sort()).toEqual([
      'none',
      `uid=${ONE}`,
    ]);
  });
});

describe('two contexts of one cluster', () => {
  const eksctl = { server: '', cluster: 'prod.eu-west-1.eksctl.io' };

  test('two contexts that eksctl names for two users are one cluster, with equal ids', async () => {
    const server = await serve({ pods: ['a'], uid: ONE });
    const config = await kubeconfig({
      'ann@prod.eu-west-1.eksctl.io': { ...eksctl, server },
      'bob@prod.eu-west-1.eksctl.io': { ...eksctl, server },
    });
    const of = (user: string) => ['--kubeconfig', config, '--context', `${user}@prod.eu-west-1.eksctl.io`];
    const ann = await audit(1, ...of('ann'));
    const bob = await audit(2, ...of('bob'));
    expect(ann.clusters[0]?.cluster).toMatchObject({ name: 'prod', region: 'eu-west-1', uid: ONE });
    expect(idsOf(bob)).toEqual(idsOf(ann));
    expect(statuses(bob)).toEqual(['a open']);
  });

  test('two contexts are one cluster by name and region where the uid cannot be read', async () => {
    const server = await serve({ pods: ['a'], uid: null });
    const config = await kubeconfig({
      'ann@prod.eu-west-1.eksctl.io': { ...eksctl, server },
      'bob@prod.eu-west-1.eksctl.io': { ...eksctl, server },
    });
    const of = (user: string) => ['--kubeconfig', config, '--context', `${user}@prod.eu-west-1.eksctl.io`];
    expect(idsOf(await audit(1, ...of('ann')))).toEqual(idsOf(await audit(2, ...of('bob'))));
  });

  test('two contexts of one cluster count once in a run, with a note', async () => {
    const server = await serve({ pods: ['a'], uid: ONE });
    const config = await kubeconfig({ work: { server }, home: { server } });
    const both = await audit(1, '--kubeconfig', config, '--context', 'work', '--context', 'home');
    expect(both.clusters).toHaveLength(1);
    expect(new Set(idsOf(both)).size).toBe(both.findings.length);
    expect(both.clusters[0]?.notes).toContain(
      'The contexts of work and home lead to one cluster, which is counted once.',
    );
  });

  test('a renamed context of a cluster keeps its findings', async () => {
    const server = await serve({ pods: ['a'], uid: ONE });
    const first = await audit(1, '--kubeconfig', await kubeconfig({ old: { server } }));
    const second = await audit(2, '--kubeconfig', await kubeconfig({ new: { server } }));
    expect(statuses(second)).toEqual(['a open']);
    expect(idsOf(second)).toEqual(idsOf(first));
    const third = await audit(3, '--kubeconfig', await kubeconfig({ newest: { server } }));
    expect(third.findings[0]?.firstSeen).toBe('2026-11-01T12:00:00.000Z');
  });
});

describe('a context with the ARN, and one without it, of one cluster', () => {
  const ARN = `arn:aws:eks:eu-west-1:${HUB}:cluster/prod`;

  /** The contexts that `aws eks update-kubeconfig`, eksctl and people by hand write. */
  async function contexts(cluster: Cluster) {
    const server = await serve(cluster);
    const names = { arn: ARN, eksctl: 'ann@prod.eu-west-1.eksctl.io', hand: 'my-prod' };
    const config = await kubeconfig({
      [names.arn]: { server, cluster: ARN },
      [names.eksctl]: { server, cluster: 'prod.eu-west-1.eksctl.io' },
      [names.hand]: { server, cluster: 'my-prod' },
    });
    return (by: keyof typeof names) => ['--kubeconfig', config, '--context', names[by]];
  }

  test.each([
    ['arn', 'eksctl'],
    ['eksctl', 'arn'],
    ['arn', 'hand'],
    ['hand', 'arn'],
    ['eksctl', 'hand'],
    ['hand', 'eksctl'],
  ] as const)(
    'the context names %s, then %s, and both again are one cluster, with its findings',
    async (one, other) => {
      const by = await contexts({ pods: ['a', 'b'], uid: ONE });
      expect(statuses(await audit(1, ...by(one)))).toEqual(['a new', 'b new']);
      const second = await audit(2, ...by(other));
      expect(statuses(second)).toEqual(['a open', 'b open']);
      for (const { firstSeen } of second.findings) expect(firstSeen).toBe('2026-11-01T12:00:00.000Z');
      const less = await contexts({ pods: ['a'], uid: ONE });
      const third = await audit(3, ...less(one));
      expect(statuses(third)).toEqual(['a open', 'b gone']);
      const fourth = await audit(4, ...less(other));
      expect(statuses(fourth)).toEqual(['a open']);
      expect(idsOf(fourth)).toEqual(idsOf(third).filter((id) => idsOf(fourth).includes(id)));
      if (one !== 'arn' && other !== 'arn') return;
      expect(fourth.clusters[0]?.cluster).toMatchObject({ name: 'prod', arn: ARN });
    },
  );

  test('two contexts with different uids are two clusters', async () => {
    await audit(1, ...(await contexts({ pods: ['a'], uid: ONE }))('arn'));
    expect(statuses(await audit(2, ...(await contexts({ pods: ['a'], uid: TWO }))('eksctl')))).toEqual([
      'a new',
    ]);
  });

  test('an eksctl context without a uid closes nothing of a cluster that it may mean, and is not evaluated', async () => {
    await audit(1, ...(await contexts({ pods: ['a', 'b'], uid: ONE }))('arn'));
    const second = await audit(2, ...(await contexts({ pods: ['a'], uid: null }))('eksctl'));
    expect(statuses(second)).toEqual(['a open', 'b open']);
    expect(compared(second)).toMatchObject([{ reason: 'identity-unclear', workload: null }]);
  });

  test('findings that follow from others refer to them by their stored ids', async () => {
    const by = await contexts({ pods: ['a'], uid: ONE });
    await audit(1, ...by('arn'));
    const { findings } = await audit(2, ...by('hand'));
    const ids = new Set(findings.map(({ id }) => id));
    const implied = findings.flatMap(({ impliedBy }) => (impliedBy == null ? [] : [impliedBy]));
    expect(implied.length).toBeGreaterThan(0);
    for (const id of implied) expect(ids).toContain(id);
  });
});

describe('an EKS cluster', () => {
  async function eks(cluster: Cluster, createdAt: string, status = 'ACTIVE'): Promise<readonly string[]> {
    const aws = await startAwsServer({
      clusters: [
        {
          name: 'prod',
          cluster: {
            endpoint: await serve(cluster),
            certificateAuthority: { data: Buffer.from(authority.ca).toString('base64') },
            createdAt: Date.parse(createdAt) / 1000,
            status,
          },
        },
      ],
    });
    cleanups.push(aws.close);
    process.env['AWS_ENDPOINT_URL'] = aws.url;
    return ['--eks', 'prod'];
  }
  const BORN = '2026-10-01T00:00:00Z';
  const AGAIN = '2026-11-01T18:00:00Z';

  test('a cluster that was created again starts over: its old findings are withdrawn once, with the reason', async () => {
    const first = await audit(1, ...(await eks({ pods: ['a', 'b'], uid: ONE }, BORN)));
    const second = await audit(2, ...(await eks({ pods: ['a'], uid: TWO }, AGAIN)));
    expect(statuses(second)).toEqual([
      'a new',
      'a withdrawn: cluster-replaced',
      'b withdrawn: cluster-replaced',
    ]);
    const old = second.findings.filter(({ status }) => status === 'withdrawn').map(({ id }) => id);
    expect([...old].sort()).toEqual(idsOf(first));
    for (const { status, firstSeen, id } of second.findings) {
      if (status !== 'new') continue;
      expect(Date.parse(firstSeen)).toBeGreaterThan(Date.parse(AGAIN));
      expect(old).not.toContain(id);
    }
    const third = await audit(3, ...(await eks({ pods: ['a'], uid: TWO }, AGAIN)));
    expect(statuses(third)).toEqual(['a open']);
    const fresh = second.findings.filter(({ status }) => status === 'new').map(({ id }) => id);
    expect(idsOf(third)).toEqual([...fresh].sort());
  });

  test('an EKS cluster whose uid changes alone is not evaluated, and closes nothing', async () => {
    await audit(1, ...(await eks({ pods: ['a', 'b'], uid: ONE }, BORN)));
    const second = await audit(2, ...(await eks({ pods: ['a'], uid: TWO }, BORN)));
    expect(statuses(second)).toEqual(['a open', 'b open']);
    expect(compared(second)).toMatchObject([{ reason: 'identity-unclear', workload: null }]);
    expect(second.code).toBe(3);
    const third = await audit(3, ...(await eks({ pods: ['a'], uid: ONE }, BORN)));
    expect(statuses(third)).toEqual(['a open', 'b gone']);
  });

  test('an EKS cluster whose namespaces may not be listed is identified by its ARN and creation time', async () => {
    const first = await audit(1, ...(await eks({ pods: ['a', 'b'], uid: ONE }, BORN)));
    const second = await audit(2, ...(await eks({ pods: ['a'], uid: null }, BORN)));
    expect(statuses(second)).toEqual(['a open', 'b gone']);
    expect(compared(second)).toEqual([]);
    expect(idsOf(second)).toEqual(idsOf(first));
  });

  test('an EKS cluster that is being updated is audited, with a note', async () => {
    const { clusters, findings } = await audit(
      1,
      ...(await eks({ pods: ['a'], uid: ONE }, BORN, 'UPDATING')),
    );
    expect(findings).not.toEqual([]);
    expect(clusters[0]?.notes).toContain(
      'EKS reports the cluster prod as UPDATING; it was audited in this state.',
    );
  });
});
