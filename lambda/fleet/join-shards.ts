import { worstPatches } from '../findings/drawn-patch.ts';
import type { NotEvaluated } from '../findings/not-evaluated.ts';
import { withNothingToJudge } from '../findings/nothing-to-judge.ts';
import { compareFindings } from '../findings/order.ts';
import { joinPopulations } from '../findings/population.ts';
import type { CheckTally, ClusterResult } from '../findings/run-result.ts';
import type { ClusterReading } from '../inventory/reading.ts';
import { compareText, compareWorkloads } from '../inventory/workload.ts';

/**
 * The result of a cluster that was audited in parts. No workload is in two of them, so findings and counts add up;
 * what holds for the whole cluster each part says, and it is told once. A part that could not be read leaves every
 * check open for the whole cluster: nothing counts as resolved.
 */
export function joinShards(parts: readonly [ClusterResult, ...(readonly ClusterResult[])]): ClusterResult {
  const [first, ...others] = parts;
  if (others.length === 0) return first;
  const notEvaluated = distinct(parts.flatMap((part) => part.notEvaluated));
  const asked = parts.flatMap(({ askedExemptions = [] }) => askedExemptions);
  // No namespace is in two parts.
  const excluded = parts
    .flatMap((part) => part.excluded ?? [])
    .sort((a, b) => compareText(a.namespace, b.namespace));
  const population = joinPopulations(parts.map((part) => part.population));
  return withNothingToJudge({
    cluster: parts.find(({ cluster }) => cluster.uid)?.cluster ?? first.cluster,
    ...(first.unverified === undefined ? {} : { unverified: first.unverified }),
    ...joinReadings(parts),
    outcome: parts.some(({ outcome }) => outcome === 'audited') ? 'audited' : 'failed',
    totals: joinTotals(parts),
    tallies: joinTallies(parts, notEvaluated),
    findings: parts.flatMap(({ findings }) => findings).sort(compareFindings),
    notEvaluated,
    ...(asked.length === 0 ? {} : { askedExemptions: asked }),
    ...(excluded.length === 0 ? {} : { excluded }),
    ...(population === undefined ? {} : { population }),
    notes: [...new Set(parts.flatMap(({ notes }) => notes))],
    ...joinPatches(parts),
    ...joinLayers(parts),
    ...joinBases(parts),
  });
}

function joinPatches(parts: readonly ClusterResult[]): Pick<ClusterResult, 'patches'> {
  const patches = worstPatches(parts.flatMap((part) => part.patches ?? []));
  return patches.length === 0 ? {} : { patches };
}

function joinLayers(parts: readonly ClusterResult[]): Pick<ClusterResult, 'layers'> {
  const layers = parts.flatMap((part) => part.layers ?? []);
  if (layers.length === 0) return {};
  return {
    layers: {
      packed: layers.flatMap(({ packed }) => packed),
      stored: layers.flatMap(({ stored }) => stored),
    },
  };
}

/** The cluster is as old as its first part says; what one does not know another may. */
function joinReadings(parts: readonly ClusterResult[]): Pick<ClusterResult, 'reading'> {
  const readings = parts.flatMap(({ reading }) => reading ?? []);
  const known = (key: keyof ClusterReading): string | null =>
    readings.find((reading) => reading[key] !== null)?.[key] ?? null;
  const [readAt] = readings.map((reading) => reading.readAt).sort();
  if (readAt === undefined) return {};
  const [kubernetesVersion, principal, status] = [
    known('kubernetesVersion'),
    known('principal'),
    known('status'),
  ];
  return { reading: { kubernetesVersion, principal, status, readAt } };
}

/** A part without one leaves open what became of earlier findings. */
function joinBases(parts: readonly ClusterResult[]): Pick<ClusterResult, 'basis'> {
  const bases = parts.flatMap(({ basis }) => basis ?? []);
  if (bases.length < parts.length) return {};
  return {
    basis: {
      clean: bases.flatMap(({ clean }) => clean).sort(compareWorkloads),
      checksOff: [...new Set(bases.flatMap(({ checksOff }) => checksOff))],
      checksNotAsked: [...new Set(bases.flatMap(({ checksNotAsked }) => checksNotAsked))],
      noLongerAsked: bases.flatMap(({ noLongerAsked }) => noLongerAsked),
      newlyAsked: bases.flatMap(({ newlyAsked = [] }) => newlyAsked),
      namespacesExcluded: [...new Set(bases.flatMap(({ namespacesExcluded }) => namespacesExcluded))],
    },
  };
}

function joinTotals(parts: readonly ClusterResult[]): ClusterResult['totals'] {
  const all = parts.map(({ totals }) => totals);
  const sum = (key: keyof ClusterResult['totals']): number =>
    all.reduce((total, counts) => total + counts[key], 0);
  return {
    pods: sum('pods'),
    completed: sum('completed'),
    terminating: sum('terminating'),
    workloads: sum('workloads'),
    namespaces: sum('namespaces'),
    // Each part has seen all of them; a node may have come in between.
    nodes: Math.max(...all.map(({ nodes }) => nodes)),
  };
}

/** Every record is one count of its check (`evaluate`). */
function joinTallies(
  parts: readonly ClusterResult[],
  notEvaluated: readonly NotEvaluated[],
): readonly CheckTally[] {
  const records = Map.groupBy(notEvaluated, ({ check }) => check);
  const tallies = Map.groupBy(
    parts.flatMap((part) => part.tallies),
    ({ check }) => check,
  );
  return [...tallies].map(([check, counts]) => ({
    check,
    pass: counts.reduce((sum, { pass }) => sum + pass, 0),
    fail: counts.reduce((sum, { fail }) => sum + fail, 0),
    notEvaluated: records.get(check)?.length ?? 0,
  }));
}

/** What concerns the whole cluster goes before what concerns a workload, as where nothing was joined. */
function distinct(records: readonly NotEvaluated[]): readonly NotEvaluated[] {
  const known = new Map(records.map((record) => [JSON.stringify(record), record]));
  const [whole, scoped] = [true, false].map((isWhole) =>
    [...known.values()].filter(({ workload }) => (workload === null) === isWhole),
  );
  return [...(whole ?? []), ...(scoped ?? [])];
}
