import type { ParseContext } from '../../policies/policy.ts';
import type { Bounds } from '../../sets/bounds.ts';
import type { HostMatch } from '../../sets/hosts.ts';
import type { RulePlace } from './remarks.ts';

export interface PeerPlace extends RulePlace {
  readonly context: ParseContext;
}

/** A host pattern; on which ports, the rest of the rule says. */
export type HostName = Pick<HostMatch, 'host' | 'wildcard'>;

/** Destinations outside the cluster that the peers of a rule match. */
export interface Peers {
  readonly match: Bounds;
  readonly hosts: readonly HostName[];
}
