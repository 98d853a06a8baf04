import { describe, expect, test } from '@jest/globals';
import { createGroupPolicies, groupPolicyLabelKeys } from '../../../lambda/egress/routing/group-policies.ts';
import type { Compute } from '../../../lambda/inventory/node-network.ts';
import type { PodRecord } from '../../../lambda/inventory/pod.ts';
import type { PodClass } from '../../../lambda/inventory/pod-class.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { aClass, aSpec } from '../../support/builders.ts';
import { anExit } from './builders.ts';

const aGroupPolicy = (
  spec: Readonly<Record<string, unknown>>,
  { name = 'web', namespace = 'shop' } = {},
): PolicyObject => ({
  apiVersion: 'vpcresources.k8s.aws/v1beta1',
  kind: 'SecurityGroupPolicy',
  namespace,
  name,
  labels: {},
  spec: { securityGroups: { groupIds: ['sg-1'] }, ...spec },
});

const WEB = { podSelector: { matchLabels: { app: 'web' } } };
const BY_ACCOUNT = { serviceAccountSelector: { matchLabels: { team: 'shop' } } };

/** Pods labelled `app: web` in `shop`, that share interfaces on these kinds of nodes. */
const pods = (sharedOn: readonly Compute[], facts: Partial<PodRecord> = {}): PodClass => ({
  ...aClass({ labels: { app: 'web' }, ...facts }),
  exits: { ways: [anExit()], unknown: [], sharedOn },
});

const notes = (policies: readonly PolicyObject[], ...classes: readonly PodClass[]): readonly string[] =>
  createGroupPolicies({ known: policies }).notes(classes);

describe('pods without an interface of their own, on nodes of EC2', () => {
  test('pods older than the SecurityGroupPolicy that selects them are named with it and its groups', () => {
    expect(notes([aGroupPolicy(WEB)], pods(['ec2']))).toEqual([
      'Routable: pods without their own network interface are older than SecurityGroupPolicy shop/web and run with the security groups of their nodes. Restart them, with ENABLE_POD_ENI on, to give them sg-1.',
    ]);
  });

  test.each([
    ['an empty pod selector selects all', { podSelector: {} }, /are older than/],
    [
      'expressions count',
      { podSelector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } },
      /are older/,
    ],
    ['a service account may carry the labels or not', BY_ACCOUNT, /shop\/web may select them/],
    ['an empty selector of accounts is not read either', { serviceAccountSelector: {} }, /may select them/],
    ['with both selectors both must match', { ...WEB, ...BY_ACCOUNT }, /may select them/],
    ['what is not understood may match', { podSelector: { matchFields: [] } }, /may select them/],
  ])('%s', (_, spec, text) => {
    expect(notes([aGroupPolicy(spec)], pods(['ec2']))).toEqual([expect.stringMatching(text)]);
  });

  const other = { podSelector: { matchLabels: { app: 'db' } } };
  test.each([
    ['other labels', other],
    ['other labels, whatever the account', { ...other, ...BY_ACCOUNT }],
    ['no selector at all', {}],
    ['no group', { ...WEB, securityGroups: { groupIds: [] } }],
    ['no list of groups', { ...WEB, securityGroups: null }],
  ])('%s: the SecurityGroupPolicy selects no pod', (_, spec) => {
    expect(notes([aGroupPolicy(spec)], pods(['ec2']))).toEqual([]);
  });

  test('security groups of several policies count together', () => {
    const more = aGroupPolicy(
      { podSelector: {}, securityGroups: { groupIds: ['sg-2', 'sg-1'] } },
      { name: 'all' },
    );
    expect(notes([aGroupPolicy(WEB), more], pods(['ec2']))).toEqual([
      expect.stringMatching(/SecurityGroupPolicy shop\/all, shop\/web and .* to give them sg-1, sg-2\.$/),
    ]);
  });

  test('nothing is said twice, however many classes there are', () => {
    expect(notes([aGroupPolicy(WEB)], pods(['ec2']), pods(['ec2', 'fargate']))).toHaveLength(1);
  });
});

test.each([
  ['of another namespace', pods(['ec2'], { namespace: 'pay' })],
  ['that have their own', pods([])],
  ['on Fargate, whose interface is the pod’s own', pods(['fargate'])],
  ['on nodes that were not read, which may be of Fargate', pods(['unknown'])],
  ['in the network of their node', pods(['ec2'], { spec: aSpec({ hostNetwork: true }) })],
  ['on Windows', pods(['ec2'], { spec: aSpec({ os: 'windows' }) })],
  ['of which no interface was looked for', aClass({ labels: { app: 'web' } })],
])('no note is made of pods %s', (_, subject) => {
  expect(notes([aGroupPolicy({ podSelector: {} })], subject)).toEqual([]);
});

test.each([
  ['a template', { source: 'template' as const }],
  ['a pod on no node', { nodeName: null, phase: 'Pending' }],
])('the note for %s names the security groups of the policy', (_, facts) => {
  const subject = aClass({ labels: { app: 'web' }, ...facts });
  expect(notes([aGroupPolicy(WEB)], subject)).toEqual([
    expect.stringMatching(/new pods get the security groups sg-1 of SecurityGroupPolicy shop\/web/),
  ]);
  expect(notes([aGroupPolicy(BY_ACCOUNT)], subject)).toEqual([expect.stringMatching(/may get/)]);
});

describe('ways out', () => {
  const { exitsOf } = createGroupPolicies({ known: [aGroupPolicy(WEB)] });

  test('the ways out of older pods are those of the node', () => {
    const subject = pods(['ec2']);
    expect(exitsOf(subject)).toBe(subject.exits);
  });

  test('the ways out are unknown on EKS Auto Mode, where no annotation names the interface', () => {
    expect(exitsOf(pods(['auto', 'ec2']))).toEqual({
      ways: [],
      unknown: [expect.stringMatching(/Auto Mode pods may have .* SecurityGroupPolicy shop\/web/)],
    });
    const free = pods(['auto'], { labels: { app: 'db' } });
    expect(exitsOf(free)).toBe(free.exits);
  });
});

test('every answer has a note where SecurityGroupPolicies may not be read', () => {
  const unread = { reason: 'forbidden' as const, message: 'It may not be read.', remedy: 'Allow it.' };
  const { notes: told, exitsOf } = createGroupPolicies({ unread });
  const subject = pods(['ec2']);
  expect(told([subject])).toEqual([
    expect.stringMatching(/^Routable: .* not known: It may not be read\. Allow it\.$/),
  ]);
  expect(exitsOf(subject)).toBe(subject.exits);
});

test('labels that selectors read are kept, and those of service accounts are not', () => {
  expect([...groupPolicyLabelKeys([aGroupPolicy({ ...WEB, ...BY_ACCOUNT })])]).toEqual(['app']);
});
