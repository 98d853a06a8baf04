import type { EgressView } from '../../egress/answers/egress-view.ts';
import { placedPod } from '../../egress/enforcement/placed-pod.ts';
import type { PodClass } from '../../inventory/pod-class.ts';
import { once } from '../../once.ts';
import type { CheckContext } from '../check.ts';

/** What checks ask about the egress of a class: several ask the same. */
export function egressOf(
  subject: PodClass,
  viewOf: (subject: PodClass) => EgressView,
): Pick<CheckContext, 'egress' | 'reach' | 'enforcement' | 'unenforced'> {
  const egress = once(() => viewOf(subject));
  const pod = once(() => placedPod(subject));
  return {
    egress,
    reach: once(() => egress().effective(pod())),
    enforcement: once(() => egress().enforcement(pod())),
    unenforced: once(() => egress().unenforced(pod())),
  };
}
