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
 * A gap for each object whose pods are not known, in one sentence for all of a kind.
 *
 * @param isKnown whether pods or templates of a workload are there, which say more than the object
 */
export function withoutTemplateGaps(
  objects: readonly WithoutTemplate[],
  isKnown: (key: string) => boolean,
): readonly Gap[] {
  const open = objects.filter(({ workload }) => !isKnown(workloadKey(workload)));
  const alike = Map.groupBy(open, ({ self, of }) => JSON.stringify([self.kind, of?.kind]));
  return [...alike.values()].flatMap((group) => {
    const text = textOf(group);
    return group.map(
      ({ self }): Gap => ({ resource: 'pods', reason: 'malformed-object', scope: self, ...text }),
    );
  });
}

const title = ({ namespace, kind, name }: WorkloadRef): string => `${kind} ${namespace}/${name}`;

function textOf(group: readonly WithoutTemplate[]): Pick<Gap, 'message' | 'remedy'> {
  const [{ self, of }] = group as [WithoutTemplate];
  const isOne = group.length === 1;
  const subject = isOne
    ? title(self)
    : `${group.length} objects of the kind ${self.kind} (the first is ${title(self)})`;
  if (of !== undefined) {
    return {
      message: isOne
        ? `${subject} makes its pods by the template of ${title(of)} (spec.workloadRef), which was not found.`
        : `${subject} make their pods by templates of the kind ${of.kind} (spec.workloadRef), which were not found.`,
      remedy: `Include the objects of the kind ${of.kind}, or the pods.`,
    };
  }
  return {
    message: `${subject} ${isOne ? 'has' : 'have'} no pod template that can be understood, and no pods are there.`,
    remedy: `Give each ${self.kind} as a whole (kubectl get -o yaml), or its pods; kubectl explain ${self.kind.toLowerCase()} shows the fields.`,
  };
}
