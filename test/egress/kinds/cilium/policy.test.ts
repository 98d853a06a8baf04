import { describe, expect, it } from '@jest/globals';
import { readPolicy } from '../../../../lambda/collect/read-object.ts';
import { NO_POLICY, NO_RULE } from '../../../../lambda/egress/answers/explain.ts';
import { aNetworkPolicy, EVERYWHERE, egressOf } from '../../support/build.ts';
import { aClusterPolicy, rule as adminRule, networks, rangesOf, viewOf, whyUnknown } from '../build-admin.ts';
import {
  aCiliumPolicy,
  aClusterwidePolicy,
  allowing,
  denying,
  PODS,
  port,
  toCidr,
  WORLD,
} from '../build-cilium.ts';

const TEN = toCidr('10.0.0.0/8');
const TEN_ONLY = ['10.0.0.0-10.255.255.255 all'];
const NOT_TEN = [
  '0.0.0.0-9.255.255.255 all',
  '11.0.0.0-255.255.255.255 all',
  '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff all',
];

describe('default deny of Cilium', () => {
  it('default deny of Cilium restricts the egress of a pod that a policy with an egress section selects', () => {
    expect(rangesOf([allowing(TEN)])).toEqual(TEN_ONLY);
    expect(rangesOf([allowing(PODS)])).toEqual([]);
  });

  it('default deny of Cilium comes from deny rules too', () => {
    expect(rangesOf([aCiliumPolicy({ egressDeny: [TEN] })])).toEqual([]);
  });

  it('default deny of Cilium is all that `egress: [{}]` does, which in a NetworkPolicy allows everything', () => {
    expect(rangesOf([allowing({})])).toEqual([]);
    expect(rangesOf([aCiliumPolicy({ egressDeny: [{}] })])).toEqual([]);
    expect(rangesOf([egressOf({})])).toEqual(EVERYWHERE);
  });

  it.each([
    ['no egress section', { ingress: [{}] }],
    ['an empty egress section', { ingress: [{}], egress: [], egressDeny: [] }],
    ['an egress section that is null', { ingress: [{}], egress: null }],
    ['no section at all', {}],
  ])('default deny of Cilium does not come from a policy with %s', (_, spec) => {
    expect(rangesOf([aCiliumPolicy(spec)])).toEqual(EVERYWHERE);
    expect(viewOf([aCiliumPolicy(spec)]).answer.policies).toEqual([]);
  });

  it('default deny of Cilium does not come from a policy that turns it off for egress', () => {
    const off = (spec: object) => aCiliumPolicy({ ...spec, enableDefaultDeny: { egress: false } });
    expect(rangesOf([off({ egress: [TEN] })])).toEqual(EVERYWHERE);
    expect(rangesOf([off({ egressDeny: [TEN] })])).toEqual(NOT_TEN);
    expect(rangesOf([off({ egress: [{}] })])).toEqual(EVERYWHERE);
  });

  it('default deny of Cilium for egress is not turned off by the setting for ingress', () => {
    expect(rangesOf([aCiliumPolicy({ egress: [TEN], enableDefaultDeny: { ingress: false } })])).toEqual(
      TEN_ONLY,
    );
  });

  it('default deny of Cilium stays where another policy turns it on, with the rules of both', () => {
    const open = aCiliumPolicy(
      { egress: [toCidr('192.0.2.0/24')], enableDefaultDeny: { egress: false } },
      { name: 'open' },
    );
    expect(rangesOf([open, allowing(TEN)])).toEqual([...TEN_ONLY, '192.0.2.0-192.0.2.255 all']);
  });

  it('default deny of Cilium is unknown where it is set without any rule for egress, or to no boolean', () => {
    const asked = aCiliumPolicy({ ingress: [{}], enableDefaultDeny: { egress: true } });
    expect(whyUnknown([asked])).toMatch(
      /spec\.enableDefaultDeny is set for egress, for which spec has no rules/,
    );
    for (const enableDefaultDeny of [false, 'no', { egress: 'no' }, { egress: true, until: 'May' }, []]) {
      expect(whyUnknown([aCiliumPolicy({ egress: [TEN], enableDefaultDeny })])).toMatch(
        /enableDefaultDeny is/,
      );
    }
  });
});

describe('deny rules of Cilium', () => {
  it('deny rules of Cilium win over allow rules, in any order', () => {
    const both = aCiliumPolicy({ egress: [TEN], egressDeny: [toCidr('10.1.0.0/16')] });
    const rest = ['10.0.0.0-10.0.255.255 all', '10.2.0.0-10.255.255.255 all'];
    expect(rangesOf([both])).toEqual(rest);
    const denies = aClusterwidePolicy({ egressDeny: [toCidr('10.1.0.0/16')] }, { name: 'zzz' });
    expect(rangesOf([allowing(TEN), denies])).toEqual(rest);
    expect(rangesOf([denies, allowing(TEN)])).toEqual(rest);
  });

  it('deny rules of Cilium win over a NetworkPolicy, whose rules add to those of Cilium', () => {
    const core = aNetworkPolicy({
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }],
    });
    expect(rangesOf([core, denying(toCidr('10.0.0.0/9'))])).toEqual(['10.128.0.0-10.255.255.255 all']);
    expect(rangesOf([core, allowing(toCidr('192.0.2.0/24'))])).toEqual([
      ...TEN_ONLY,
      '192.0.2.0-192.0.2.255 all',
    ]);
    expect(rangesOf([core, allowing(PODS)])).toEqual(TEN_ONLY);
  });

  it('deny rules of Cilium leave the rest allowed for a pod that no other policy restricts', () => {
    expect(rangesOf([denying({ ...TEN, toPorts: [port('443')] })])).toEqual([
      '0.0.0.0-9.255.255.255 all',
      '10.0.0.0-10.255.255.255 TCP 1-442,TCP 444-65535,UDP 1-65535,SCTP 1-65535',
      '11.0.0.0-255.255.255.255 all',
      '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff all',
    ]);
  });

  it('deny rules of Cilium come after the Admin tier, whose policies decide first', () => {
    const admin = aClusterPolicy({ egress: [adminRule('Accept', networks('10.1.0.0/16'))] });
    expect(rangesOf([admin, aCiliumPolicy({ egressDeny: [TEN] })])).toEqual(['10.1.0.0-10.1.255.255 all']);
  });

  it('deny rules of Cilium come before the Baseline tier, which decides what they leave open', () => {
    const baseline = aClusterPolicy({
      tier: 'Baseline',
      egress: [adminRule('Deny', networks('0.0.0.0/1', '::/0'))],
    });
    expect(rangesOf([baseline, denying(toCidr('192.0.0.0/2'))])).toEqual(['128.0.0.0-191.255.255.255 all']);
    expect(rangesOf([baseline, allowing(TEN)])).toEqual(TEN_ONLY);
  });
});

describe('where Cilium policies count', () => {
  it('a Cilium policy counts in its namespace, or everywhere if it is clusterwide', () => {
    const elsewhere = { pod: { namespace: 'other' } };
    expect(rangesOf([allowing(TEN)], elsewhere)).toEqual(EVERYWHERE);
    const clusterwide = aClusterwidePolicy({ egress: [TEN] }, { namespace: 'default' });
    expect(rangesOf([clusterwide], elsewhere)).toEqual(TEN_ONLY);
    expect(viewOf([clusterwide], elsewhere).answer.policies).toEqual([
      'CiliumClusterwideNetworkPolicy policy',
    ]);
  });

  it('a Cilium policy that selects nodes counts for no pod', () => {
    const host = aClusterwidePolicy({ endpointSelector: undefined, nodeSelector: {}, egress: [TEN] });
    expect(rangesOf([host])).toEqual(EVERYWHERE);
  });

  it('the scope of a Cilium policy is unknown without a namespace, or in another version of the API', () => {
    expect(whyUnknown([aCiliumPolicy({ egress: [TEN] }, { namespace: '' })])).toMatch(/namespace is missing/);
    expect(whyUnknown([aCiliumPolicy({ egress: [TEN] }, { apiVersion: 'cilium.io/v3' })])).toMatch(
      /cilium\.io\/v3 CiliumNetworkPolicy is a kind that this version does not read/,
    );
  });
});

describe('an object with a list of specs', () => {
  const about = (...specs: unknown[]) => ({ spec: undefined, specs });
  const spec = (egress: unknown, more: object = {}) => ({ endpointSelector: {}, egress: [egress], ...more });

  it('an object with specs counts as all of its rules', () => {
    const two = aCiliumPolicy(null, about(spec(TEN), spec(toCidr('192.0.2.0/24'))));
    expect(rangesOf([two])).toEqual([...TEN_ONLY, '192.0.2.0-192.0.2.255 all']);
    const both = aCiliumPolicy({ egress: [toCidr('192.0.2.0/24')] }, { specs: [spec(TEN)] });
    expect(rangesOf([both])).toEqual([...TEN_ONLY, '192.0.2.0-192.0.2.255 all']);
  });

  it('an object with specs selects pods with each rule by itself', () => {
    const matchLabels = { app: 'a' };
    const object = aCiliumPolicy(
      null,
      about(spec(TEN, { endpointSelector: { matchLabels } }), {
        endpointSelector: {},
        egressDeny: [toCidr('10.0.0.0/9')],
        enableDefaultDeny: { egress: false },
      }),
    );
    expect(rangesOf([object], { pod: { labels: matchLabels } })).toEqual(['10.128.0.0-10.255.255.255 all']);
    expect(rangesOf([object], { pod: { labels: { app: 'b' } } })[0]).toBe('0.0.0.0-9.255.255.255 all');
  });

  it('an object with specs is explained by the place in the list', () => {
    expect(viewOf([aCiliumPolicy(null, about({ ...spec(PODS) }, spec(TEN)))]).explain()).toEqual([
      {
        external: { from: '10.0.0.0', to: '10.255.255.255', ports: 'all' },
        because: ['CiliumNetworkPolicy default/policy: specs[1].egress[0]'],
      },
    ]);
  });

  it('an object with specs is unknown as a whole if one of its rules is refused', () => {
    const refused = spec({ ...TEN, ...WORLD }, { endpointSelector: { matchLabels: { app: 'other' } } });
    expect(whyUnknown([aCiliumPolicy(null, about(spec(TEN), refused))])).toMatch(
      /specs\[1\]\.egress\[0\] combines toCIDR and toEntities/,
    );
    expect(whyUnknown([aCiliumPolicy(null, about(spec(TEN), { endpointSelector: {} }))])).toMatch(
      /specs\[1\] has no rules at all/,
    );
  });

  it('an object with specs is unknown if the list or a rule in it is no object', () => {
    expect(whyUnknown([aCiliumPolicy(null, { specs: 7 })])).toMatch(/specs is 7 and not a list/);
    expect(whyUnknown([aCiliumPolicy(null, about(spec(TEN), null))])).toMatch(/specs\[1\] is null/);
  });

  it('an object with specs is kept when policies are read', () => {
    const metadata = { namespace: 'default', name: 'two' };
    const type = { apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy', namespaced: true };
    const object = readPolicy({ metadata, specs: [spec(TEN)] }, type);
    expect(rangesOf([object])).toEqual(TEN_ONLY);
    expect(readPolicy({ metadata, spec: spec(TEN) }, type)).not.toHaveProperty('specs');
  });
});

describe('an object that Cilium refuses', () => {
  it.each([
    [
      'has neither selector',
      { endpointSelector: undefined, egress: [TEN] },
      /has neither endpointSelector nor/,
    ],
    ['has both selectors', { nodeSelector: {}, egress: [TEN] }, /has both endpointSelector and nodeSelector/],
    [
      'has an egress section that is no list',
      { egress: { toCIDR: ['10.0.0.0/8'] } },
      /spec\.egress is .* not a list/,
    ],
    ['has a rule that is no object', { egress: [TEN, 'x'] }, /spec\.egress\[1\] is "x" and not a rule/],
    [
      'combines peers in an ingress rule',
      { egress: [TEN], ingress: [{ fromCIDR: ['10.0.0.0/8'], fromEntities: ['world'] }] },
      /spec\.ingress\[0\] combines fromCIDR and fromEntities/,
    ],
    [
      'combines ICMP and ports in an ingress rule',
      { egress: [TEN], ingressDeny: [{ icmps: [{ fields: [{ type: 8 }] }], toPorts: [port('80')] }] },
      /spec\.ingressDeny\[0\] has both toPorts and icmps/,
    ],
    [
      'selects nodes in an ingress rule',
      { egress: [TEN], ingress: [{ fromNodes: [{}] }] },
      /spec\.ingress\[0\]\.fromNodes needs node selector labels/,
    ],
  ])('an object that Cilium refuses may enforce nothing: it %s', (_, spec, reason) => {
    const object = aCiliumPolicy(spec);
    expect(whyUnknown([object])).toMatch(reason);
    // Nothing of it may be counted on, neither its rules nor that it closes the rest.
    expect(viewOf([object]).reaches('192.0.2.1', 443)).toBe(true);
    expect(whyUnknown([object, egressOf()])).toMatch(reason);
  });

  it('an object that Cilium refuses does not matter where another policy decides the same', () => {
    const object = aCiliumPolicy({ egressDeny: [{ ...TEN, ...WORLD }] });
    expect(rangesOf([object, egressOf()])).toEqual([]);
  });

  it('a refused selector of nodes counts for no pod of a namespace', () => {
    const object = aCiliumPolicy({ endpointSelector: undefined, nodeSelector: {}, egress: [TEN] });
    expect(rangesOf([object])).toEqual(EVERYWHERE);
  });
});

describe('fields that this version does not know', () => {
  it('unknown fields make the whole object unknown if they occur in a rule', () => {
    const object = aCiliumPolicy({ egress: [TEN], priority: 3 });
    expect(whyUnknown([object])).toMatch(/spec has the unknown field "priority"/);
    expect(viewOf([object]).reaches('192.0.2.1', 443)).toBe(true);
  });

  it('unknown fields do not matter if Cilium gives them no meaning', () => {
    const object = aCiliumPolicy({
      egress: [TEN],
      labels: [{ key: 'x' }],
      description: 'x',
      log: { value: 'x' },
    });
    expect(rangesOf([object])).toEqual(TEN_ONLY);
  });
});

describe('the explanation', () => {
  it('the explanation names every rule that opens a range, of all kinds of policies', () => {
    const policies = [
      aCiliumPolicy({ egress: [PODS, TEN], egressDeny: [toCidr('10.128.0.0/9')] }),
      aClusterwidePolicy({ egress: [{ toPorts: [port('443')] }] }, { name: 'web' }),
      egressOf({ to: [{ ipBlock: { cidr: '10.0.0.0/9' } }] }),
    ];
    const https = { protocol: 'TCP', from: 443, to: 443 };
    const notHttps = [
      { protocol: 'TCP', from: 1, to: 442 },
      { protocol: 'TCP', from: 444, to: 65535 },
      { protocol: 'UDP', from: 1, to: 65535 },
      { protocol: 'SCTP', from: 1, to: 65535 },
    ];
    const web = 'CiliumClusterwideNetworkPolicy web: spec.egress[0]';
    const ten = [
      'CiliumNetworkPolicy default/policy: spec.egress[1]',
      'NetworkPolicy default/policy: spec.egress[0]',
    ];
    expect(viewOf(policies).explain()).toEqual([
      { external: { from: '0.0.0.0', to: '9.255.255.255', ports: [https] }, because: [web] },
      { external: { from: '10.0.0.0', to: '10.127.255.255', ports: notHttps }, because: ten },
      { external: { from: '10.0.0.0', to: '10.127.255.255', ports: [https] }, because: [web, ...ten] },
      { external: { from: '11.0.0.0', to: '255.255.255.255', ports: [https] }, because: [web] },
      {
        external: { from: '::', to: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', ports: [https] },
        because: [web],
      },
    ]);
  });

  it('the explanation says so where nothing restricts the pod, or where only deny rules do', () => {
    const because = (policies: Parameters<typeof viewOf>[0]) => [
      ...new Set(
        viewOf(policies)
          .explain()
          .flatMap((one) => one.because),
      ),
    ];
    expect(because([aCiliumPolicy({ ingress: [{}] })])).toEqual([NO_POLICY]);
    expect(because([denying(TEN)])).toEqual([NO_RULE]);
  });
});
