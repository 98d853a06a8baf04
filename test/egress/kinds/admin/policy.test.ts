import { describe, expect, it } from '@jest/globals';
import { NO_RULE } from '../../../../lambda/egress/answers/explain.ts';
import type { PolicyObject } from '../../../../lambda/inventory/policy-object.ts';
import { aNetworkPolicy, EVERYWHERE, egressOf } from '../../support/build.ts';
import {
  aBaselinePolicy,
  aClusterPolicy,
  anAdminPolicy,
  anAwsClusterPolicy,
  networks,
  rangesOf,
  rule,
  viewOf,
  WORLD,
  whyUnknown,
} from '../build-admin.ts';

const TEN = networks('10.0.0.0/8');
const TEN_ONLY = ['10.0.0.0-10.255.255.255 all'];
const NOT_TEN = [
  '0.0.0.0-9.255.255.255 all',
  '11.0.0.0-255.255.255.255 all',
  '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff all',
];
const deniesAll = egressOf();
const allowsTen = egressOf({ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] });

/** The same tests for all three APIs that have an Admin tier. */
const APIS = [
  ['AdminNetworkPolicy v1alpha1', anAdminPolicy, 'Allow'],
  ['ClusterNetworkPolicy v1alpha2', aClusterPolicy, 'Accept'],
  ["Amazon's ClusterNetworkPolicy", anAwsClusterPolicy, 'Accept'],
] as const;

describe.each(APIS)('%s in the Admin tier', (_, build, allow) => {
  const policy = (...egress: unknown[]) => build({ egress });

  it('a policy in the Admin tier decides nothing but what its rules match', () => {
    expect(rangesOf([policy(rule('Deny', TEN))])).toEqual(NOT_TEN);
    expect(rangesOf([policy(rule(allow, TEN))])).toEqual(EVERYWHERE);
  });

  it('a policy in the Admin tier allows and denies before any NetworkPolicy', () => {
    expect(rangesOf([policy(rule(allow, TEN)), deniesAll])).toEqual(TEN_ONLY);
    expect(rangesOf([policy(rule('Deny', TEN)), allowsTen])).toEqual([]);
  });

  it('a policy in the Admin tier decides by the first rule that matches', () => {
    expect(rangesOf([policy(rule('Deny', TEN), rule(allow, WORLD)), deniesAll])).toEqual(NOT_TEN);
    expect(rangesOf([policy(rule(allow, TEN), rule('Deny', WORLD)), deniesAll])).toEqual(TEN_ONLY);
  });

  it('the policy in the Admin tier with the lower priority number decides', () => {
    const closed = (priority: number) =>
      build({ priority, egress: [rule('Deny', WORLD)] }, { name: 'closed' });
    const open = build({ priority: 50, egress: [rule(allow, TEN)] }, { name: 'open' });
    expect(rangesOf([closed(51), open])).toEqual(TEN_ONLY);
    expect(rangesOf([closed(49), open])).toEqual([]);
  });

  it('a policy in the Admin tier passes from the rest of its tier to NetworkPolicies', () => {
    const egress = [rule('Pass', TEN), rule('Deny', WORLD)];
    const later = build({ priority: 99, egress: [rule('Deny', TEN)] }, { name: 'later' });
    expect(rangesOf([policy(...egress), later])).toEqual(TEN_ONLY);
    expect(rangesOf([policy(...egress), later, allowsTen])).toEqual(TEN_ONLY);
    expect(rangesOf([policy(...egress), later, deniesAll])).toEqual([]);
  });

  it('a policy in the Admin tier says nothing about egress without egress rules', () => {
    expect(rangesOf([build({ ingress: [rule('Deny')] }), build({ egress: [] })])).toEqual(EVERYWHERE);
    expect(viewOf([build({ ingress: [rule('Deny')] })]).answer.policies).toEqual([]);
  });

  it('policies of equal priority in the Admin tier leave unknown what they decide differently, and only that', () => {
    const one = build({ egress: [rule(allow, TEN)] }, { name: 'one' });
    const other = build({ egress: [rule('Deny', WORLD)] }, { name: 'other' });
    expect(whyUnknown([one, other])).toMatch(/one and \S+ other have different actions for the same/);
    expect(viewOf([one, other]).undecided?.remedy).toMatch(/different priorities/);
    expect(viewOf([one, other]).reaches('10.0.0.1', 80)).toBe(true);
    expect(viewOf([one, other]).reaches('11.0.0.1', 80)).toBe(false);
  });

  it('policies of equal priority in the Admin tier never hand what is tied on to policies of lower priority', () => {
    const denies = build({ egress: [rule('Deny', TEN)] }, { name: 'denies' });
    const passes = build({ egress: [rule('Pass', TEN)] }, { name: 'passes' });
    const later = build({ priority: 20, egress: [rule(allow, WORLD)] }, { name: 'later' });
    // Denied, or passed to a NetworkPolicy that allows nothing: no way leads to the later policy.
    expect(rangesOf([denies, passes, later, deniesAll])).toEqual(NOT_TEN);
  });

  it('policies of equal priority in the Admin tier are certain if they agree, do not overlap or select different pods', () => {
    const one = build({ egress: [rule('Deny', TEN)] }, { name: 'one' });
    const agrees = build({ egress: [rule('Deny', WORLD)] }, { name: 'other' });
    const apart = build({ egress: [rule(allow, networks('11.0.0.0/8'))] }, { name: 'other' });
    const elsewhere = build(
      {
        subject: { namespaces: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } } },
        egress: [rule(allow, WORLD)],
      },
      { name: 'other' },
    );
    expect(rangesOf([one, agrees])).toEqual([]);
    expect(rangesOf([one, apart])).toEqual(NOT_TEN);
    expect(rangesOf([one, elsewhere])).toEqual(NOT_TEN);
    expect(viewOf([one, apart]).answer.notes).toEqual([]);
  });

  it('a policy in the Admin tier has no defined order with policies of another API', () => {
    const [otherBuild, otherAllow] =
      build === anAdminPolicy ? [aClusterPolicy, 'Accept'] : [anAdminPolicy, 'Allow'];
    const mine = build({ priority: 1, egress: [rule('Deny', TEN)] }, { name: 'mine' });
    const other = otherBuild({ priority: 2, egress: [rule(otherAllow, WORLD)] }, { name: 'other' });
    expect(whyUnknown([mine, other])).toMatch(/different actions/);
    expect(viewOf([mine, other]).reaches('11.0.0.1', 80)).toBe(true);
  });

  it('a policy in the Admin tier keeps IPv6 apart from IPv4', () => {
    const egress = [
      rule('Deny', networks('0.0.0.0/0')),
      rule(allow, networks('2001:db8::/32')),
      rule('Deny', WORLD),
    ];
    expect(rangesOf([policy(...egress)])).toEqual(['2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff all']);
  });

  it('a policy in the Admin tier does not apply to pods on the host network', () => {
    const closed = viewOf([policy(rule('Deny', WORLD))], { pod: { hostNetwork: true } });
    expect(closed.reaches('8.8.8.8', 443)).toBe(true);
  });
});

const BASELINES: readonly (readonly [string, (...egress: unknown[]) => PolicyObject, string])[] = [
  ['BaselineAdminNetworkPolicy', (...egress) => aBaselinePolicy({ egress }, { name: 'default' }), 'Allow'],
  ['ClusterNetworkPolicy v1alpha2', (...egress) => aClusterPolicy({ tier: 'Baseline', egress }), 'Accept'],
  [
    "Amazon's ClusterNetworkPolicy",
    (...egress) => anAwsClusterPolicy({ tier: 'Baseline', egress }),
    'Accept',
  ],
];

describe.each(BASELINES)('%s in the Baseline tier', (_, build, allow) => {
  it('a policy in the Baseline tier decides for pods that no NetworkPolicy selects', () => {
    expect(rangesOf([build(rule('Deny', TEN))])).toEqual(NOT_TEN);
    expect(rangesOf([build(rule(allow, TEN), rule('Deny', WORLD))])).toEqual(TEN_ONLY);
  });

  it('a policy in the Baseline tier is ignored where a NetworkPolicy selects the pod for egress, whatever that allows', () => {
    expect(rangesOf([build(rule('Deny', WORLD)), allowsTen])).toEqual(TEN_ONLY);
    expect(rangesOf([build(rule(allow, WORLD)), deniesAll])).toEqual([]);
    const forIngress = aNetworkPolicy({ podSelector: {}, policyTypes: ['Ingress'] });
    expect(rangesOf([build(rule('Deny', TEN)), forIngress])).toEqual(NOT_TEN);
  });
});

describe('the Baseline tier', () => {
  it('the Baseline tier decides what the Admin tier passes on', () => {
    const admin = anAdminPolicy({ egress: [rule('Pass', TEN), rule('Deny', WORLD)] });
    const baseline = aBaselinePolicy({ egress: [rule('Deny', networks('10.0.0.0/9'))] });
    expect(rangesOf([admin, baseline])).toEqual(['10.128.0.0-10.255.255.255 all']);
  });

  it('the Baseline tier passes to the default, which allows', () => {
    const egress = [rule('Pass', TEN), rule('Deny', WORLD)];
    expect(rangesOf([aClusterPolicy({ tier: 'Baseline', egress })])).toEqual(TEN_ONLY);
  });

  it('the Baseline tier has no Pass in v1alpha1', () => {
    expect(whyUnknown([aBaselinePolicy({ egress: [rule('Pass', TEN), rule('Deny', WORLD)] })])).toMatch(
      /action is "Pass" and not one of Allow, Deny/,
    );
  });
});

describe('the subject of a policy', () => {
  const closedFor = (subject: unknown) => [aClusterPolicy({ subject, egress: [rule('Deny', WORLD)] })];
  const selects = (subject: unknown, around: Parameters<typeof viewOf>[1] = {}) =>
    whyUnknown(closedFor(subject), around) === 'known'
      ? rangesOf(closedFor(subject), around).length === 0
      : 'unknown';
  const teamA = { matchLabels: { team: 'a' } };
  const namespaces = { default: { team: 'a' }, other: {} };

  it('the subject of a policy selects namespaces by their labels', () => {
    expect(selects({ namespaces: teamA }, { namespaces })).toBe(true);
    expect(selects({ namespaces: teamA }, { namespaces, pod: { namespace: 'other' } })).toBe(false);
  });

  it('the subject of a policy selects pods by the labels of their namespace and their own', () => {
    const subject = { pods: { namespaceSelector: teamA, podSelector: { matchLabels: { app: 'x' } } } };
    expect(selects(subject, { namespaces, pod: { labels: { app: 'x' } } })).toBe(true);
    expect(selects(subject, { namespaces, pod: { labels: { app: 'y' } } })).toBe(false);
    expect(selects(subject, { namespaces, pod: { namespace: 'other', labels: { app: 'x' } } })).toBe(false);
  });

  it('the subject of a policy is unknown where the labels of the namespace are, except for its name', () => {
    const byName = (name: string, more = {}) => ({
      namespaces: { matchLabels: { 'kubernetes.io/metadata.name': name, ...more } },
    });
    const around = { namespaces: {} };
    expect(selects({ namespaces: teamA }, around)).toBe('unknown');
    expect(selects({ namespaces: {} }, around)).toBe(true);
    expect(selects(byName('default'), around)).toBe(true);
    expect(selects(byName('other'), around)).toBe(false);
    expect(selects(byName('other', { team: 'a' }), around)).toBe(false);
    expect(selects(byName('default', { team: 'a' }), around)).toBe('unknown');
    const view = viewOf(closedFor({ namespaces: teamA }), around);
    expect(view.undecided?.message).toMatch(/depends on labels of its namespace, which were not read/);
    expect(view.undecided?.remedy).toMatch(/Grant list on namespaces/);
  });

  it.each([
    [undefined],
    [{}],
    [[]],
    [{ namespaces: {}, pods: { namespaceSelector: {}, podSelector: {} } }],
    [{ serviceAccounts: {} }],
    [{ pods: { namespaceSelector: {}, podSelector: {}, x: 1 } }],
    [{ namespaces: { matchExpressions: [{ key: 'a', operator: 'Near' }] } }],
  ])('the subject of a policy is unknown if it is %j', (subject) => {
    expect(selects(subject)).toBe('unknown');
  });
});

const portNumber = (port: number) => ({ portNumber: { port } });

describe('--explain', () => {
  const because = (policies: readonly PolicyObject[]) =>
    viewOf(policies)
      .explain()
      .map(({ external, because: reasons }) => [`${external.from}-${external.to}`, ...reasons]);

  it('an explanation names policy, rule and name of the rule that allows', () => {
    const egress = [{ ...rule('Allow', networks('10.1.0.0/16')), name: 'intranet' }, rule('Deny', TEN)];
    const admin = anAdminPolicy({ egress }, { name: 'edge' });
    const baseline = aBaselinePolicy(
      { egress: [rule('Allow', networks('11.0.0.0/8')), rule('Deny', networks('0.0.0.0/0', '8000::/1'))] },
      { name: 'default' },
    );
    expect(because([admin, baseline])).toEqual([
      ['10.1.0.0-10.1.255.255', 'AdminNetworkPolicy edge: spec.egress[0] "intranet"'],
      ['11.0.0.0-11.255.255.255', 'BaselineAdminNetworkPolicy default: spec.egress[0]'],
      ['::-7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', NO_RULE],
    ]);
  });

  it('an explanation names the NetworkPolicy behind what the Admin tier passes on, not the rule that passes', () => {
    const admin = aClusterPolicy({ egress: [rule('Pass', TEN), rule('Deny', WORLD)] });
    expect(because([admin, allowsTen])).toEqual([
      ['10.0.0.0-10.255.255.255', 'NetworkPolicy default/policy: spec.egress[0]'],
    ]);
  });

  it('an explanation names every rule that would have to go for the range to close, and none that a Deny hides', () => {
    const open = (name: string, priority: number, cidr: string) =>
      aClusterPolicy({ priority, egress: [rule('Accept', networks(cidr))] }, { name });
    const closed = (priority: number) =>
      aClusterPolicy({ priority, egress: [rule('Deny', WORLD)] }, { name: 'closed' });
    const [one, two] = ['one', 'two'].map((name) => `ClusterNetworkPolicy ${name}: spec.egress[0]`);
    const policies = (...priorities: readonly [number, number, number]) => [
      open('one', priorities[0], '10.0.0.0/8'),
      open('two', priorities[1], '10.0.0.0/8'),
      closed(priorities[2]),
    ];
    expect(because(policies(1, 2, 3))).toEqual([['10.0.0.0-10.255.255.255', one, two]]);
    expect(because(policies(1, 1, 3))).toEqual([['10.0.0.0-10.255.255.255', one, two]]);
    expect(because(policies(1, 3, 2))).toEqual([['10.0.0.0-10.255.255.255', one]]);
    expect(because(policies(2, 3, 1))).toEqual([]);
  });
});

it('hundreds of policies with equal priority are evaluated in time', () => {
  const many = Array.from({ length: 500 }, (_, i) =>
    anAdminPolicy(
      {
        priority: i,
        egress: [
          rule('Deny', networks(`${1 + (i % 200)}.${i % 256}.0.0/16`)),
          { ...rule('Allow', networks(`${1 + (i % 90)}.${i % 256}.3.0/24`)), ports: [portNumber(i + 1)] },
        ],
      },
      { name: `a${i}` },
    ),
  );
  const ofAnotherApi = anAwsClusterPolicy({ egress: [rule('Deny', networks('169.254.169.254/32'))] });
  expect(viewOf([...many, ofAnotherApi]).reaches('169.254.169.254', 80)).toBe(false);
});
