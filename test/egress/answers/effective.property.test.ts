import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeReach } from '../../../lambda/checks/egress/reach.ts';
import { defaultConfig } from '../../../lambda/config/load.ts';
import type { Effective } from '../../../lambda/egress/answers/effective.ts';
import type { ReachView } from '../../../lambda/egress/answers/reach-view.ts';
import { createEgress } from '../../../lambda/egress/engine.ts';
import type { NetworkFacts } from '../../../lambda/inventory/network.ts';
import type { NodeNetwork } from '../../../lambda/inventory/node-network.ts';
import type { PolicyAgent } from '../../../lambda/inventory/policy-agent.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { DEEP, runs } from '../../support/runs.ts';
import { SETTINGS } from '../enforcement/settings.ts';

/**
 * What is effective, against a model that enumerates every way in which policies may be enforced: what each engine
 * reads is said here anew, and what some policies come to is asked of the engine for these policies alone.
 */
const BLOCKS = ['0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/16', '203.0.113.0/24', '128.0.0.0/1'] as const;
const PROBES = ['10.1.0.1', '10.2.0.1', '203.0.113.7', '198.51.100.1', '8.8.8.8'] as const;

type KindName = 'core' | 'admin' | 'baseline' | 'application' | 'calico';

const block = fc.constantFrom(...BLOCKS);
const blocks = fc.uniqueArray(block, { minLength: 1, maxLength: 2 });
const action = fc.constantFrom('Allow', 'Deny', 'Pass');
const adminRules = fc.array(fc.record({ action, to: blocks.map((networks) => [{ networks }]) }), {
  minLength: 1,
  maxLength: 2,
});
const coreRules = fc.array(
  blocks.map((cidrs) => ({ to: cidrs.map((cidr) => ({ ipBlock: { cidr } })) })),
  { maxLength: 2 },
);

const object = (type: string, of: string, spec: unknown): PolicyObject => {
  const [apiVersion = '', kind = ''] = type.split(' ');
  const [namespace = '', name = ''] = of.split('/');
  return { apiVersion, kind, namespace, name, labels: {}, spec };
};

const ADMIN = 'policy.networking.k8s.io/v1alpha1';
const isolating = (egress: unknown) => ({ podSelector: {}, policyTypes: ['Egress'], egress });

/** One policy of a kind; the number keeps names and priorities apart. */
const policyOf: Readonly<Record<KindName, (at: number) => fc.Arbitrary<PolicyObject>>> = {
  core: (at) =>
    coreRules.map((egress) =>
      object('networking.k8s.io/v1 NetworkPolicy', `shop/core-${at}`, isolating(egress)),
    ),
  application: (at) =>
    coreRules.map((egress) =>
      object('networking.k8s.aws/v1alpha1 ApplicationNetworkPolicy', `shop/app-${at}`, isolating(egress)),
    ),
  admin: (at) =>
    adminRules.map((egress) =>
      object(`${ADMIN} AdminNetworkPolicy`, `/admin-${at}`, {
        priority: at,
        subject: { namespaces: {} },
        egress,
      }),
    ),
  baseline: () =>
    adminRules.map((rules) =>
      object(`${ADMIN} BaselineAdminNetworkPolicy`, '/default', {
        subject: { namespaces: {} },
        egress: rules.filter((rule) => rule.action !== 'Pass'),
      }),
    ),
  calico: (at) =>
    fc
      .array(fc.record({ action: fc.constantFrom('Allow', 'Deny'), nets: blocks }), {
        minLength: 1,
        maxLength: 2,
      })
      .map((rules) =>
        object('crd.projectcalico.org/v1 GlobalNetworkPolicy', `/gnp-${at}`, {
          order: at,
          types: ['Egress'],
          egress: rules.map((rule) => ({ action: rule.action, destination: { nets: rule.nets } })),
        }),
      ),
};

const KINDS = ['core', 'admin', 'baseline', 'application', 'calico'] as const satisfies readonly KindName[];
const kindName = ({ kind, apiVersion }: PolicyObject): KindName =>
  kind === 'NetworkPolicy'
    ? 'core'
    : kind === 'GlobalNetworkPolicy'
      ? 'calico'
      : apiVersion.startsWith('networking.k8s.aws')
        ? 'application'
        : kind === 'AdminNetworkPolicy'
          ? 'admin'
          : 'baseline';

const policiesOf = (mostKinds: number) =>
  fc
    .uniqueArray(fc.constantFrom(...KINDS), { minLength: 1, maxLength: mostKinds })
    .chain((kinds) =>
      fc.tuple(...kinds.flatMap((kind, at) => [policyOf[kind](2 * at), policyOf[kind](2 * at + 1)])),
    )
    // There is one baseline.
    .map((all) => [...new Map(all.map((one) => [`${one.kind}/${one.name}`, one])).values()]);

const agent = (engine: PolicyAgent['engine'], facts: Partial<PolicyAgent> = {}): PolicyAgent => ({
  engine,
  container: 'agent',
  version: '1.0.0',
  enabled: true,
  running: true,
  ipv6: null,
  mode: 'standard',
  egressV4: null,
  egressV6: null,
  ...facts,
});

type Answer = 'yes' | 'no' | 'perhaps';
interface Place {
  readonly node: NodeNetwork;
  /** Whether anything may be switched off as a whole. */
  readonly perhapsOff: boolean;
  readonly reads: Readonly<Record<KindName, Answer>>;
}

const NONE = { core: 'no', admin: 'no', baseline: 'no', application: 'no', calico: 'no' } as const;
const ANY = {
  core: 'perhaps',
  admin: 'perhaps',
  baseline: 'perhaps',
  application: 'perhaps',
  calico: 'perhaps',
} as const;

/** Kinds of nodes, and what their engines read of which kinds by their documentation. */
const PLACES = {
  fargate: { node: { compute: 'fargate', agents: [] }, perhapsOff: false, reads: NONE },
  unknown: { node: { compute: 'ec2', agents: [] }, perhapsOff: true, reads: ANY },
  // The kinds for administrators from 3.30 on, until 3.32: not known without a version.
  calico: {
    node: { compute: 'ec2', agents: [agent('calico', { version: null })] },
    perhapsOff: false,
    reads: { ...NONE, core: 'yes', calico: 'yes', admin: 'perhaps', baseline: 'perhaps' },
  },
  stopped: {
    node: { compute: 'ec2', agents: [agent('calico', { version: '3.29.0', running: false })] },
    perhapsOff: true,
    reads: { ...NONE, core: 'yes', calico: 'yes' },
  },
  vpcCni: {
    node: { compute: 'ec2', agents: [agent('vpc-cni', { ipv6: false })] },
    perhapsOff: false,
    reads: { ...NONE, core: 'yes', application: 'perhaps' },
  },
} as const satisfies Readonly<Record<string, Place>>;

function effectiveOf(policies: readonly PolicyObject[], places: readonly Place[]): Effective {
  const kinds = places.map(({ node }) => node);
  const isUnknown = places.includes(PLACES.unknown);
  const network: NetworkFacts = {
    nodes: new Map(kinds.map((kind, at) => [`n${at}`, kind])),
    // Where an agent was seen elsewhere, a node without one has none.
    kinds,
    complete: !isUnknown,
    settings: { ...SETTINGS, ipFamily: null },
  };
  const engine = createEgress({ policies, namespaces: new Map(), config: defaultConfig().egress, network });
  return engine.view({ namespace: 'shop', labels: {}, hostNetwork: false }).effective({
    os: 'linux',
    standalone: false,
    placements: kinds.map((one) => ({ network: one, pods: 1 })),
  });
}

const NOTHING_ENFORCED: readonly PolicyObject[] = [];

function subsets<T>(items: readonly T[]): readonly (readonly T[])[] {
  return items.reduce<readonly (readonly T[])[]>(
    (all, item) => all.concat(all.map((one) => [...one, item])),
    [[]],
  );
}

/** Every set of policies that may be what is enforced at a place. */
function waysAt(
  policies: readonly PolicyObject[],
  { reads, perhapsOff }: Place,
): readonly (readonly PolicyObject[])[] {
  const open = KINDS.filter((kind) => reads[kind] === 'perhaps');
  const ways = subsets(open).map((some) =>
    policies.filter((one) => reads[kindName(one)] === 'yes' || some.includes(kindName(one))),
  );
  return perhapsOff ? [...ways, NOTHING_ENFORCED] : ways;
}

const reachesUnder = (policies: readonly PolicyObject[]): ReachView =>
  createEgress({ policies, namespaces: new Map(), config: defaultConfig().egress }).view({
    namespace: 'shop',
    labels: {},
    hostNetwork: false,
  });

type Verdict = 'fail' | 'pass' | 'open';

/** The verdict that the rule calls for: all ways fail, all pass, or neither. */
function modelOf(policies: readonly PolicyObject[], at: readonly Place[]): (address: string) => Verdict {
  const ways = at.map((place) => waysAt(policies, place).map(reachesUnder));
  return (address) => {
    // Pods are at all of the places, and the widest reach counts.
    const combinations = ways.reduce<readonly boolean[]>(
      (before, here) => {
        const open = here.map((reach) => reach.reaches(address, 443));
        return [...new Set(before.flatMap((one) => open.map((other) => one || other)))];
      },
      [false],
    );
    return combinations.every(Boolean) ? 'fail' : combinations.some(Boolean) ? 'open' : 'pass';
  };
}

function verdictOf(effective: Effective, address: string): Verdict {
  const found = judgeReach(effective, (reach) => (reach.reaches(address, 443) ? { address } : null));
  return found === null ? 'pass' : 'verdict' in found ? 'open' : 'fail';
}

const places = (...names: readonly (keyof typeof PLACES)[]) =>
  fc.uniqueArray(
    fc.constantFrom(...names).map((name): Place => PLACES[name]),
    { minLength: 1, maxLength: 2 },
  );

describe('what is effective', () => {
  test('what is effective decides exactly as all combinations of enforced policies together do', () => {
    const seen = { fail: 0, pass: 0, open: 0 };
    fc.assert(
      fc.property(
        policiesOf(4),
        fc.oneof(places('fargate', 'calico', 'stopped', 'vpcCni'), fc.constant([PLACES.unknown])),
        (policies, at) => {
          const effective = effectiveOf(policies, at);
          const model = modelOf(policies, at);
          for (const address of PROBES) {
            const verdict = verdictOf(effective, address);
            seen[verdict] += 1;
            expect({ address, verdict }).toEqual({ address, verdict: model(address) });
          }
        },
      ),
      { numRuns: runs(150) },
    );
    if (DEEP) expect(Math.min(seen.fail, seen.pass, seen.open)).toBeGreaterThan(5);
  });

  test('what is effective never contradicts a combination where there are too many to distinguish', () => {
    fc.assert(
      fc.property(
        fc.tuple(...KINDS.map((kind, at) => policyOf[kind](at))),
        places('unknown', 'fargate'),
        (policies, at) => {
          const effective = effectiveOf(policies, at);
          const model = modelOf(policies, at);
          for (const address of PROBES) {
            const verdict = verdictOf(effective, address);
            if (verdict !== 'open')
              expect({ address, verdict }).toEqual({ address, verdict: model(address) });
          }
        },
      ),
      { numRuns: runs(60) },
    );
  });
});
