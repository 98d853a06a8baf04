import { CAUSE_KINDS, type CauseKind, type CauseObject, workloadObject } from '../findings/cause.ts';
import type { WorkloadRef } from '../inventory/names.ts';
import type { ContainerFacts } from '../inventory/pod.ts';
import { compareText } from '../inventory/workload.ts';

/** A cause without its cluster. */
export interface CauseRef {
  readonly kind: CauseKind;
  readonly object: CauseObject;
  /** See {@link file://../findings/cause.ts}. */
  readonly key?: string;
  /** See {@link file://../findings/cause.ts}. */
  readonly rules?: readonly string[];
}

/** Whether one change removes both. */
export const isSameCause = (a: CauseRef, b: CauseRef): boolean => a === b || textOf(a) === textOf(b);

/** For sorting, the preferred one first: the order does not depend on the order of objects. */
export const compareCauseRefs = (a: CauseRef, b: CauseRef): number =>
  CAUSE_KINDS.indexOf(a.kind) - CAUSE_KINDS.indexOf(b.kind) || compareText(textOf(a), textOf(b));

const textOf = ({ kind, key, object: { kind: of, namespace, name, part } }: CauseRef): string =>
  JSON.stringify(key === undefined ? [kind, of, namespace, name, part] : [kind, key]);

/** What to change about a workload that fails, where the outcome does not say it. */
export type CauseRule = (failing: {
  readonly workload: WorkloadRef;
  readonly container: string | null;
}) => CauseRef;

/** The kinds of causes that its findings may have, that of most of them first. */
export const causeKindsOf = ({
  cause,
  otherCauses = [],
}: {
  readonly cause: CauseRule;
  readonly otherCauses?: readonly CauseKind[];
}): readonly CauseKind[] => [
  cause({ workload: { namespace: '', kind: '', name: '' }, container: null }).kind,
  ...otherCauses,
];

/** The workload as a whole. */
export const ofWorkload =
  (kind: CauseKind): CauseRule =>
  ({ workload }) => ({ kind, object: workloadObject(workload) });

/** The container of its template that fails. */
export const ofContainer =
  (kind: CauseKind): CauseRule =>
  ({ workload, container }) => ({
    kind,
    object: workloadObject(workload, container === null ? null : `container ${container}`),
  });

/** The image of a workload as its template names it, whatever containers run it: one edit for all of them. */
export const ofImage = (
  workload: WorkloadRef,
  container: Pick<ContainerFacts, 'name' | 'type' | 'image'>,
): { readonly cause?: CauseRef } =>
  container.type === 'ephemeral' || container.image === null
    ? ofAttached(workload, container)
    : { cause: { kind: 'image-behind', object: workloadObject(workload, `image ${container.image}`) } };

/** What is in an image, whatever it is named by: only another image changes it. */
export const ofContent = (workload: WorkloadRef, image: string): CauseRef => ({
  kind: 'image-behind',
  object: workloadObject(workload, `content of image ${image}`),
});

/** A repository whose tags can be overwritten: one setting for all workloads that name one. */
export const ofRepository = (repository: string): CauseRef => ({
  kind: 'image-behind',
  object: { kind: 'Repository', namespace: null, name: repository, part: null },
});

/**
 * A container that was attached for debugging is in no template: what is wrong with it goes when its pod is replaced.
 * @returns what an outcome about another container leaves to its check
 */
export const ofAttached = (
  workload: WorkloadRef,
  { name, type }: Pick<ContainerFacts, 'name' | 'type'>,
): { readonly cause?: CauseRef } =>
  type === 'ephemeral' ? { cause: ofContainer('debug-left')({ workload, container: name }) } : {};
