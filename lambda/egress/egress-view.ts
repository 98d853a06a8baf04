import type { GapReason } from '../inventory/gap.ts';
import type { NodeNetwork } from '../inventory/node-network.ts';
import type { Destination } from './decide/destination.ts';
import type { PlacedPod } from './enforcement/judge.ts';
import type { HostMatch } from './policies/hosts.ts';
import type { AddressSet } from './sets/address-set.ts';

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/** Inclusive port interval of one protocol, 1 to 65535. */
export interface PortRange {
  readonly protocol: Protocol;
  readonly from: number;
  readonly to: number;
}

/** `all`: every port of TCP, UDP and SCTP. */
export type Ports = 'all' | readonly PortRange[];

/** Inclusive address range of one family, printed in its canonical form. */
export interface ExternalRange {
  readonly from: string;
  readonly to: string;
  readonly ports: Ports;
}

export interface HostRule {
  /** As in the policy, e.g. `*.example.com`. */
  readonly host: string;
  readonly ports: Ports;
}

/** Something about a class that its policies leave open. */
export interface Unknown {
  readonly unknown: string;
}

export interface Reach {
  /** Disjoint, merged, sorted; IPv6 after IPv4. */
  readonly external: readonly ExternalRange[];
  readonly hosts: readonly HostRule[];
}

/**
 * What checks judge (SPEC §7): what is enforced where that is known, what is declared for manifests; where what is
 * enforced is not known, the widest of the reaches that are possible.
 */
export interface EffectiveReach extends Reach {
  readonly basis: 'enforced' | 'declared' | 'unknown';
  /** Where it is not known: what is reached in any case. */
  readonly surely?: Reach;
  /** Why it is not known. */
  readonly because?: string;
}

/** The external egress of one class of pods, in the form of `egress -o json` (SPEC §4). */
export interface EgressAnswer {
  readonly declared: Reach | Unknown;
  readonly enforced: { readonly external: readonly ExternalRange[] } | Unknown;
  readonly effective: EffectiveReach;
  /** `Kind namespace/name`, sorted. */
  readonly policies: readonly string[];
  readonly notes: readonly string[];
}

/** A range and the rules that open it: `--explain`. */
export interface Explanation {
  readonly external: ExternalRange;
  /** e.g. `NetworkPolicy default/frontend: spec.egress[0]`, or why nothing restricts the pod. */
  readonly because: readonly string[];
}

/** A host rule and the rules that open it. */
export interface HostExplanation {
  readonly host: HostRule;
  readonly because: readonly string[];
}

/** How much of the public internet is reachable on a port. */
export interface InternetReach {
  /** Share of public IPv4 addresses, 0 to 1. */
  readonly ipv4: number;
  /** Share of global unicast IPv6 addresses (2000::/3), 0 to 1. */
  readonly ipv6: number;
}

/** What is reachable beyond the approved destinations. */
export interface UnapprovedReach {
  /** The first of them, as many as evidence holds. */
  readonly ranges: readonly ExternalRange[];
  readonly rangeCount: number;
  /** On all ranges, if they are the same. */
  readonly ports: Ports | null;
  readonly hosts: readonly HostRule[];
  /** Of public addresses, those among them, on whatever port. */
  readonly internet: InternetReach;
  /**
   * For people: what all of these may be instead, since its addresses are not known (approved AWS services, Services of
   * the cluster); none if something surely is not.
   */
  readonly perhaps: readonly string[];
}

/** How much of a destination; `perhaps` depends on which addresses a name has. */
export type Extent = 'all' | 'part' | 'perhaps' | 'unknown' | 'none';

/** How policies stand to a destination. */
export interface Toward {
  readonly declared: Extent;
  /** By host rules alone. */
  readonly byName: Extent;
  /** Of the destination what is surely reachable by address; of a name none, since it has no addresses here. */
  readonly external: readonly ExternalRange[];
  /** Host rules that admit it, or may. */
  readonly hosts: readonly HostRule[];
  /** Rules that open it, or that close it where all of it is closed. */
  readonly because: readonly string[];
}

/** Policies that have no effect on some pods. */
export interface EnforcementGap {
  readonly policies: readonly string[];
  /** One or two sentences. */
  readonly because: string;
  /** Where that is documented. */
  readonly link: string;
  readonly pods: number;
  /** The kind of node that they are on. */
  readonly on: NodeNetwork;
}

/** Whether the policies of some pods have an effect; `none`: there is none, or none can have one. */
export type Enforcement =
  | { readonly state: 'none' }
  | { readonly state: 'enforced'; readonly engines: readonly string[] }
  | {
      readonly state: 'not-enforced';
      readonly gaps: readonly EnforcementGap[];
      /** Whether a pod on the node of this name is among those. */
      readonly concerns: (node: string | null) => boolean;
    }
  | {
      readonly state: 'unknown';
      readonly reason: GapReason;
      readonly message: string;
      readonly remedy: string;
    };

/** Something of a reach, to ask what opens it: all of these. */
export interface Asked {
  /** Public addresses on these TCP ports; on every one: `all`. */
  readonly internet?: readonly number[] | 'all';
  readonly addresses?: readonly { readonly address: string; readonly port: number }[];
  readonly ranges?: readonly ExternalRange[];
  /** Host rules by their text. */
  readonly hosts?: readonly string[];
}

/** One reach that pods have, or may have: what checks ask of it. */
export interface ReachView {
  /** Whether nothing narrows it: every address of its families on every port. */
  readonly everything: boolean;
  /** Of public addresses, those reachable on all ports of TCP; by NAT64, too. */
  readonly internetOnEveryPort: InternetReach;
  /** Of public addresses, those reachable on the TCP port and not approved on it; by NAT64, too. */
  internetOn(port: number): InternetReach;
  /** Rules for public names that are open on the TCP port and not approved on it. */
  publicNamesOn(port: number): readonly HostRule[];
  /** Every address, on its ports; by NAT64, too. */
  readonly reach: AddressSet;
  /** The same without approved addresses. */
  readonly notApproved: AddressSet;
  /** The names that rules admit besides, on their ports. */
  readonly hosts: readonly HostMatch[];
  /**
   * Whether TCP `port` of the address is reachable.
   *
   * @throws TypeError if the text is no address
   */
  reaches(address: string, port: number): boolean;
  /** Host rules that admit a name under one of these domain suffixes on 80 or 443. */
  hostsUnder(suffixes: readonly string[]): readonly HostRule[];
  /** What is left without the approved destinations. */
  unapproved(): UnapprovedReach;
  /** The rules that open it, or that no rule does: the end of a sentence. */
  because(asked: Asked): string;
}

/** What pods reach where they are: one reach if that is known, else all that they may have. */
export interface Effective {
  readonly basis: EffectiveReach['basis'];
  /** The fullest enforcement first. A check fails if all of these fail, and passes if all of them pass. */
  readonly possible: readonly [ReachView, ...ReachView[]];
  /** Why there are several. */
  readonly unknown: {
    readonly reason: GapReason;
    readonly message: string;
    readonly remedy: string;
  } | null;
  /** In the form of the answer; printed on each access. */
  readonly answer: EffectiveReach;
}

/**
 * What checks ask about the egress of a class. Pure, computed once per distinct set of policies.
 *
 * `answer` and `explain` tell what the policies say, and so do the members of {@link ReachView}: for the widest reach
 * that they may mean. Checks judge `effective`.
 */
export interface EgressView extends ReachView {
  /** What the policies say, wherever the pods are; its ranges are printed on each access. */
  readonly answer: Omit<EgressAnswer, 'effective'>;
  /** What the policies surely say is reached, by NAT64, too; `reach` is the most that they may say. */
  readonly surelyReach: AddressSet;
  /** Set when what the policies say cannot be known. */
  readonly undecided: {
    readonly reason: GapReason;
    readonly message: string;
    readonly remedy: string;
  } | null;
  /** How the policies stand to a destination, whether they are enforced or not. */
  toward(destination: Destination): Toward;
  /** Where not all is known: of what is surely reachable. */
  explain(): readonly Explanation[];
  /** The same of host rules, sorted by name. */
  explainHosts(): readonly HostExplanation[];
  /** Whether the policies are enforced where the pods are. */
  enforcement(pod: PlacedPod): Enforcement;
  /** What these pods reach where they are: what checks judge. The same object for pods that fare alike. */
  effective(pod: PlacedPod): Effective;
  /** What these pods may reach where they are, in the form of the answer; `answer` knows no nodes. */
  enforced(pod: PlacedPod): EgressAnswer['enforced'];
  /** What must be known to read that right: sentences with links. */
  enforcementNotes(pod: PlacedPod): readonly string[];
}
