import type { Config } from '../config/config.ts';
import { DAY } from '../inventory/durations.ts';
import type { WorkloadRef } from '../inventory/names.ts';
import type { PodClass } from '../inventory/pod-class.ts';
import { managedBy } from './managed.ts';
import { ownerOf, ownerOfNamespace } from './owner.ts';

/** Who has to do with a workload, as its findings say. */
export interface Whose {
  readonly owner: string | null;
  readonly managedBy: string | null;
}

export interface Ownership {
  /** @param group the classes of one workload, at least one */
  ofWorkload(group: readonly PodClass[]): Whose;
  /** Of an object that is no pod. */
  ofObject(object: Pick<WorkloadRef, 'namespace'>): Whose;
}

/** @param now epoch milliseconds: what expired before counts no more */
export function createOwnership(
  { owners, managed }: Pick<Config, 'owners' | 'managed'>,
  now: number,
): Ownership {
  const asked = managed.workloads.filter((entry) => isValid(entry, now));
  return {
    ofWorkload(group) {
      const managed = managedBy(group, asked);
      return { owner: ownerOf(group, owners) ?? managed?.owner ?? null, managedBy: managed?.by ?? null };
    },
    ofObject: ({ namespace }) => ({ owner: ownerOfNamespace(namespace, owners), managedBy: null }),
  };
}

/** Through the end of its last day in UTC, as exemptions. */
const isValid = ({ expires }: { readonly expires: string }, now: number): boolean =>
  now < Date.parse(`${expires}T00:00:00Z`) + DAY;
