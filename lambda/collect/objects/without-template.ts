import type { Gap } from '../../inventory/gap.ts';
import type { WorkloadRef } from '../../inventory/names.ts';
import { workloadKey } from '../../inventory/workload.ts';

/** An object that makes pods and does not say which. */
export interface WithoutTemplate {
  readonly self: WorkloadRef;
  readonly workload: WorkloadRef;
  /** The object whose template it uses, which is not there. */
  readonly of?: WorkloadRef;
}

/**
 * A gap for each object whose pods are not known. All of a kind have one remedy, by which reports show them as one.
 *
 * @param isKnown whether pods or templates of a workload are there, which say more than the object
 */
export const withoutTemplateGaps = (
  objects: readonly WithoutTemplate[],
  isKnown: (key: string) => boolean,
): readonly Gap[] =>
  objects
    .filter(({ workload }) => !isKnown(workloadKey(workload)))
    .map((one): Gap => ({ resource: 'pods', reason: 'malformed-object', scope: one.self, ...textOf(one) }));

const title = ({ namespace, kind, name }: WorkloadRef): string => `${kind} ${namespace}/${name}`;

function textOf({ self, of }: WithoutTemplate): Pick<Gap, 'message' | 'remedy'> {
  if (of !== undefined) {
    return {
      message: `${title(self)} makes its pods by the template of ${title(of)} (spec.workloadRef), which was not found.`,
      remedy: `Include the objects of the kind ${of.kind}, or the pods.`,
    };
  }
  return {
    message: `${title(self)} has no pod template that can be understood, and none of its pods is there.`,
    remedy: `Give each ${self.kind} as a whole (kubectl get -o yaml), or its pods; kubectl explain ${self.kind.toLowerCase()} shows the fields.`,
  };
}
