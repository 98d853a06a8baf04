import { expect, test } from '@jest/globals';
import { collectCluster } from '../../lambda/collect/collect-cluster.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import { openKubeApi } from '../../lambda/connect/kube/kube-api.ts';
import type { PolicyObject } from '../../lambda/inventory/policy-object.ts';
import { reportChange } from '../../lambda/questions/change.ts';
import { CLUSTER } from '../support/builders.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { startApiServer } from '../support/kube-server/api-server.ts';

const cleanups = closedAfterEach();

const objects = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'a' } } },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
    spec: { containers: [{ name: 'web', image: 'web:1' }] },
    status: { phase: 'Running' },
  },
];

const denyingIn = (team: string): PolicyObject => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha1',
  kind: 'AdminNetworkPolicy',
  namespace: '',
  name: 'quarantine',
  labels: {},
  spec: {
    priority: 1,
    subject: {
      pods: {
        namespaceSelector: { matchLabels: { team } },
        podSelector: { matchLabels: { app: 'web' } },
      },
    },
    egress: [{ action: 'Deny', to: [{ networks: ['0.0.0.0/0', '::/0'] }] }],
  },
});

async function changedBy(policy: PolicyObject) {
  const { url, close } = await startApiServer({ objects });
  const api = openKubeApi({ server: url, credentials: async () => ({ headers: {}, tls: {} }) });
  cleanups.push(close, () => api.close());
  const target = {
    identity: CLUSTER,
    collect: (hooks: Parameters<typeof collectCluster>[2]) => collectCluster(CLUSTER, api, hooks),
  };
  const { workloads } = await reportChange([target], {
    config: defaultConfig(),
    wanted: () => true,
    applied: [policy],
  });
  return workloads.map(({ name, changed, declared }) => ({ name, changed, after: declared.after }));
}

// Neither labels of namespaces nor those of pods would be read for the policies that are there: none.
test('labels that a policy would select on are read from the pods', async () => {
  expect(await changedBy(denyingIn('a'))).toEqual([
    { name: 'web', changed: true, after: { external: [], hosts: [] } },
  ]);
  expect(await changedBy(denyingIn('b'))).toMatchObject([{ name: 'web', changed: false }]);
});
