import type { GapReason } from '../../inventory/gap.ts';
import type { Enforcement } from '../enforcement/enforcement.ts';
import type { PlacedPod } from '../enforcement/placed-pod.ts';
import type { AddressSet } from '../sets/address-set.ts';
import type { EgressAnswer } from './answer.ts';
import type { Destination } from './destination.ts';
import type { Effective } from './effective.ts';
import type { Explanation, HostExplanation } from './explain.ts';
import type { ReachView } from './reach-view.ts';
import type { TowardDestination } from './toward-destination.ts';

/**
 * What checks ask about the egress of a class. Pure, computed once per distinct set of policies.
 *
 * `answer` and `explain` tell what the policies say, and so do the members of {@link ReachView}: for the widest reach
 * that they may mean. Checks judge `effective`.
 */
export interface EgressView extends ReachView {
  /** What the policies say, wherever the pods are; its ranges are printed on each access. */
  readonly answer: Omit<EgressAnswer, 'effective'>;
  /** What the policies definitely say is reached, by NAT64, too; `reach` is the most that they may say. */
  readonly definiteReach: AddressSet;
  /** Set when what the policies say cannot be known. */
  readonly undecided: {
    readonly reason: GapReason;
    readonly message: string;
    readonly remedy: string;
  } | null;
  /** How the policies stand to a destination, whether they are enforced or not. */
  towardDestination(destination: Destination): TowardDestination;
  /** Where not all is known: of what is definitely reachable. */
  explain(): readonly Explanation[];
  /** The same of host rules, sorted by name. */
  explainHosts(): readonly HostExplanation[];
  /** Whether the policies are enforced where the pods are. */
  enforcement(pod: PlacedPod): Enforcement;
  /** Why no policy at all would have an effect where the pods are: sentences, that of most pods first. */
  unenforced(pod: PlacedPod): readonly string[];
  /** What these pods reach where they are: what checks judge. The same object for pods that fare alike. */
  effective(pod: PlacedPod): Effective;
  /** What these pods may reach where they are, in the form of the answer; `answer` knows no nodes. */
  enforced(pod: PlacedPod): EgressAnswer['enforced'];
  /** What must be known to read that right: sentences with links. */
  enforcementNotes(pod: PlacedPod): readonly string[];
}
