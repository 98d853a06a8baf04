import { describe, expect, it } from '@jest/globals';
import { NO_RULE } from '../../../../lambda/egress/answers/explain.ts';
import { selectedLabelKeys } from '../../../../lambda/egress/engine.ts';
import { SERVICE_ACCOUNT, SERVICE_ACCOUNT_OBJECT } from '../../../../lambda/inventory/service-account.ts';
import {
  ALL_IPV4,
  ALL_IPV6,
  aNetworkPolicy,
  EVERYWHERE,
  egressOf,
  inShort,
  type Pod,
} from '../../support/build.ts';
import {
  type Around,
  aCalicoPolicy,
  accountsOf,
  aGlobalPolicy,
  allow,
  asResource,
  aTier,
  deny,
  pass,
  rangesOf,
  reaches,
  rules,
  to,
  viewOf,
  whyUnknown,
} from '../build-calico.ts';

const TEN = '10.0.0.1';
const allowTen = allow(to('10.0.0.0/8'));
const ALL_OF_TEN = ['10.0.0.0-10.255.255.255 all'];

describe('a pod that no Calico policy selects', () => {
  it('a pod that no Calico policy selects reaches everything, since the profile of its namespace allows it', () => {
    const other = aCalicoPolicy({ egress: [] }, { namespace: 'other' });
    expect(rangesOf([other, aGlobalPolicy({ selector: "app == 'x'" })])).toEqual(EVERYWHERE);
  });

  it('a pod under ingress policies, staged policies and profiles of Calico reaches everything', () => {
    const staged = [
      'StagedNetworkPolicy',
      'StagedGlobalNetworkPolicy',
      'StagedKubernetesNetworkPolicy',
      'Profile',
    ];
    const objects = staged.map((kind) => aCalicoPolicy({ egress: [deny()] }, { kind }));
    expect(rangesOf([...objects, aCalicoPolicy({ types: ['Ingress'], egress: [deny()] })])).toEqual(
      EVERYWHERE,
    );
    expect(rangesOf(objects.map(asResource))).toEqual(EVERYWHERE);
  });
});

describe('which policies are for egress', () => {
  // "If types has no value", the table of docs.tigera.io/calico/latest/reference/resources/networkpolicy
  it.each([
    [{}, false],
    [{ ingress: [allow()] }, false],
    [{ egress: [allowTen] }, true],
    [{ ingress: [allow()], egress: [allowTen] }, true],
    [{ types: [], egress: [allowTen] }, true],
    [{ types: ['Ingress'], egress: [allowTen] }, false],
    [{ types: ['Egress'] }, true],
    [{ types: ['Ingress', 'Egress'] }, true],
  ])('whether a Calico policy with %j is for egress: %s', (spec, expected) => {
    const policy = { ...aGlobalPolicy(), spec };
    expect(rangesOf([policy]).length < 2).toBe(expected);
  });

  it('the types of a stored Calico policy that has none are unknown', () => {
    // Felix takes it for both directions, the API would have made it one for ingress.
    const policy = { ...aGlobalPolicy(), spec: { ingress: [allow()] } };
    expect(whyUnknown([asResource(policy)])).toMatch(/spec\.types is missing/);
    expect(rangesOf([asResource({ ...policy, spec: { egress: [allowTen] } })])).toEqual(ALL_OF_TEN);
    expect(whyUnknown([{ ...policy, spec: { egress: [] } }])).toMatch(/spec\.types is missing/);
  });

  it('a Calico policy with another value in types is unknown', () => {
    expect(whyUnknown([aGlobalPolicy({ types: ['egress'] })])).toMatch(/spec\.types is \["egress"\]/);
  });
});

describe('the rules of a policy', () => {
  it('the first matching rule of a Calico policy decides', () => {
    expect(reaches([rules(deny(to('10.0.0.0/16')), allowTen)], TEN)).toBe(false);
    expect(reaches([rules(allowTen, deny(to('10.0.0.0/16')))], TEN)).toBe(true);
    expect(reaches([rules(deny(to('10.1.0.0/16')), allowTen)], TEN)).toBe(true);
  });

  it('the rules of a Calico policy continue after Log', () => {
    expect(rangesOf([rules({ action: 'Log' }, allowTen)])).toEqual(ALL_OF_TEN);
    expect(rangesOf([rules({ action: 'Log' })])).toEqual([]);
  });

  it('traffic that no rule of a Calico policy matches gets the default action of the tier', () => {
    expect(rangesOf([rules(allowTen)])).toEqual(ALL_OF_TEN);
    const loose = [
      aTier('loose', { defaultAction: 'Pass' }),
      aGlobalPolicy({ tier: 'loose', egress: [allowTen] }),
    ];
    expect(rangesOf(loose)).toEqual(EVERYWHERE);
  });
});

describe('policies of one tier', () => {
  const first = (order: unknown, ...egress: unknown[]) => aGlobalPolicy({ order, egress }, { name: 'z' });
  const second = (order: unknown, ...egress: unknown[]) => aGlobalPolicy({ order, egress }, { name: 'a' });

  it('Calico policies of one tier count by order, smallest first', () => {
    expect(reaches([second(10, allow()), first(5, deny())], TEN)).toBe(false);
    expect(reaches([second(10, deny()), first(5, allow())], TEN)).toBe(true);
    expect(reaches([second(-1.5, allow()), first(-2, deny())], TEN)).toBe(false);
  });

  it('Calico policies without an order come last', () => {
    expect(reaches([second(undefined, deny()), first(1e9, allow())], TEN)).toBe(true);
    expect(reaches([second(null, allow()), first(1e9, deny())], TEN)).toBe(false);
  });

  it('Calico policies of the same order count by name', () => {
    expect(reaches([first(1, deny()), second(1, allow())], TEN)).toBe(true);
    expect(reaches([first(undefined, allow()), second(undefined, deny())], TEN)).toBe(false);
  });

  it('Calico policies of one tier are one list of rules, which ends with one default action', () => {
    expect(rangesOf([second(1, allowTen), first(2, allow(to('11.0.0.0/8')))])).toEqual([
      '10.0.0.0-11.255.255.255 all',
    ]);
  });
});

describe('tiers', () => {
  const inTier = (tier: string, ...egress: unknown[]) => aGlobalPolicy({ tier, egress }, { name: tier });

  it('Calico tiers count by order, smallest first, whatever the orders of their policies', () => {
    const tiers = [aTier('late', { order: 20 }), aTier('early', { order: 10 })];
    expect(reaches([...tiers, inTier('late', allow()), inTier('early', deny())], TEN)).toBe(false);
    expect(reaches([...tiers, inTier('late', deny()), inTier('early', allow())], TEN)).toBe(true);
  });

  it('Calico tiers of the same order count by name, and without one they have that of the tier "default"', () => {
    // `DefaultTierFields`, libcalico-go/lib/resources/tier.go
    const [a, z] = [aTier('a', {}), aTier('z', { order: null })];
    expect(reaches([a, inTier('a', allow()), inTier('default', deny())], TEN)).toBe(true);
    expect(reaches([z, inTier('z', allow()), inTier('default', deny())], TEN)).toBe(false);
    const last = aTier('b', { order: 1_000_001 });
    expect(reaches([z, last, inTier('z', allow()), inTier('b', deny())], TEN)).toBe(true);
  });

  it('Calico tiers are skipped from a rule that passes', () => {
    const tier = aTier('early', { order: 1 });
    const early = inTier('early', pass(to('10.0.0.0/16')), allowTen);
    const more = aGlobalPolicy({ tier: 'early', egress: [deny()] }, { name: 'more' });
    const late = inTier('default', deny(to('10.0.0.0/24')), allow(to('10.0.0.0/16')));
    expect(rangesOf([tier, early, more, late])).toEqual(['10.0.1.0-10.255.255.255 all']);
  });

  it('Calico tiers that pass all end at the profile, which allows', () => {
    expect(rangesOf([aTier('early', { order: 1 }), inTier('early', pass())])).toEqual(EVERYWHERE);
    expect(rangesOf([inTier('default', pass())])).toEqual(EVERYWHERE);
  });

  it('Calico tiers deny what passes to them and no rule there matches', () => {
    const tier = aTier('early', { order: 1 });
    expect(rangesOf([tier, inTier('early', pass()), inTier('default', allowTen)])).toEqual(ALL_OF_TEN);
  });

  it('a Calico tier does nothing for a pod that none of its policies selects for egress', () => {
    const tier = aTier('early', { order: 1 });
    const others = [
      aGlobalPolicy({ tier: 'early', selector: "app == 'x'", egress: [deny()] }),
      aGlobalPolicy({ tier: 'early', types: ['Ingress'] }, { name: 'in' }),
    ];
    expect(rangesOf([tier, ...others])).toEqual(EVERYWHERE);
  });

  it('Calico tiers for administrators exist without an object', () => {
    // api/pkg/apis/projectcalico/v3/tier.go; until 3.31 they had other names.
    for (const [early, late] of [
      ['kube-admin', 'kube-baseline'],
      ['adminnetworkpolicy', 'baselineadminnetworkpolicy'],
    ]) {
      const policies = [
        inTier(early ?? '', deny(to('10.0.0.0/16'))),
        inTier(late ?? '', deny(to('11.0.0.0/8'))),
      ];
      expect(reaches(policies, TEN)).toBe(false);
      expect(reaches(policies, '10.1.0.0')).toBe(true);
      expect(reaches(policies, '11.0.0.0')).toBe(false);
      expect(reaches([...policies, inTier('default', allow())], '11.0.0.0')).toBe(true);
    }
  });

  it('Calico tiers that were not read leave nothing certain but what cannot be allowed', () => {
    const policies = [inTier('secret', allowTen), inTier('default', allow(to('11.0.0.0/8')))];
    const view = viewOf(policies);
    expect(view.undecided?.message).toMatch(/spec\.tier names "secret", a tier that was not read/);
    // What passes is not denied by others of the tier.
    const passing = {
      ...inTier('default', pass(to('10.0.0.0/8'))),
      spec: { types: ['Egress'], order: 'x', egress: [pass(to('10.0.0.0/8'))] },
    };
    expect(viewOf([passing, aGlobalPolicy({ egress: [] }, { name: 'closed' })]).reaches(TEN, 443)).toBe(true);
    const names = viewOf([inTier('secret', allow({ domains: ['a.example'] }))]);
    expect(names.hostsUnder(['example'])).toEqual([{ host: 'a.example', ports: 'all' }]);
    expect(['10.0.0.1', '11.0.0.1', '12.0.0.1'].map((address) => view.reaches(address, 443))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it.each([{ order: '1' }, { order: Number.NaN }, { defaultAction: 'Allow' }, { more: 1 }, 'x', [1]])(
    'Calico tiers as %j are unknown',
    (spec) => {
      expect(whyUnknown([aTier('odd', spec), inTier('odd', allow())])).toMatch(/of Tier odd (is|has)/);
    },
  );
});

describe('which pods a policy selects', () => {
  const isSelected = (policy: Parameters<typeof rangesOf>[0][number], around: Around = {}) =>
    rangesOf([policy], around).length === 0;
  const of = (namespace: string, labels = {}): Around => ({ pod: { namespace, labels } });
  const NAMESPACES = { default: { env: 'prod' }, other: { env: 'dev', team: 'a' } };

  it('a Calico policy selects pods in its namespace by their labels', () => {
    const policy = aCalicoPolicy({ selector: "role == 'db' && !has(canary)" });
    expect(isSelected(policy, of('default', { role: 'db' }))).toBe(true);
    expect(isSelected(policy, of('default', { role: 'db', canary: '' }))).toBe(false);
    expect(isSelected(policy, of('default'))).toBe(false);
    expect(isSelected(policy, of('other', { role: 'db' }))).toBe(false);
    expect(isSelected(aCalicoPolicy(), of('default'))).toBe(true);
  });

  it('a global Calico policy selects pods everywhere, even where namespaces could not be read', () => {
    expect(isSelected(aGlobalPolicy({ selector: 'all()' }), of('other'))).toBe(true);
    expect(
      isSelected(aGlobalPolicy({ namespaceSelector: 'all()' }), { ...of('other'), namespaces: {} }),
    ).toBe(true);
  });

  it('a global Calico policy selects pods by labels of their namespaces', () => {
    const policy = aGlobalPolicy({ namespaceSelector: "env == 'prod'", selector: 'has(app)' });
    const namespaces = NAMESPACES;
    expect(isSelected(policy, { ...of('default', { app: '' }), namespaces })).toBe(true);
    expect(isSelected(policy, { ...of('default'), namespaces })).toBe(false);
    expect(isSelected(policy, { ...of('other', { app: '' }), namespaces })).toBe(false);
    expect(whyUnknown([policy], { ...of('other', { app: '' }), namespaces: {} })).toMatch(
      /labels of its namespace/,
    );
  });

  it.each([
    ['namespaceSelector', "projectcalico.org/name == 'other'"],
    ['namespaceSelector', "kubernetes.io/metadata.name == 'other'"],
    ['selector', "projectcalico.org/namespace == 'other'"],
    ['selector', "projectcalico.org/namespace != 'default'"],
    ['selector', "!(projectcalico.org/namespace in {'default', 'kube-system'})"],
    ['selector', "pcns.projectcalico.org/name starts with 'oth'"],
  ])('a Calico policy selects pods by the name of their namespace: %s %s', (field, selector) => {
    const policy = aGlobalPolicy({ [field]: selector });
    for (const namespaces of [NAMESPACES, {}]) {
      expect(isSelected(policy, { ...of('other'), namespaces })).toBe(true);
      expect(isSelected(policy, { ...of('default'), namespaces })).toBe(false);
    }
  });

  it('a Calico policy selects pods by labels of namespaces in an ordinary selector', () => {
    const policy = aGlobalPolicy({ selector: "pcns.env == 'dev' && pcns.team in {'a', 'b'}" });
    expect(isSelected(policy, { ...of('other'), namespaces: NAMESPACES })).toBe(true);
    expect(isSelected(policy, { ...of('default'), namespaces: NAMESPACES })).toBe(false);
  });

  it('a Calico policy selects pods by either the namespace or the pod', () => {
    const policy = aGlobalPolicy({ selector: "projectcalico.org/namespace == 'other' || app == 'x'" });
    expect(isSelected(policy, of('other'))).toBe(true);
    expect(isSelected(policy, of('default', { app: 'x' }))).toBe(true);
    expect(isSelected(policy, of('default'))).toBe(false);
    const mixed = aGlobalPolicy({
      selector: "(pcns.env == 'dev' && has(a)) || (pcns.env == 'prod' && has(b))",
    });
    expect(isSelected(mixed, { ...of('other', { a: '' }), namespaces: NAMESPACES })).toBe(true);
    expect(isSelected(mixed, { ...of('default', { a: '' }), namespaces: NAMESPACES })).toBe(false);
    expect(isSelected(mixed, { ...of('default', { b: '' }), namespaces: NAMESPACES })).toBe(true);
  });

  it('the pods of a Calico policy are unknown if both selectors are mixed beyond a limit', () => {
    const parts = [...'abcdefg'].map((key) => `(pcns.${key} == 'x' && has(${key}))`);
    const selector = parts.map((part) => `(${part} || ${parts.join(' || ')})`).join(' && ');
    expect(whyUnknown([aGlobalPolicy({ selector, egress: [allow()] })])).toMatch(/too many ways/);
  });

  it('every pod has the Calico labels of the orchestrator and of its namespace', () => {
    expect(isSelected(aGlobalPolicy({ selector: "projectcalico.org/orchestrator == 'k8s'" }))).toBe(true);
    expect(isSelected(aGlobalPolicy({ selector: "projectcalico.org/orchestrator != 'k8s'" }))).toBe(false);
    expect(isSelected(aGlobalPolicy({ selector: 'has(projectcalico.org/namespace)' }))).toBe(true);
    expect(isSelected(aGlobalPolicy({ selector: '!has(projectcalico.org/namespace)' }))).toBe(false);
  });

  it('a Calico policy ignores labels with which a pod claims another namespace', () => {
    // workloadendpointprocessor.go: "This prevents a wep from pretending it is in another namespace."
    const posing = {
      'pcns.env': 'prod',
      'projectcalico.org/namespace': 'default',
      'projectcalico.org/orchestrator': 'x',
    };
    const around = { ...of('other', posing), namespaces: NAMESPACES };
    expect(isSelected(aGlobalPolicy({ namespaceSelector: "env == 'prod'" }), around)).toBe(false);
    expect(isSelected(aGlobalPolicy({ selector: "projectcalico.org/namespace == 'default'" }), around)).toBe(
      false,
    );
    expect(isSelected(aGlobalPolicy({ selector: "projectcalico.org/orchestrator == 'k8s'" }), around)).toBe(
      true,
    );
  });

  it.each([
    [{ selector: "projectcalico.org/serviceaccount == 'x'" }, true, false, false],
    [{ selector: '!has(projectcalico.org/serviceaccount)' }, false, false, true],
    // "app" is missing, so the other part decides.
    [{ selector: "app == 'x' || projectcalico.org/serviceaccount starts with 'x'" }, true, false, false],
  ])(
    'a Calico policy selects pods by the name of their service account, whatever labels they have: %j',
    (spec, x, y, none) => {
      const posing = { 'projectcalico.org/serviceaccount': 'x' };
      for (const policy of [aGlobalPolicy(spec), aCalicoPolicy(spec)]) {
        // That the object exists is not asked: the endpoint has the label from the pod.
        expect([...selectedLabelKeys([policy])]).toContain(SERVICE_ACCOUNT);
        expect([...selectedLabelKeys([policy])]).not.toContain(SERVICE_ACCOUNT_OBJECT);
        expect(isSelected(policy, { pod: { labels: { ...posing, [SERVICE_ACCOUNT]: 'x' } } })).toBe(x);
        expect(isSelected(policy, { pod: { labels: { ...posing, [SERVICE_ACCOUNT]: 'y' } } })).toBe(y);
        expect(isSelected(policy, { pod: { labels: posing } })).toBe(none);
      }
    },
  );

  describe('by ServiceAccount objects', () => {
    /** A pod that runs under this account; with labels by which it pretends to be of x. */
    const under = (name: string | null): Pod => ({
      labels: {
        'pcsa.projectcalico.org/name': 'x',
        'pcsa.team': 'a',
        ...(name === null ? {} : { [SERVICE_ACCOUNT]: name, [SERVICE_ACCOUNT_OBJECT]: `default/${name}` }),
      },
    });
    const serviceAccounts = accountsOf({
      'default/x': { team: 'a', 'projectcalico.org/name': 'posing' },
      'default/y': {},
      // Of the same name, in another namespace.
      'other/gone': { team: 'a' },
    });
    type Spec = Readonly<Record<string, unknown>>;

    it.each<[Spec, readonly (string | null)[]]>([
      [{ serviceAccountSelector: "projectcalico.org/name == 'x'" }, ['x']],
      [{ serviceAccountSelector: "projectcalico.org/name in {'x', 'gone'}" }, ['x']],
      [{ serviceAccountSelector: "projectcalico.org/name != 'x'" }, ['y', 'gone', null]],
      [{ serviceAccountSelector: "projectcalico.org/name != 'gone'" }, ['x', 'y', 'gone', null]],
      [{ serviceAccountSelector: 'has(projectcalico.org/name)' }, ['x', 'y']],
      [{ selector: "pcsa.projectcalico.org/name == 'x'" }, ['x']],
      [{ serviceAccountSelector: "team == 'a'" }, ['x']],
      [{ serviceAccountSelector: '!has(team)' }, ['y', 'gone', null]],
      [{ serviceAccountSelector: 'has(constructor)' }, []],
      [{ serviceAccountSelector: 'all()' }, ['x', 'y', 'gone', null]],
    ])('a selector of ServiceAccounts treats a deleted one as one without labels: %j', (spec, selected) => {
      for (const policy of [aGlobalPolicy(spec), aCalicoPolicy(spec)]) {
        const found = ['x', 'y', 'gone', null].filter((name) =>
          isSelected(policy, { pod: under(name), serviceAccounts }),
        );
        expect(found).toEqual(selected);
      }
    });

    it('a selector of unread ServiceAccounts is unknown, unless the result is the same either way', () => {
      const unread = (serviceAccountSelector: string, name: string) => [
        whyUnknown([aGlobalPolicy({ serviceAccountSelector })], { pod: under(name) }),
        whyUnknown([aCalicoPolicy({ serviceAccountSelector })], { pod: under(name) }),
      ];
      const open = /it selects pods by ServiceAccount objects, which were not all read/;
      for (const selector of [
        "projectcalico.org/name == 'x'",
        "team == 'a'",
        "projectcalico.org/name != 'x'",
      ]) {
        for (const why of unread(selector, 'x')) expect(why).toMatch(open);
      }
      for (const selector of [
        "projectcalico.org/name == 'x'",
        "projectcalico.org/name == 'x' && team == 'a'",
      ]) {
        expect(unread(selector, 'y')).toEqual(['known', 'known']);
      }
      expect(unread("projectcalico.org/name != 'x'", 'y')).toEqual(['known', 'known']);
    });

    it('a selector of ServiceAccounts is unknown only for those missing from the snapshot', () => {
      const some = { pod: under('x'), serviceAccounts: { ...serviceAccounts, complete: false } };
      const policy = aGlobalPolicy({ serviceAccountSelector: "team == 'a'" });
      expect(isSelected(policy, some)).toBe(true);
      expect(whyUnknown([policy], { ...some, pod: under('gone') })).toMatch(/not all read/);
    });

    it('ServiceAccounts are read only where a policy selects by them', () => {
      const asks = (spec: Spec) => selectedLabelKeys([aCalicoPolicy(spec)]).has(SERVICE_ACCOUNT_OBJECT);
      expect(asks({ selector: "projectcalico.org/serviceaccount == 'x'" })).toBe(false);
      expect(asks({ serviceAccountSelector: 'all()' })).toBe(false);
      expect(asks({ serviceAccountSelector: "projectcalico.org/name == 'x'" })).toBe(true);
      expect(asks({ selector: '!has(pcsa.team)' })).toBe(true);
    });
  });

  it('the classes of pods keep the labels that select ServiceAccounts', () => {
    const keys = selectedLabelKeys([
      aGlobalPolicy({
        selector: "a == 'x' || !has(b) && projectcalico.org/namespace == 'z'",
        namespaceSelector: 'has(not-of-pods)',
        egress: [allow({ selector: 'has(of-peers)' }, { source: { selector: "c starts with 'y'" } })],
      }),
    ]);
    expect([...keys].sort()).toEqual(['a', 'b', 'c']);
  });
});

describe('policies for host endpoints', () => {
  it('policies for host endpoints apply to pods too if they only apply on forward', () => {
    expect(rangesOf([aGlobalPolicy({ applyOnForward: true, egress: [allowTen] })])).toEqual(ALL_OF_TEN);
    expect(rangesOf([aGlobalPolicy({ doNotTrack: false, preDNAT: false, egress: [allowTen] })])).toEqual(
      ALL_OF_TEN,
    );
  });

  it('untracked policies for host endpoints may or may not apply to pods', () => {
    for (const flag of ['doNotTrack', 'preDNAT']) {
      const policy = aGlobalPolicy({ [flag]: true, applyOnForward: true, egress: [allowTen] });
      expect(whyUnknown([policy])).toMatch(/doNotTrack or preDNAT/);
      expect(rangesOf([aGlobalPolicy({ ...(policy.spec as object), selector: 'has(host)' })])).toEqual(
        EVERYWHERE,
      );
    }
  });
});

describe('what was read twice', () => {
  const policy = aCalicoPolicy({ egress: [allowTen] }, { name: 'mine' });
  const kept = asResource(policy);

  it('an object that was read twice counts once, and is unknown where the copies differ', () => {
    const older = { ...kept, spec: { types: ['Egress'], egress: [deny()] } };
    expect(rangesOf([kept, policy])).toEqual(ALL_OF_TEN);
    expect(viewOf([kept, policy]).answer.policies).toEqual(['Calico NetworkPolicy default/mine']);
    expect(whyUnknown([older, policy])).toMatch(/agents do not specify which API they read/);
    expect(whyUnknown([policy, older])).toMatch(/agents do not specify which API they read/);
    expect(rangesOf([older])).toEqual([]);
  });

  it('an object of the same name in another namespace is not a copy', () => {
    const elsewhere = { ...policy, namespace: 'other' };
    const another = { ...policy, kind: 'StagedNetworkPolicy' };
    expect(viewOf([kept, elsewhere, another]).answer.policies).toEqual(['Calico NetworkPolicy default/mine']);
  });

  it('the Kubernetes NetworkPolicy in the form of Calico is a copy of it', () => {
    const copy = aCalicoPolicy({ order: 1000, egress: [deny()] }, { name: 'knp.default.policy' });
    expect(viewOf([egressOf({}), copy]).answer.policies).toEqual(['NetworkPolicy default/policy']);
    // Without its original it is all that is known of the policy.
    expect(rangesOf([copy])).toEqual([]);
    expect(rangesOf([copy, { ...egressOf({}), namespace: 'other' }])).toEqual([]);
  });
});

describe("Kubernetes' NetworkPolicies among Calico's policies", () => {
  const core = egressOf({ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] });

  it('NetworkPolicies of Kubernetes have order 1000 in the tier "default"', () => {
    // `K8sNetworkPolicyToCalico`, libcalico-go/lib/backend/k8s/conversion/conversion.go
    expect(reaches([core, aGlobalPolicy({ order: 999, egress: [deny()] })], TEN)).toBe(false);
    expect(reaches([core, aGlobalPolicy({ order: 1001, egress: [deny()] })], TEN)).toBe(true);
    expect(reaches([core, aGlobalPolicy({ egress: [deny()] })], TEN)).toBe(true);
  });

  it('NetworkPolicies of Kubernetes and Calico policies that allow add up', () => {
    expect(rangesOf([core, aCalicoPolicy({ egress: [allow(to('11.0.0.0/8'))] })])).toEqual([
      '10.0.0.0-11.255.255.255 all',
    ]);
  });

  it('NetworkPolicies of Kubernetes do not decide what an earlier tier decides', () => {
    const tier = aTier('early', { order: 1 });
    const early = aGlobalPolicy({ tier: 'early', egress: [deny(to('10.0.0.0/16')), pass()] });
    expect(rangesOf([core, tier, early])).toEqual(['10.1.0.0-10.255.255.255 all']);
  });
});

describe('explanations', () => {
  const explained = (...objects: Parameters<typeof viewOf>[0]) =>
    viewOf(objects)
      .explain()
      .map(({ external, because }) => [...inShort([external]), ...because]);

  it('explanations name the rules that open ranges, those of both kinds of NetworkPolicy', () => {
    const objects = [
      aNetworkPolicy({ egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/9' } }] }] }, { name: 'same' }),
      aCalicoPolicy({ egress: [deny(to('10.0.0.0/16')), allow(to('10.0.0.0/8'))] }, { name: 'same' }),
    ];
    expect(explained(...objects)).toEqual([
      ['10.0.0.0-10.127.255.255 all', 'NetworkPolicy default/same: spec.egress[0]'],
      ['10.128.0.0-10.255.255.255 all', 'Calico NetworkPolicy default/same: spec.egress[1]'],
    ]);
  });

  it('explanations say where no rule decided', () => {
    const tier = aTier('early', { order: 1, defaultAction: 'Pass' });
    const early = aGlobalPolicy({ tier: 'early', egress: [deny(to('0.0.0.0/1')), allow(to('128.0.0.0/1'))] });
    expect(explained(tier, early)).toEqual([
      ['128.0.0.0-255.255.255.255 all', 'GlobalNetworkPolicy policy: spec.egress[1]'],
      [`${ALL_IPV6} all`, NO_RULE],
    ]);
  });

  it('explanations name the rule that counts for this pod', () => {
    const policy = aGlobalPolicy({
      egress: [allow({}, { source: { selector: 'has(a)' } }), allow(to('0.0.0.0/0'))],
    });
    expect(explained(policy)).toEqual([[`${ALL_IPV4} all`, 'GlobalNetworkPolicy policy: spec.egress[1]']]);
  });
});

describe('what of a policy is not understood', () => {
  it.each([
    ['spec is "x" and not an object', 'x'],
    ['spec has the unknown field "when"', { when: 1 }],
    ['spec.order is "1" and not a number', { order: '1' }],
    ['spec.tier is 7 and not a name', { tier: 7 }],
    ['spec.selector is "app" and not a selector', { selector: 'app' }],
    ['spec.selector is "global()" and not a selector', { selector: 'global()' }],
    ['spec.selector is " " and not a selector', { selector: ' ' }],
    ['spec.namespaceSelector is "global()" and not a selector', { namespaceSelector: 'global()' }],
    ['spec.serviceAccountSelector is 1 and not a selector', { serviceAccountSelector: 1 }],
    ['spec.egress is {} and not a list', { egress: {} }],
    ['spec.doNotTrack is "yes" and not true or false', { doNotTrack: 'yes' }],
  ])('a Calico policy that is not understood is unknown: %s', (message, spec) => {
    expect(whyUnknown([aGlobalPolicy(spec)])).toContain(`GlobalNetworkPolicy policy: ${message}`);
  });

  it('a Calico policy that is not understood leaves pods certain that it definitely does not select', () => {
    const broken = aGlobalPolicy({ selector: "app == 'x'", egress: ['broken'] });
    expect(rangesOf([broken])).toEqual(EVERYWHERE);
    expect(rangesOf([aCalicoPolicy('x')], { pod: { namespace: 'other' } })).toEqual(EVERYWHERE);
    expect(whyUnknown([broken], { pod: { labels: { app: 'x' } } })).toMatch(/spec\.egress\[0\] is "broken"/);
  });

  it('a Calico NetworkPolicy without a namespace is unknown', () => {
    expect(whyUnknown([aCalicoPolicy({}, { namespace: '' })])).toMatch(/metadata\.namespace is missing/);
  });

  it('a Calico tier that the name of the policy contradicts is unknown, where versions differ in which counts', () => {
    const tier = asResource(aTier('secure', { order: 1 }));
    const policy = asResource(aGlobalPolicy({ egress: [allow()] }, { name: 'secure.policy' }));
    expect(whyUnknown([tier, policy])).toMatch(/its name is of tier "secure", but spec\.tier is "default"/);
    expect(rangesOf([tier, { ...policy, spec: { tier: 'secure', egress: [allowTen] } }])).toEqual(ALL_OF_TEN);
  });

  it('each uncertainty about a Calico policy is said once', () => {
    const policy = aGlobalPolicy({
      selector: "projectcalico.org/namespace == 'default' || app == 'x'",
      order: 'x',
    });
    const message = whyUnknown([policy], { pod: { labels: { app: 'x' } } });
    expect(message.match(/spec\.order/g)).toHaveLength(1);
  });
});
