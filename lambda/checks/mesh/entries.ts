import type { Unread } from '../../inventory/engine-settings.ts';
import type { WorkloadRef } from '../../inventory/names.ts';
import type { PodExample } from '../../inventory/pod-class.ts';
import { MAX_EXAMPLES, offerExample } from '../../inventory/population.ts';
import { isInShard } from '../../inventory/shard.ts';
import type { Scope } from '../../mesh/scopes.ts';
import type { ServiceEntry } from '../../mesh/service-entry.ts';
import { spend } from '../../work.ts';
import type { Fail, ObjectContext, ObjectOutcome, Outcome, Undecided } from '../check.ts';

/**
 * Judges each ServiceEntry; one that is not understood is not evaluated.
 *
 * @param judges each is asked about those of which the ones before it said nothing
 */
export function* judgeEntries(
  { mesh, inventory }: ObjectContext,
  ...judges: readonly ((entry: ServiceEntry) => Outcome | null)[]
): Generator<ObjectOutcome> {
  const { shard } = inventory;
  let open = mesh.entries.filter(({ ref }) => shard === undefined || isInShard(ref.namespace, shard));
  for (const judge of judges) {
    const later: typeof open = [];
    for (const one of open) {
      // Each is asked about with everybody who may know it.
      spend(1 + mesh.scopes().length);
      const outcome = 'unread' in one.entry ? undecided(one.entry.unread) : judge(one.entry.known);
      if (outcome === null) later.push(one);
      else yield { object: one.ref, outcome };
    }
    open = later;
  }
}

export const undecided = ({ reason, message, remedy }: Unread): Undecided => ({
  verdict: 'not-evaluated',
  container: null,
  reason,
  message,
  remediation: remedy,
});

/** Pods that have a sidecar, or are in ambient mode, and know the entry: those that the finding is about. */
export function podsOf(scopes: readonly Scope[]): NonNullable<Fail['pods']> {
  const examples: PodExample[] = [];
  let count = 0;
  for (const { kind, classes } of scopes) {
    if (kind === 'proxy') continue;
    for (const { population } of classes) {
      count += population.count;
      for (const example of population.examples.slice(0, MAX_EXAMPLES)) offerExample(examples, example);
    }
  }
  return { count, examples };
}

const MOST_NAMED = 5;

/** A few of the workloads, as `namespace/Kind/name`. */
export function workloadsOf(scopes: readonly Scope[]): readonly string[] {
  const names = new Set<string>();
  for (const { kind, classes } of scopes) {
    for (const { workload } of kind === 'proxy' ? [] : classes) {
      names.add(nameOf(workload));
      if (names.size === MOST_NAMED) return [...names];
    }
  }
  return [...names];
}

const nameOf = ({ namespace, kind, name }: WorkloadRef): string => `${namespace}/${kind}/${name}`;
