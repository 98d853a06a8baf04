import { NO_NETWORK } from '../../inventory/network.ts';
import { compareText } from '../../inventory/workload.ts';
import { once } from '../../once.ts';
import type { Budget } from '../../work.ts';
import type { Approved } from '../approved/approved.ts';
import { type Decision, decide } from '../decide/evaluate.ts';
import type { Uncertainty } from '../decide/ties.ts';
import { uncertaintyOf } from '../decide/uncertainty-remedies.ts';
import {
  type EnforcementInput,
  enforcementNotes,
  judgeEnforcement,
  unenforced,
} from '../enforcement/judge.ts';
import type { Applied } from '../policies/policy.ts';
import { EVERYTHING } from '../sets/address-set.ts';
import { withNat64 } from '../sets/nat64.ts';
import { externalRanges, hostRules } from '../sets/printed.ts';
import { createEffective, enforcedAnswer } from './effective.ts';
import type { EgressView } from './egress-view.ts';
import { explain, explainHosts } from './explain.ts';
import { createReachView } from './reach-view.ts';
import { towardDestination } from './toward-destination.ts';

const ENFORCED_UNKNOWN =
  'Whether the network plugin of this cluster enforces these policies was not examined, so this is not known.';

/**
 * "NetworkPolicy behaviour for hostNetwork pods is undefined"; the most common one is that such pods
 * "are ignored when matching podSelector".
 * https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods
 */
const HOST_NETWORK =
  'The pod uses the network of its node (hostNetwork), where most network plugins apply no policy, so checks count everything as reachable.';

export interface ViewInput {
  readonly applied: readonly Applied[];
  readonly hostNetwork: boolean;
  readonly approved: Approved;
  /** What it may take to decide the policies of this namespace. @defaultValue each set of policies has its own */
  readonly budget?: Budget | undefined;
  /** Which nodes enforce policies, and the objects that policies were parsed from. */
  readonly enforcement?: Pick<
    EnforcementInput,
    'network' | 'objectsOf' | 'unselectedPolicies' | 'ingressOnly' | 'asDeclared'
  >;
}

/**
 * The view of pods that these policies select. The answer is what the policies say. The other
 * members serve checks: for a pod on the network of its node they hold for everything, and where not
 * all is known for the widest possible reach, so that a check may warn too much but never gives a
 * false all clear.
 */
export function createView({ applied, hostNetwork, approved, enforcement, budget }: ViewInput): EgressView {
  const decision = decide(applied, budget);
  const uncertainties = [...uncertaintiesOf(applied), ...decision.uncertainties];
  const undecided = decision.certain ? null : undecidedBecause(uncertainties);
  const policies = [...new Set(applied.map(({ policy }) => policy.name))].sort();
  const answer: EgressView['answer'] = {
    // Printed when asked for and not kept: few ask, and the text is larger than all the rest.
    get declared() {
      return undecided === null
        ? { external: externalRanges(decision.reached.definite), hosts: hostRules(decision.hosts) }
        : { unknown: undecided.message };
    },
    enforced: { unknown: ENFORCED_UNKNOWN },
    policies,
    notes: [
      ...(hostNetwork ? [HOST_NETWORK] : []),
      ...atMost(MOST_NOTES, [
        ...new Set([...new Set(applied.map(({ policy }) => policy.notes))].flat()),
        ...(undecided === null
          ? uncertainties.map(({ what }) => `Not understood, but without effect here: ${what}.`)
          : []),
      ]),
      ...approved.notes,
    ],
  };
  const enforcing: EnforcementInput = {
    ...(enforcement ?? {
      network: NO_NETWORK,
      objectsOf: () => [],
      unselectedPolicies: [],
      ingressOnly: null,
      asDeclared: false,
    }),
    applied,
    hostNetwork,
    undecided,
    decideOf: createDecisions(applied, decision, budget),
  };
  const effective = createEffective(enforcing, approved);
  const declared = createReachView(
    {
      addresses: hostNetwork ? EVERYTHING : decision.reached.potential,
      // What policies of a pod on the network of its node say by name has no effect, either.
      hosts: hostNetwork ? [] : decision.hosts,
      decided: [{ decision, policies }],
      opened: [],
    },
    approved,
  );
  const definite = once(() => withNat64(hostNetwork ? EVERYTHING : decision.reached.definite));
  return {
    // Not a spread, which would compute all of them when the view is made.
    internetOn: declared.internetOn,
    publicNamesOn: declared.publicNamesOn,
    hosts: declared.hosts,
    reaches: declared.reaches,
    hostsUnder: declared.hostsUnder,
    patterns: declared.patterns,
    unapproved: declared.unapproved,
    because: declared.because,
    openedBy: declared.openedBy,
    get internetOnEveryPort() {
      return declared.internetOnEveryPort;
    },
    get internetByEveryProtocol() {
      return declared.internetByEveryProtocol;
    },
    get everything() {
      return declared.everything;
    },
    get reach() {
      return declared.reach;
    },
    get notApproved() {
      return declared.notApproved;
    },
    answer,
    get definiteReach() {
      return undecided === null ? declared.reach : definite();
    },
    undecided: hostNetwork ? null : undecided,
    towardDestination: (destination) => towardDestination({ applied, decision }, destination),
    explain: () => explain(decision, applied.length > 0),
    explainHosts: () => explainHosts(decision),
    enforcement: (pod) => judgeEnforcement(enforcing, pod),
    unenforced: (pod) => unenforced(enforcing, pod),
    effective: (pod) => effective(pod),
    enforced: (pod) => enforcedAnswer(effective(pod)),
    enforcementNotes: (pod) => enforcementNotes(enforcing, pod),
  };
}

/** Remembers what few sets of policies come to: all of them, most of the time. */
function createDecisions(
  all: readonly Applied[],
  decision: Decision,
  budget: Budget | undefined,
): (applied: readonly Applied[]) => Decision {
  const known = new Map<string, Decision>();
  const ids = new Map(all.map(({ policy }, id) => [policy, id]));
  const isAll = (some: readonly Applied[]): boolean =>
    some.length === all.length && some.every((one, at) => one === all[at]);
  return (some) => {
    if (isAll(some)) return decision;
    // Policies that an engine makes of others are its own.
    if (some.some(({ policy }) => !ids.has(policy))) return decide(some, budget);
    const key = some.map(({ policy, definite }) => `${ids.get(policy)}${definite ? '' : '?'}`).join();
    const made = known.get(key) ?? decide(some, budget);
    known.set(key, made);
    return made;
  };
}

const uncertaintiesOf = (applied: readonly Applied[]): readonly Uncertainty[] => {
  // Parts of one object share their list, and may be thousands.
  const lists = new Map(applied.map(({ policy }) => [policy.uncertainties, policy.name]));
  const uncertainties = [...lists].flatMap(([list, name]) =>
    list.map((uncertainty) => uncertaintyOf(name, uncertainty)),
  );
  const distinct = new Map(uncertainties.map((uncertainty) => [uncertainty.what, uncertainty]));
  return [...distinct.values()].sort((a, b) => compareText(a.what, b.what));
};

const MOST_NOTES = 20;

/** A policy of a thousand odd rules must not drown the rest. */
const atMost = (most: number, notes: readonly string[]): readonly string[] =>
  notes.length <= most
    ? notes
    : [...notes.slice(0, most), `And ${notes.length - most} more notes of this kind.`];

const MOST_UNCERTAINTIES = 3;

function undecidedBecause(uncertainties: readonly Uncertainty[]): NonNullable<EgressView['undecided']> {
  const listed = uncertainties.slice(0, MOST_UNCERTAINTIES);
  const more = uncertainties.length - listed.length;
  const what = listed.map((uncertainty) => uncertainty.what).join('; ');
  return {
    reason: 'policy-not-understood',
    message: `What this pod may reach is not known: ${what}${more > 0 ? `; and ${more} more` : ''}.`,
    remedy: [...new Set(listed.map(({ remedy }) => remedy))].join(' '),
  };
}
