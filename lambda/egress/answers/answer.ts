import type { EnforcedReach, Reach, Unknown } from '../sets/reach.ts';

/**
 * What checks judge (SPEC §7): what is enforced where that is known, what is declared for manifests; where what is
 * enforced is not known, the widest of the reaches that are possible.
 */
export interface EffectiveReach extends Reach {
  readonly basis: 'enforced' | 'declared' | 'unknown';
  /** Where it is not known: what is reached in any case. */
  readonly definite?: Reach;
  /** Why it is not known. */
  readonly because?: string;
}

/** The external egress of one class of pods, in the form of `egress -o json` (SPEC §4). */
export interface EgressAnswer {
  readonly declared: Reach | Unknown;
  readonly enforced: EnforcedReach;
  readonly effective: EffectiveReach;
  /** `Kind namespace/name`, sorted. */
  readonly policies: readonly string[];
  readonly notes: readonly string[];
}
