import type { Config } from '../config/config.ts';
import { matches } from '../config/match.ts';
import type { WorkloadRef } from '../inventory/names.ts';
import type { PodClass } from '../inventory/pod-class.ts';
import { MANAGED_BY_AWS } from './managed-list.ts';
import { isPublishedBy } from './publishers.ts';

type ManagedEntry = Config['managed']['workloads'][number];

/** How rows call a workload that the configuration lists. */
export const BY_CONFIGURATION = 'configuration';

export interface Manager {
  readonly by: string;
  /** As the configuration says, where it lists the workload. */
  readonly owner: string | null;
}

const BY_NAMESPACE = Map.groupBy(MANAGED_BY_AWS, ({ namespace }) => namespace);

/**
 * What runs a workload in place of the people who use its cluster; `null`: nothing does. Namespace, kind and name must
 * be those of a list, and the image of every container must come from a registry of AWS, so that nobody hides behind a
 * name: who mirrors these images lists the workloads in the configuration. Debug containers do not count here, for a
 * person who looks into a pod does not take it over; what is found about them is never apart.
 *
 * @param group the classes of one workload
 * @param asked of the configuration, those that count today
 */
export function managedBy(group: readonly PodClass[], asked: readonly ManagedEntry[]): Manager | null {
  const [first] = group;
  if (first === undefined) return null;
  const { workload } = first;
  const found = BY_NAMESPACE.get(workload.namespace)?.find(
    ({ workloads, publisher }) =>
      workloads.some((pattern) => matches(pattern, `${workload.kind}/${workload.name}`)) &&
      group.every(({ spec }) =>
        spec.containers.every(({ type, image }) => type === 'ephemeral' || isPublishedBy(publisher, image)),
      ),
  );
  if (found !== undefined) return { by: found.managedBy, owner: null };
  const entry = asked.find((one) => covers(one, workload));
  return entry === undefined ? null : { by: BY_CONFIGURATION, owner: entry.owner };
}

/** Whether an entry of the configuration is about the workload. */
export function covers(
  { match }: Pick<ManagedEntry, 'match'>,
  { namespace, kind, name }: WorkloadRef,
): boolean {
  const [ofNamespace = '', ofKind = '', ofName = ''] = match.split('/');
  return matches(ofNamespace, namespace) && matches(ofKind, kind) && matches(ofName, name);
}
