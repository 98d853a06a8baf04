import { UsageError } from '../errors.ts';
import type { WorkloadRef } from '../inventory/names.ts';

export type Wanted = (workload: WorkloadRef) => boolean;

/** `NAMESPACE/NAME`, `NAMESPACE/KIND/NAME`, or `NAMESPACE/` for a whole namespace; nothing for all. */
export function wantedBy(which: string | undefined): Wanted {
  if (which === undefined) return () => true;
  const parts = which.split('/');
  const [namespace = '', first = '', second] = parts;
  if (namespace === '' || parts.length < 2 || parts.length > 3 || second === '' || (second && !first)) {
    throw new UsageError(
      `"${which}" does not name a workload: write NAMESPACE/NAME, NAMESPACE/KIND/NAME, or NAMESPACE/ for all of a namespace.`,
    );
  }
  return (workload) =>
    workload.namespace === namespace &&
    (second === undefined
      ? first === '' || workload.name === first
      : workload.kind === first && workload.name === second);
}
