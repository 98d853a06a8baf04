import { describe, expect, test } from '@jest/globals';
import { run } from './run.ts';
import { scratchFiles } from './scratch.ts';

const NOW = '2026-11-21T12:00:00Z';
const write = scratchFiles();

interface Audit {
  readonly findings: readonly { check: string; workload: { name: string } }[];
  readonly notEvaluated: readonly { check: string; workload: { name: string } | null; message: string }[];
  readonly clusters: readonly { notes: readonly string[] }[];
}

async function audit(...files: readonly string[]): Promise<Audit> {
  const named = files.flatMap((file) => ['--snapshot', file]);
  const { stdout } = await run(['audit', ...named, '--now', NOW, '-o', 'json']);
  return JSON.parse(stdout) as Audit;
}

const all = (...objects: readonly object[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });

const deployment = (name: string, readOnlyRootFilesystem: boolean) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  spec: {
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'app', image: 'app:1', securityContext: { readOnlyRootFilesystem } }] },
    },
  },
});

/** Lets the pods of the app reach nothing, or one block. */
const policy = (app: string, cidr: string | null) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'egress', namespace: 'shop' },
  spec: {
    podSelector: { matchLabels: { app } },
    policyTypes: ['Egress'],
    egress: cidr === null ? [] : [{ to: [{ ipBlock: { cidr } }] }],
  },
});

const read = (object: { metadata: object }, resourceVersion: string) => ({
  ...object,
  metadata: { ...object.metadata, uid: 'u-1', resourceVersion },
});

const outcomesOf = ({ findings, notEvaluated }: Audit, check: string): readonly string[] => [
  ...findings.filter((one) => one.check === check).map(({ workload }) => `fail ${workload.name}`),
  ...notEvaluated.filter((one) => one.check === check).map(({ workload }) => `open ${workload?.name ?? '*'}`),
];

describe('objects that occur twice and differ', () => {
  const safe = () => write('safe.json', all(deployment('web', true)));
  const unsafe = () => write('unsafe.json', all(deployment('web', false)));

  test.each([
    ['first', () => [unsafe(), safe()]],
    ['last', () => [safe(), unsafe()]],
  ])(
    'a workload that occurs twice fails by each version, also by the one that comes %s',
    async (_name, files) => {
      const found = await audit(...files());
      expect(outcomesOf(found, 'writable-root-filesystem')).toEqual(['fail web']);
      expect(found.clusters[0]?.notes.join()).toMatch(/Deployment shop\/web differs between .*safe.json/);
    },
  );

  const pods = () => write('pods.json', all(deployment('web', true), deployment('other', true)));
  const closed = () => write('closed.json', all(policy('web', null)));
  const wide = () => write('wide.json', all(policy('web', '0.0.0.0/0')));
  const others = () => write('others.json', all(policy('other', null)));

  test.each([
    ['first', () => [pods(), wide(), closed()]],
    ['last', () => [pods(), closed(), wide()]],
  ])(
    'a policy that occurs twice decides nothing for the pods that it selects, where the wide version comes %s',
    async (_name, files) => {
      const found = await audit(...files());
      expect(outcomesOf(found, 'egress-unrestricted')).toEqual(['fail other', 'open web']);
      expect(found.notEvaluated.find(({ check }) => check === 'egress-unrestricted')?.message).toMatch(
        /NetworkPolicy shop\/egress: it differs between .*closed.json.*of which only one can be true/,
      );
    },
  );

  test('a policy whose two versions select different pods decides nothing for the pods of either', async () => {
    const found = await audit(pods(), closed(), others());
    expect(outcomesOf(found, 'egress-unrestricted')).toEqual(['open other', 'open web']);
  });

  test('an object that occurs twice and that policies refer to leaves all egress not evaluated', async () => {
    const set = (net: string) => ({
      apiVersion: 'crd.projectcalico.org/v1',
      kind: 'GlobalNetworkSet',
      metadata: { name: 'friends' },
      spec: { nets: [net] },
    });
    const found = await audit(
      pods(),
      write('set-a.json', all(set('192.0.2.0/24'))),
      write('set-b.json', all(set('0.0.0.0/0'))),
    );
    expect(outcomesOf(found, 'egress-unrestricted')).toEqual(['open *']);
    expect(outcomesOf(found, 'writable-root-filesystem')).toEqual([]);
  });

  test('the labels of a namespace that occurs twice are unknown', async () => {
    const namespace = (tier: string) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop', labels: { tier } },
    });
    const admin = {
      apiVersion: 'policy.networking.k8s.io/v1alpha1',
      kind: 'AdminNetworkPolicy',
      metadata: { name: 'closed' },
      spec: {
        priority: 1,
        subject: { namespaces: { matchLabels: { tier: 'closed' } } },
        egress: [{ action: 'Deny', to: [{ networks: ['0.0.0.0/0', '::/0'] }] }],
      },
    };
    const found = await audit(
      pods(),
      write('ns-a.json', all(namespace('open'), admin)),
      write('ns-b.json', all(namespace('closed'))),
    );
    expect(outcomesOf(found, 'egress-unrestricted')).toEqual(['open other', 'open web']);
  });

  test('the later resourceVersion of an object counts', async () => {
    const now = write('now.json', all(read(deployment('web', true), '1000')));
    const before = write('before.json', all(read(deployment('web', false), '999')));
    for (const files of [
      [now, before],
      [before, now],
    ]) {
      const found = await audit(...files);
      expect(found.findings).toEqual([]);
      expect(found.clusters[0]?.notes.join()).not.toMatch(/differs/);
    }
  });

  test('policies that occur twice in --with are refused', async () => {
    const { code, stderr } = await run([
      ...['egress', '--snapshot', pods(), '--with', closed(), '--with', wide()],
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--with: .*closed\.json.* differs from another object of its name/);
  });
});
