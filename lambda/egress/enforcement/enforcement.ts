import type { GapReason } from '../../inventory/gap.ts';
import type { NodeNetwork } from '../../inventory/node-network.ts';

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
