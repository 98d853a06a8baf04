import type { CauseKind } from '../findings/cause.ts';
import { clusterKey } from '../findings/cluster-key.ts';
import type { Finding } from '../findings/finding.ts';
import type { Remaining } from '../findings/fold-causes.ts';
import { workloadKey } from '../inventory/workload.ts';
import type { Change } from './changes.ts';

/** What is wrong with a policy, a mesh or an engine is read object by object. */
const EACH_ITS_OWN: ReadonlySet<CauseKind> = new Set([
  'policy-not-enforced',
  'rule-too-wide',
  'mesh-open',
  'unknown',
]);

/**
 * Changes that are the same but for the names of what they change, together: by kind, severity, fix and risk. The order
 * is that of the first of each.
 */
export function groupAlike<Row>(
  rows: readonly Row[],
  changeOf: (row: Row) => Change,
): readonly (readonly [Row, ...Row[]])[] {
  const groups = new Map<unknown, [Row, ...Row[]]>();
  for (const row of rows) {
    // An object is equal to itself alone.
    const key = shapeOf(changeOf(row)) ?? row;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

function shapeOf(change: Change): string | null {
  const { kind, severity, fix } = change;
  if (fix === null || EACH_ITS_OWN.has(kind)) return null;
  const unnamed = withoutNames(change);
  return JSON.stringify([kind, severity, unnamed(fix.text), fix.risk === null ? null : unnamed(fix.risk)]);
}

/** Of a cause with many findings the first ones have all names that its fix may hold. */
const NAMED_BY = 20;

/** Names become a star, as lists of them do. */
function withoutNames({ causes }: Change): (text: string) => string {
  const names = new Set<string>();
  const places: string[] = [];
  for (const { cause, cluster, findings } of causes) {
    const { namespace, name, part } = cause.object;
    for (const one of [cluster.name, namespace, name, ...(part ?? '').split(/[ ,]+/)])
      if (one) names.add(one);
    for (const { workload, container, pods, origin } of findings.slice(0, NAMED_BY)) {
      for (const one of [workload.namespace, workload.name, container, ...pods.examples]) {
        if (one) names.add(one);
      }
      if (origin != null)
        places.push(`${origin.file}:${origin.line}`, `line ${origin.line} of standard input`);
    }
  }
  return (text) =>
    places
      .reduce((left, place) => left.replaceAll(place, '*'), text)
      .replaceAll(/\S+@sha256:[0-9a-f]{64}/g, '*')
      .replaceAll(/\w(?:[\w.-]*\w)?/g, (word) => (names.has(word) ? '*' : word))
      .replaceAll(/\*(?:(?:, | and )\*)+/g, '*');
}

/** Several changes as one, for people: each workload and each finding counts once. */
export function together([first, ...others]: readonly [Change, ...Change[]]): Change {
  if (others.length === 0) return first;
  const changes = [first, ...others];
  const sum = (numberOf: (one: Change) => number): number =>
    changes.reduce((total, one) => total + numberOf(one), 0);
  const pods = podsOf(changes.flatMap(({ causes }) => causes.flatMap(({ findings }) => findings)));
  return {
    ...first,
    weight: sum(({ weight }) => weight),
    findings: sum(({ findings }) => findings),
    resolves: sum(({ resolves }) => resolves),
    remains: merged(changes.flatMap(({ remains }) => remains)),
    workloads: pods.size,
    pods: [...pods.values()].reduce((total, count) => total + count, 0),
    owners: [...new Set(changes.flatMap(({ owners }) => owners))].sort(),
    causes: [...first.causes, ...others.flatMap(({ causes }) => causes)],
  };
}

/** Of each workload the most pods that any of its findings stands for. */
function podsOf(findings: readonly Finding[]): ReadonlyMap<string, number> {
  const pods = new Map<string, number>();
  for (const { cluster, workload, pods: of } of findings) {
    const key = `${clusterKey(cluster)}\n${workloadKey(workload)}`;
    pods.set(key, Math.max(pods.get(key) ?? 0, of.count));
  }
  return pods;
}

function merged(remains: readonly Remaining[]): readonly Remaining[] {
  const byCause = Map.groupBy(remains, ({ cause }) => cause.id);
  return [...byCause.values()]
    .flatMap(([one, ...rest]) =>
      one === undefined
        ? []
        : [{ cause: one.cause, findings: rest.reduce((sum, { findings }) => sum + findings, one.findings) }],
    )
    .sort((a, b) => b.findings - a.findings);
}
