import { describe, expect, test } from '@jest/globals';
import { auditCluster } from '../../lambda/audit/audit-cluster.ts';
import type { CollectHooks } from '../../lambda/audit/target.ts';
import { collectCluster } from '../../lambda/collect/collect-cluster.ts';
import { collectObjects } from '../../lambda/collect/collect-objects.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import { openKubeApi } from '../../lambda/connect/kube/kube-api.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import type { CollectedInventory, Inventory } from '../../lambda/inventory/inventory.ts';
import type { WorkloadRef } from '../../lambda/inventory/names.ts';
import { CLUSTER } from '../support/builders.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { send, startApiServer } from '../support/kube-server/api-server.ts';

const cleanups = closedAfterEach();

const inShop = (kind: string, name: string, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'shop', ...metadata },
});
const pod = {
  ...inShop('Pod', 'web'),
  spec: { nodeName: 'n', serviceAccountName: 'web', containers: [{ name: 'app', image: 'i' }] },
  status: { phase: 'Running' },
};
const account = inShop('ServiceAccount', 'web', { labels: { team: 'a' }, annotations: { role: 'arn' } });
/** Calico enforces its policies on the node of the pod. */
const node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n' },
  status: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] },
};
const agent = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'calico-node-x',
    namespace: 'kube-system',
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'calico-node', controller: true }],
  },
  spec: {
    nodeName: 'n',
    hostNetwork: true,
    containers: [{ name: 'calico-node', image: 'calico/node:v3.31.2' }],
  },
  status: { phase: 'Running', containerStatuses: [{ name: 'calico-node', state: { running: {} } }] },
};
const denying = (spec: object) => ({
  ...inShop('NetworkPolicy', 'closed'),
  apiVersion: 'projectcalico.org/v3',
  spec: { types: ['Egress'], ...spec },
});
const byName = denying({ serviceAccountSelector: "projectcalico.org/name == 'web'" });
const byLabel = denying({ serviceAccountSelector: "team == 'a'" });

interface Audited {
  readonly result: ClusterResult;
  readonly inventory: Inventory;
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[];
}

async function audit(objects: readonly object[], denied: readonly string[] = []): Promise<Audited> {
  const asked: string[] = [];
  const deny = denied.map((resource) => ({ resource }));
  const server = await startApiServer(
    { objects: [...objects, node, agent], deny },
    (request, response, answer) => {
      asked.push(new URL(request.url ?? '/', 'http://localhost').pathname);
      return send(request, response, answer);
    },
  );
  const api = openKubeApi({ server: server.url, credentials: async () => ({ headers: {}, tls: {} }) });
  cleanups.push(
    () => server.close(),
    () => api.close(),
  );
  return { ...(await judged((hooks) => collectCluster(CLUSTER, api, hooks))), asked };
}

async function judged(
  collect: (hooks: CollectHooks) => Promise<CollectedInventory>,
): Promise<Omit<Audited, 'asked'>> {
  let inventory: Inventory | undefined;
  const result = await auditCluster(
    { identity: CLUSTER, collect },
    {
      config: defaultConfig(),
      now: 0,
      onRead: (read) => {
        inventory = read;
      },
    },
  );
  if (inventory === undefined) throw new Error('Nothing was read.');
  return { result, inventory };
}

const ofSnapshot = (...objects: readonly Record<string, unknown>[]) =>
  judged(async (hooks) => {
    const source = {
      objects: [...objects, node, agent].map((one) => ({ object: one, origin: 'test' })),
      gaps: [],
      notes: [],
    };
    return collectObjects(CLUSTER, source, hooks);
  });

const CHECK = 'egress-unrestricted';

function verdict({ result }: Pick<Audited, 'result'>): string {
  const ofWeb = ({ check, workload }: { check: string; workload: WorkloadRef | null }): boolean =>
    check === CHECK && workload?.name === 'web';
  if (result.findings.some(ofWeb)) return 'fail';
  if (result.notEvaluated.some(ofWeb)) return 'not evaluated';
  return result.tallies.some(({ check, pass }) => check === CHECK && pass > 0) ? 'pass' : 'none';
}

const LIST = '/api/v1/serviceaccounts';

describe('a policy that selects pods by their ServiceAccount', () => {
  test.each([
    ['name', byName],
    ['labels', byLabel],
  ])(
    'a policy that selects a ServiceAccount by its %s restricts its pods while it exists, and leaves them open once it is deleted',
    async (_, policy) => {
      expect(verdict(await audit([pod, policy, account]))).toBe('pass');
      expect(verdict(await audit([pod, policy]))).toBe('fail');
    },
  );

  test('egress is not evaluated where ServiceAccounts may not be listed, with the permission to grant', async () => {
    const found = await audit([pod, byName, account], ['serviceaccounts']);
    expect(verdict(found)).toBe('not evaluated');
    expect(found.result.notEvaluated.find(({ check }) => check === CHECK)).toMatchObject({
      workload: { namespace: 'shop', name: 'web' },
      message: expect.stringMatching(
        /closed: it selects pods by ServiceAccount objects, which were not all read/,
      ),
      remediation: expect.stringMatching(/^Grant list on serviceaccounts/),
    });
    expect(found.result.notes).toContainEqual(
      expect.stringMatching(/may not list serviceaccounts.*Calico's policies.*[Gg]rant/),
    );
    expect(found.inventory.gaps).toEqual([]);
  });

  test('ServiceAccounts are read after the pods, with their labels and nothing else', async () => {
    const { asked, inventory } = await audit([pod, byName, account]);
    expect(asked.indexOf(LIST)).toBeGreaterThan(asked.indexOf('/api/v1/pods'));
    expect(inventory.serviceAccounts).toEqual({
      labels: new Map([['shop/web', { team: 'a' }]]),
      complete: true,
    });
  });
});

test('ServiceAccounts are not requested where no policy selects by them', async () => {
  const { asked, inventory, result } = await audit([
    pod,
    denying({ selector: "projectcalico.org/serviceaccount == 'web'" }),
  ]);
  expect(asked).not.toContain(LIST);
  expect(inventory).not.toHaveProperty('serviceAccounts');
  expect(verdict({ result })).toBe('pass');
});

describe('a snapshot', () => {
  test('a snapshot has only the ServiceAccounts that are in it, and whether others exist is unknown', async () => {
    expect(verdict(await ofSnapshot(pod, byName, account))).toBe('pass');
    expect(verdict(await ofSnapshot(pod, byLabel, account))).toBe('pass');
    const without = await ofSnapshot(pod, byName);
    expect(verdict(without)).toBe('not evaluated');
    expect(without.result.notEvaluated.find(({ check }) => check === CHECK)?.remediation).toMatch(
      /include the ServiceAccount objects/,
    );
  });

  test('a snapshot with an unreadable ServiceAccount leaves the policy not evaluated, with a note', async () => {
    const broken = { ...account, metadata: { ...account.metadata, labels: 7 } };
    const found = await ofSnapshot(pod, byName, broken);
    expect(verdict(found)).toBe('not evaluated');
    expect(found.result.notes).toContainEqual(
      expect.stringMatching(/ServiceAccount shop\/web cannot be read.*is treated as not read/),
    );
  });
});
