import type { GapReason } from '../inventory/model.ts';
import type { NodeNetwork } from '../inventory/network.ts';
import type { AddressSet } from './address-set.ts';
import type { Destination } from './destination.ts';
import type { PlacedPod } from './enforcement/judge.ts';
import type { HostMatch } from './hosts.ts';

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

/** The external egress of one class of pods, in the form of `egress -o json` (SPEC §4). */
export interface EgressAnswer {
  readonly declared: Reach | Unknown;
  readonly enforced: { readonly external: readonly ExternalRange[] } | Unknown;
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
  /** Approved AWS services whose addresses are not known and may be all of these; none if something surely is not. */
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

/**
 * What checks ask about the egress of a class. Pure, computed once per distinct set of policies.
 *
 * `answer` and `explain` tell what the policies say. The numbers and `reaches` tell what must be
 * reckoned with: everything for a pod on the network of its node, whose policies have no effect, and
 * the widest possible reach where not all is known.
 */
export interface EgressView {
  /** Its ranges are printed on each access. */
  readonly answer: EgressAnswer;
  /** Set when the reach of the pod cannot be known; checks are then not evaluated. */
  readonly undecided: {
    readonly reason: GapReason;
    readonly message: string;
    readonly remedy: string;
  } | null;
  /** Of public addresses, those reachable on all ports of TCP. */
  readonly internetOnEveryPort: InternetReach;
  /** Of public addresses, those reachable on the TCP port and not approved on it. */
  internetOn(port: number): InternetReach;
  /** Rules for public names that are open on the TCP port and not approved on it. */
  publicNamesOn(port: number): readonly HostRule[];
  /** Every address that must be reckoned with, on its ports. */
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
  /** How the policies stand to a destination, whether they are enforced or not. */
  toward(destination: Destination): Toward;
  /** Where not all is known: of what is surely reachable. */
  explain(): readonly Explanation[];
  /** The same of host rules, sorted by name. */
  explainHosts(): readonly HostExplanation[];
  /** Whether the policies are enforced where the pods are. */
  enforcement(pod: PlacedPod): Enforcement;
  /** What these pods may reach where they are, in the form of the answer; `answer` knows no nodes. */
  enforced(pod: PlacedPod): EgressAnswer['enforced'];
  /** What must be known to read that right: sentences with links. */
  enforcementNotes(pod: PlacedPod): readonly string[];
}
