import type { Finding } from '../../findings/finding.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import { workloadKey } from '../../inventory/workload.ts';

type Subject = Pick<Finding, 'workload' | 'container'>;

/** Says where what a finding is about is declared: its container where that is known, else the object. */
export function originsOf({ origins }: Inventory): (subject: Subject) => Pick<Finding, 'origin'> {
  if (origins === undefined) return () => ({});
  return ({ workload, container }) => {
    const found = origins.get(workloadKey(workload));
    if (found === undefined) return {};
    const { file, line, containers } = found;
    return { origin: { file, line: (container === null ? undefined : containers.get(container)) ?? line } };
  };
}
