import type { WorkloadRef } from '../inventory/names.ts';
import { workloadKey } from '../inventory/workload.ts';
import type { NotEvaluated } from './not-evaluated.ts';

/** Used instead of a check where what is new, fixed or gone could not be said. */
export const COMPARISON = 'comparison';

/** Whether it is known of a cluster which of its findings are new: where it is not, any of them may be. */
export const isCompared = ({
  notEvaluated,
}: {
  readonly notEvaluated: readonly Pick<NotEvaluated, 'check'>[];
}): boolean => notEvaluated.every(({ check }) => check !== COMPARISON);

/** What a verdict is about: a workload, or one of its containers. */
export interface Scope {
  readonly workload: WorkloadRef;
  readonly container: string | null;
}

/**
 * Whether a record about a check leaves open what that check would have said of a scope. Wide on
 * purpose: nothing that may not have been looked at counts as looked at.
 */
export function leavesOpen(record: NotEvaluated, { workload, container }: Scope): boolean {
  if (record.workload === null) return true;
  if (hidesOwner(record)) return record.workload.namespace === workload.namespace;
  if (workloadKey(record.workload) !== workloadKey(workload)) return false;
  return record.container === null || container === null || record.container === container;
}

/** A pod that could not be read may belong to any workload of its namespace. */
export function hidesOwner({ workload, reason }: NotEvaluated): boolean {
  return workload?.kind === 'Pod' && (reason === 'malformed-object' || reason === 'too-large');
}
