import { AuditorError, ReadError } from '../errors.ts';
import type { Finding } from '../findings/finding.ts';
import { type FormerLayer, MEASURED_DRIFT, withGrowth } from '../findings/growth.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import { type LayerSource, type MeasuredLayers, unpackLayers } from '../inventory/layer-rows.ts';
import type { WorkloadRef } from '../inventory/names.ts';
import { compareWorkloads, workloadKey } from '../inventory/workload.ts';
import type { Shortfall } from '../report/news.ts';
import { MEMBER_BYTES, startMember } from '../store/gzip.ts';
import {
  isLaterFormat,
  layerLine,
  layersHeader,
  type OpenLayers,
  openLayers,
  parseLayer,
  type StoredLayer,
} from '../store/layer-state.ts';
import { layersKey } from '../store/layout.ts';
import { layersNote, noteKey } from '../store/run-notes.ts';
import { orShortfall } from '../store/shortfall.ts';
import type { ReportStore } from '../store/store.ts';
import { advanceLayers } from './advance-layers.ts';
import { byWorkload, layersIn } from './layer-source.ts';
import type { RunIdentity } from './run-identity.ts';

export interface LayersOptions {
  readonly run: RunIdentity;
  /** Epoch milliseconds: when the clusters were read. */
  readonly now: number;
  /** Key of the state of the cluster. */
  readonly state: string;
  /** Whether what the last run left there is of this cluster. */
  readonly isSame: boolean;
  /** Those of this run, whose growth is asked. */
  readonly findings: readonly Finding[];
  /** What a person calls the part of the record. */
  readonly part: string;
}

/** What a run measured in the layers of a cluster, beside what an earlier one did. */
export interface MeasuredRun {
  /** Key of the note that becomes `layers.json.gz` once the state is written. */
  readonly note: string;
  /** By id of the finding. */
  readonly before: ReadonlyMap<string, FormerLayer>;
}

/**
 * Finds out how much the layers behind findings have grown, and writes all that were measured as a note of the run: what
 * the next run compares with when this one is recorded. What the last run left is only needed for growth: where it
 * cannot be read, that is all that is lost.
 *
 * @param shortfalls Takes what could not be read of the last run.
 * @throws AuditorError when the store refuses the note
 */
export async function measuredRun(
  store: ReportStore,
  source: LayerSource,
  options: LayersOptions,
  shortfalls: Shortfall[],
): Promise<MeasuredRun> {
  const { run, now, state, isSame, findings, part } = options;
  const former = isSame
    ? await orShortfall(part, shortfalls, () => openLayers(store, layersKey(state)))
    : null;
  const grows = growthOf(findings);
  const content = { at: new Date(now).toISOString(), repeated: former?.run === run.id };
  const chunks: Uint8Array[] = [];
  const member = startMember();
  member.add(layersHeader(run.id, content.at));
  const known = earlierRows(former, run, part, shortfalls);
  for await (const { measured, earlier } of besides(layersIn(store, source), known)) {
    for (const row of advanceLayers(measured, earlier, content)) {
      grows.look(row);
      member.add(layerLine(row));
      if (member.size() >= MEMBER_BYTES) chunks.push(member.take());
    }
  }
  chunks.push(member.take());
  const note = noteKey(run.id, layersNote(state));
  await store.put(note, chunks, { contentType: 'application/gzip' });
  return { note, before: grows.before };
}

/**
 * A result whose findings say how much their layers have grown, by what a source holds of an earlier run. Nothing is
 * kept.
 *
 * @param earlier rows of it, sorted by workload
 * @throws Error when one is none
 */
export async function grownSince(
  result: ClusterResult,
  earlier: readonly unknown[],
  now: number,
): Promise<ClusterResult> {
  const { layers, findings } = result;
  if (layers === undefined) return result;
  const grows = growthOf(findings);
  const content = { at: new Date(now).toISOString(), repeated: false };
  const measured = each(layers.packed.flatMap((packed) => [...unpackLayers(packed)]));
  for await (const { measured: group, earlier: known } of besides(measured, each(earlier.map(parseLayer)))) {
    for (const row of advanceLayers(group, known, content)) grows.look(row);
  }
  return { ...result, findings: findings.map((one) => withGrowth(one, grows.before.get(one.id))) };
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** Looks for the layers that findings are about. */
function growthOf(findings: readonly Finding[]) {
  const scopeKey = (workload: WorkloadRef, container: string | null): string =>
    JSON.stringify([workloadKey(workload), container]);
  const wanted = new Map(
    findings
      .filter(({ check }) => check === MEASURED_DRIFT)
      .map((finding) => [scopeKey(finding.workload, finding.container), finding]),
  );
  const before = new Map<string, FormerLayer>();
  return {
    before,
    look({ workload, container, pod, startedAt: since, before: last, aboveBaseSince }: StoredLayer): void {
      if (wanted.size === 0 || last === null) return;
      const finding = wanted.get(scopeKey(workload, container));
      if (finding?.evidence['pod'] !== pod || finding.evidence['since'] !== since) return;
      const { at, bytes, inodes } = last;
      before.set(finding.id, { since, pod, bytes, inodes, at, aboveBaseSince });
    },
  };
}

/** What an earlier run left, up to what cannot be understood; nothing where a later run was faster. */
async function* earlierRows(
  former: OpenLayers | null,
  run: RunIdentity,
  part: string,
  shortfalls: Shortfall[],
): AsyncGenerator<StoredLayer> {
  if (former === null || former.run > run.id) return;
  try {
    yield* former.rows();
  } catch (error) {
    if (!(error instanceof AuditorError)) throw error;
    shortfalls.push({ part, problem: error.message });
  }
}

interface Beside {
  readonly measured: readonly MeasuredLayers[];
  readonly earlier: readonly StoredLayer[];
}

/** What was measured of each workload, with what an earlier run measured of it: both come sorted, so neither is kept. */
async function* besides(
  measured: AsyncIterable<MeasuredLayers>,
  earlier: AsyncIterable<StoredLayer>,
): AsyncGenerator<Beside> {
  const known = byWorkload(earlier);
  let next = await known.next();
  for await (const group of byWorkload(measured)) {
    const order = (): number =>
      next.done === true ? 1 : compareWorkloads(next.value[0].workload, group[0].workload);
    while (order() < 0) next = await known.next();
    yield { measured: group, earlier: order() === 0 && next.done !== true ? next.value : [] };
  }
  await known.return(undefined);
}

const REPLACE_ATTEMPTS = 5;

/**
 * Makes the note of a run what the next one compares with, unless a later run was faster. Doing it again changes
 * nothing.
 *
 * @throws AuditorError when the store refuses it, or a later version of the program wrote what is there
 */
export async function keepLayers(
  store: ReportStore,
  { note, state, run }: { readonly note: string; readonly state: string; readonly run: string },
): Promise<void> {
  const bytes = await store.get(note);
  if (bytes === null) throw missingNote(store, note);
  const key = layersKey(state);
  for (let attempt = 1; attempt <= REPLACE_ATTEMPTS; attempt++) {
    const stored = await store.getVersioned(key);
    if (stored !== null && (await runOf(store, key)) > run) return;
    if (stored !== null && Buffer.compare(stored.bytes, bytes) === 0) return;
    const written = await store.putIf(key, [bytes], {
      contentType: 'application/gzip',
      expected: stored?.version ?? null,
    });
    if (written !== null) return;
  }
  throw new AuditorError(
    `Other runs kept changing ${store.location(key)}; run again when fewer of them run at once.`,
  );
}

/** That of what is there; what cannot be understood is older than anything. */
async function runOf(store: ReportStore, key: string): Promise<string> {
  try {
    return (await openLayers(store, key))?.run ?? '';
  } catch (error) {
    if (isLaterFormat(error) || !(error instanceof ReadError)) throw error;
    return '';
  }
}

const missingNote = (store: ReportStore, note: string): ReadError =>
  new ReadError(
    'server-error',
    `What this run measured was deleted from ${store.location(note)} before it could be kept.`,
    'No action is needed: the next run measures again.',
  );
