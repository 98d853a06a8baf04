import type { Finding } from './finding.ts';
import type { ClusterResult } from './run-result.ts';

/**
 * Where Jobs or ReplicaSets cannot be read, their pods are listed under the Job or ReplicaSet instead of
 * the CronJob (or Rollout) that owns it. A finding then seems to vanish from one name and to come up
 * under another, which must not read as fixed or gone. A Job that is its own workload is `report-x7k2p` where it was
 * read, and may be `report-*` where it was not.
 */
export interface Renames {
  /** The same check fails, or is open, for what looks like a Job or ReplicaSet of this row's workload. */
  ownerUnread(row: Finding): boolean;
  /** The row is of a Job or ReplicaSet, and the same check now speaks of what looks like its owner. */
  ownerNowRead(row: Finding): boolean;
}

const CONTROLLED = new Set(['Job', 'ReplicaSet']);

export function createRenames(current: ClusterResult): Renames {
  const under = lazily(
    () => new Set(scopesOf(current, true).map((row) => key(row, ownerName(row.workload.name)))),
  );
  const owners = lazily(() => new Set(scopesOf(current, false).map((row) => key(row, row.workload.name))));
  const patterns = lazily(
    () =>
      new Set(
        scopesOf(current, true).flatMap((row) =>
          isPattern(row) ? [key(row, ownerName(row.workload.name))] : [],
        ),
      ),
  );
  return {
    ownerUnread: (row) =>
      CONTROLLED.has(row.workload.kind)
        ? !isPattern(row) && patterns().has(key(row, ownerName(row.workload.name)))
        : under().has(key(row, row.workload.name)),
    ownerNowRead: (row) => {
      if (!CONTROLLED.has(row.workload.kind)) return false;
      const alike = key(row, ownerName(row.workload.name));
      return owners().has(alike) || (isPattern(row) && under().has(alike));
    },
  };
}

const isPattern = ({ workload }: Row): boolean => workload.name.endsWith('-*');

type Row = Pick<Finding, 'check' | 'workload' | 'container'>;

function scopesOf({ findings, notEvaluated }: ClusterResult, controlled: boolean): readonly Row[] {
  const named = notEvaluated.flatMap(({ workload, ...rest }) =>
    workload === null ? [] : [{ ...rest, workload }],
  );
  return [...findings, ...named].filter(({ workload }) => CONTROLLED.has(workload.kind) === controlled);
}

const key = ({ check, workload, container }: Row, name: string): string =>
  JSON.stringify([check, workload.namespace, name, container]);

/** `<cronjob>-<time>` and `<rollout>-<hash>`: neither the time nor the hash holds a hyphen. */
const ownerName = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf('-')));

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
