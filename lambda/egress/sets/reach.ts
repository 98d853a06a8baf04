import type { Ports } from './port-set.ts';

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

/** What is reached by address, as far as that is known. */
export type EnforcedReach = { readonly external: readonly ExternalRange[] } | Unknown;

/** How much of the public internet is reachable on a port. */
export interface InternetReach {
  /** Share of public IPv4 addresses, 0 to 1. */
  readonly ipv4: number;
  /** Share of global unicast IPv6 addresses (2000::/3), 0 to 1. */
  readonly ipv6: number;
}
