import type { PolicyObject } from '../../lambda/inventory/policy-object.ts';
import { isAllowed, isolates, type Traffic } from './brute-force.ts';
import { inTier, type Outcome, type Place, tierOutcomes } from './kinds/brute-force-admin.ts';
import { firstVerdict, isCore, orderOf, tiersOf, type World } from './kinds/brute-force-calico.ts';
import {
  type CiliumPlace,
  closes,
  isCiliumPolicy,
  ruleMatches,
  specsFor,
} from './kinds/brute-force-cilium.ts';

/**
 * All kinds in one cluster, one packet at a time, each kind by its own brute force. They meet on the
 * tiers, whose orders are Calico's: policies for administrators before NetworkPolicies and after them,
 * Calico's own tiers wherever their orders put them. Calico's policies must have orders of their own,
 * and not that of NetworkPolicies, since only Calico says what comes first where they are equal.
 */

type Any = Parameters<typeof closes>[0];

interface Tier {
  readonly order: number;
  readonly name: string;
  readonly outcomes: (traffic: Traffic) => ReadonlySet<Outcome>;
}

/** Whether a packet may be allowed, and whether it may be denied. */
export function mixedJudgeOf(world: World): (traffic: Traffic) => ReadonlySet<boolean> {
  const namespaceLabels = world.namespaces[world.pod.namespace] ?? {};
  const place: Place & CiliumPlace = { pod: world.pod, namespaceLabels };
  const tiers = [...calicoTiers(world), ...adminTiers(world, place), networkPolicyTier(world, place)];
  tiers.sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1));
  return (traffic) => {
    const results = new Set<boolean>();
    for (const { outcomes } of tiers) {
      const found = outcomes(traffic);
      if (found.has('allow')) results.add(true);
      if (found.has('deny')) results.add(false);
      if (!found.has('next')) return results;
    }
    return results.add(true);
  };
}

/** Whether the policies for administrators leave the packet's fate in their own tier open. */
export function isOpen({ objects, namespaces, pod }: World, traffic: Traffic): boolean {
  const place: Place = { pod, namespaceLabels: namespaces[pod.namespace] ?? {} };
  return (['Admin', 'Baseline'] as const).some(
    (tier) => tierOutcomes(inTier(objects, tier, place), traffic).size > 1,
  );
}

const adminTiers = ({ objects }: World, place: Place): readonly Tier[] =>
  (
    [
      ['Admin', 'kube-admin', 1000],
      ['Baseline', 'kube-baseline', 10_000_000],
    ] as const
  ).map(([tier, name, order]) => {
    const policies = inTier(objects, tier, place);
    return { name, order, outcomes: (traffic) => tierOutcomes(policies, traffic) };
  });

const calicoTiers = (world: World): readonly Tier[] =>
  tiersOf(world)
    .filter(({ name }) => name !== 'default')
    .map(({ name, order, action, policies }) => ({
      name,
      order,
      outcomes(traffic): ReadonlySet<Outcome> {
        if (policies.length === 0) return new Set(['next']);
        const { verdict } = firstVerdict(policies, world, traffic);
        return new Set([toOutcome(verdict ?? action)]);
      },
    }));

const toOutcome = (verdict: string): Outcome =>
  verdict === 'Allow' ? 'allow' : verdict === 'Deny' ? 'deny' : 'next';

/** What Cilium denies, then Calico's policies up to the order of NetworkPolicies, then whatever these allow. */
function networkPolicyTier(world: World, place: CiliumPlace): Tier {
  const { objects, pod } = world;
  const ofCalico = (tiersOf(world).find(({ name }) => name === 'default')?.policies ?? []).filter(
    (policy) => !isCore(policy),
  );
  const before = ofCalico.filter((policy) => orderOf(policy) < 1000);
  const after = ofCalico.filter((policy) => orderOf(policy) > 1000);
  const additive = objects.filter((one) => isNamespaced(one) && isolates(one, pod));
  const cilium = objects.filter(isCiliumPolicy).flatMap((object) => specsFor(object, place));
  const isClosed = ofCalico.length > 0 || additive.length > 0 || cilium.some(closes);
  const outcome = (traffic: Traffic): Outcome => {
    const someOf = (rules: readonly Any[] | undefined) =>
      (rules ?? []).some((rule) => ruleMatches(rule, objects, traffic));
    if (cilium.some((spec) => someOf(spec.egressDeny))) return 'deny';
    const early = firstVerdict(before, world, traffic).verdict;
    if (early !== null) return toOutcome(early);
    if (additive.length > 0 && isAllowed(additive, pod, traffic)) return 'allow';
    if (cilium.some((spec) => someOf(spec.egress))) return 'allow';
    const late = firstVerdict(after, world, traffic).verdict;
    if (late !== null) return toOutcome(late);
    return isClosed ? 'deny' : 'next';
  };
  return { name: 'default', order: 1_000_000, outcomes: (traffic) => new Set([outcome(traffic)]) };
}

/** Without domain names Amazon's kind has the form of the core one. */
const isNamespaced = (object: PolicyObject): boolean =>
  isCore(object) || object.kind === 'ApplicationNetworkPolicy';
