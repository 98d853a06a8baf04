import { NO_NETWORK } from '../inventory/network.ts';
import { compareText } from '../inventory/workload.ts';
import { EVERYTHING, reachesTcp, subtract } from './address-set.ts';
import { externalRanges, hostRules } from './answer.ts';
import type { Approved } from './approved.ts';
import { doubtOf } from './doubt-remedies.ts';
import {
  type EnforcementInput,
  enforcedAnswer,
  enforcementNotes,
  judgeEnforcement,
} from './enforcement/judge.ts';
import { decide } from './evaluate.ts';
import { explain, explainHosts } from './explain.ts';
import { admitsUnder, type HostMatch } from './hosts.ts';
import type { EgressAnswer, EgressView, InternetReach } from './model.ts';
import { publicNamesOn } from './names-on-port.ts';
import type { Applied } from './policy.ts';
import { everyPortOf, hasPort, includesPorts, intersectPorts, onePort, unionPorts } from './port-set.ts';
import { publicShare } from './public-space.ts';
import type { Doubt } from './ties.ts';
import { toward } from './toward.ts';
import { unapprovedReach } from './unapproved.ts';

const ENFORCED_UNKNOWN =
  'Whether the network plugin of this cluster enforces these policies was not examined, so this is not known.';

/**
 * "NetworkPolicy behaviour for hostNetwork pods is undefined"; the most common one is that such pods
 * "are ignored when matching podSelector".
 * https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods
 */
const HOST_NETWORK =
  'The pod uses the network of its node (hostNetwork), where most network plugins apply no policy, so checks count everything as reachable.';

const EVERY_TCP_PORT = everyPortOf('TCP');
const WEB_PORTS = unionPorts(onePort('TCP', 80), onePort('TCP', 443));

export interface ViewInput {
  readonly applied: readonly Applied[];
  readonly hostNetwork: boolean;
  readonly approved: Approved;
  /** Which nodes enforce policies, and the objects that policies were parsed from. */
  readonly enforcement?: Pick<EnforcementInput, 'network' | 'objectsOf' | 'besides'>;
}

/**
 * The view of pods that these policies select. The answer is what the policies say. The other
 * members serve checks: for a pod on the network of its node they hold for everything, and where not
 * all is known for the widest possible reach, so that a check may warn too much but never gives a
 * false all clear.
 */
export function createView({ applied, hostNetwork, approved, enforcement }: ViewInput): EgressView {
  const decision = decide(applied);
  const doubts = [...doubtsOf(applied), ...decision.doubts];
  const undecided = decision.certain ? null : undecidedBecause(doubts);
  const reach = hostNetwork ? EVERYTHING : decision.reached.possibly;
  // What policies of a pod on the network of its node say by name has no effect, either.
  const hosts = hostNetwork ? [] : decision.hosts;
  const onEveryPort = once(() => publicShare(reach, (ports) => includesPorts(ports, EVERY_TCP_PORT)));
  const notApproved = once(() => subtract(reach, approved.addresses));
  const shares = new Map<number, InternetReach>();
  const answer: EgressAnswer = {
    // Printed when asked for and not kept: few ask, and the text is larger than all the rest.
    get declared() {
      return undecided === null
        ? { external: externalRanges(decision.reached.surely), hosts: hostRules(decision.hosts) }
        : { unknown: undecided.message };
    },
    enforced: { unknown: ENFORCED_UNKNOWN },
    policies: [...new Set(applied.map(({ policy }) => policy.name))].sort(),
    notes: [
      ...(hostNetwork ? [HOST_NETWORK] : []),
      ...atMost(MOST_NOTES, [
        ...new Set(applied.flatMap(({ policy }) => policy.notes)),
        ...(undecided === null
          ? doubts.map(({ what }) => `Not understood, but without effect here: ${what}.`)
          : []),
      ]),
      ...approved.notes,
    ],
  };
  const enforcing: EnforcementInput = {
    ...(enforcement ?? { network: NO_NETWORK, objectsOf: () => [], besides: [] }),
    applied,
    hostNetwork,
    undecided: undecided?.message ?? null,
  };
  return {
    answer,
    undecided: hostNetwork ? null : undecided,
    get internetOnEveryPort() {
      return onEveryPort();
    },
    internetOn(port) {
      const share =
        shares.get(port) ??
        publicShare(reach, (ports) => hasPort(ports, 'TCP', port), approved.publicBesides(port));
      shares.set(port, share);
      return share;
    },
    publicNamesOn: (port) => hostRules(publicNamesOn(hosts, port, approved)),
    reach,
    get notApproved() {
      return notApproved();
    },
    hosts,
    reaches: (address, port) => reachesTcp(reach, address, port),
    hostsUnder: (domains) => hostRules(decision.hosts.filter((host) => admitsWebUnder(host, domains))),
    unapproved: once(() => unapprovedReach(reach, decision.hosts, approved)),
    toward: (destination) => toward({ applied, decision }, destination),
    explain: () => explain(decision, applied.length > 0),
    explainHosts: () => explainHosts(decision),
    enforcement: (pod) => judgeEnforcement(enforcing, pod),
    enforced: (pod) => enforcedAnswer(enforcing, pod),
    enforcementNotes: (pod) => enforcementNotes(enforcing, pod),
  };
}

const admitsWebUnder = (host: HostMatch, domains: readonly string[]): boolean =>
  intersectPorts(host.ports, WEB_PORTS).length > 0 && domains.some((domain) => admitsUnder(host, domain));

const doubtsOf = (applied: readonly Applied[]): readonly Doubt[] => {
  const doubts = applied.flatMap(({ policy }) => policy.doubts.map((doubt) => doubtOf(policy.name, doubt)));
  const distinct = new Map(doubts.map((doubt) => [doubt.what, doubt]));
  return [...distinct.values()].sort((a, b) => compareText(a.what, b.what));
};

const MOST_NOTES = 20;

/** A policy of a thousand odd rules must not drown the rest. */
const atMost = (most: number, notes: readonly string[]): readonly string[] =>
  notes.length <= most
    ? notes
    : [...notes.slice(0, most), `And ${notes.length - most} more notes of this kind.`];

const MOST_DOUBTS = 3;

function undecidedBecause(doubts: readonly Doubt[]): NonNullable<EgressView['undecided']> {
  const listed = doubts.slice(0, MOST_DOUBTS);
  const more = doubts.length - listed.length;
  const what = listed.map((doubt) => doubt.what).join('; ');
  return {
    reason: 'policy-not-understood',
    message: `What this pod may reach cannot be known: ${what}${more > 0 ? `; and ${more} more` : ''}.`,
    remedy: [...new Set(listed.map(({ remedy }) => remedy))].join(' '),
  };
}

function once<T>(compute: () => T): () => T {
  let result: { readonly value: T } | null = null;
  return () => {
    result ??= { value: compute() };
    return result.value;
  };
}
