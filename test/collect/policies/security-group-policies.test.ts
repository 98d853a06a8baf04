import { expect, test } from '@jest/globals';
import { collectCluster } from '../../../lambda/collect/collect-cluster.ts';
import { collectObjects } from '../../../lambda/collect/collect-objects.ts';
import { NO_OBSERVER } from '../../../lambda/collect/observe.ts';
import { openKubeApi } from '../../../lambda/connect/kube/kube-api.ts';
import { groupPolicyLabelKeys } from '../../../lambda/egress/routing/group-policies.ts';
import type { Inventory } from '../../../lambda/inventory/inventory.ts';
import { unreadVpc } from '../../../lambda/inventory/vpc.ts';
import { CLUSTER } from '../../support/builders.ts';
import { closedAfterEach } from '../../support/closed-after-each.ts';
import { startApiServer } from '../../support/kube-server/api-server.ts';

const cleanups = closedAfterEach();

const groupPolicy = {
  apiVersion: 'vpcresources.k8s.aws/v1beta1',
  kind: 'SecurityGroupPolicy',
  metadata: { name: 'db', namespace: 'shop' },
  spec: { podSelector: { matchLabels: { role: 'db' } }, securityGroups: { groupIds: ['sg-1'] } },
};
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', labels: { role: 'db', app: 'web' } },
  spec: { containers: [{ name: 'app', image: 'i' }] },
};

const hooks = {
  labelKeys: () => new Set<string>(),
  observer: NO_OBSERVER,
  securityGroupPolicies: groupPolicyLabelKeys,
};

async function live(
  objects: readonly object[],
  options: { readonly vpc?: false; readonly deny?: readonly { readonly resource: string }[] } = {},
): Promise<Inventory> {
  const server = await startApiServer({ objects, deny: options.deny ?? [] });
  const api = openKubeApi({ server: server.url, credentials: async () => ({ headers: {}, tls: {} }) });
  cleanups.push(
    () => server.close(),
    () => api.close(),
  );
  return collectCluster(CLUSTER, api, {
    ...hooks,
    ...(options.vpc === false ? {} : { vpc: async () => unreadVpc('not of interest') }),
    onPage: () => undefined,
  });
}

test('SecurityGroupPolicies are no policies of the engine, and the labels that they select by are kept', async () => {
  const { policies, securityGroupPolicies, classes, gaps } = await live([groupPolicy, pod]);
  expect(policies).toEqual([]);
  expect(securityGroupPolicies).toEqual({
    known: [expect.objectContaining({ namespace: 'shop', name: 'db', spec: groupPolicy.spec })],
  });
  expect(classes[0]?.labels).toEqual({ role: 'db' });
  expect(gaps).toEqual([]);
});

test('a cluster without the kind has no SecurityGroupPolicies', async () => {
  expect(await live([pod])).toMatchObject({ securityGroupPolicies: { known: [] }, gaps: [] });
});

test('SecurityGroupPolicies that may not be read are known as unread, and no gap of what checks need', async () => {
  const deny = [{ resource: 'securitygrouppolicies' }];
  const { securityGroupPolicies, gaps } = await live([groupPolicy, pod], { deny });
  expect(securityGroupPolicies).toMatchObject({ unread: { reason: 'forbidden' } });
  expect(gaps).toEqual([]);
});

test('SecurityGroupPolicies are not requested where no VPC is asked', async () => {
  const { securityGroupPolicies, classes } = await live([groupPolicy, pod], { vpc: false });
  expect(securityGroupPolicies).toBeUndefined();
  expect(classes[0]?.labels).toEqual({});
});

test('a broken SecurityGroupPolicy in a snapshot is a gap of this kind alone', () => {
  const broken = { ...groupPolicy, metadata: { name: 'db', namespace: 'shop', labels: 7 } };
  const source = { objects: [{ object: broken, origin: 'file' }], gaps: [], notes: [] };
  expect(collectObjects(CLUSTER, source, hooks).gaps).toMatchObject([
    { resource: 'securitygrouppolicies.vpcresources.k8s.aws', reason: 'malformed-object' },
  ]);
});
