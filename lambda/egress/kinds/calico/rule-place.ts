import type { ParseContext } from '../../policies/policy.ts';
import type { CalicoRemarks } from './remarks.ts';

export interface RulePlace {
  /** e.g. `spec.egress[0]`. */
  readonly path: string;
  /** Of the policy, null for a global one. */
  readonly namespace: string | null;
  readonly context: ParseContext;
  readonly remarks: CalicoRemarks;
}
