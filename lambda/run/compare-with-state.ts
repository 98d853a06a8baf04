import { AuditorError, ReadError } from '../errors.ts';
import { startComparison } from '../findings/compare.ts';
import { COMPARISON } from '../findings/coverage.ts';
import type { Finding } from '../findings/finding.ts';
import { recordCoverage } from '../findings/former-coverage.ts';
import { clusterKey } from '../findings/identity.ts';
import type { NotEvaluated } from '../findings/not-evaluated.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import { shareParts } from '../findings/share-parts.ts';
import type { LayerSource } from '../inventory/layer-rows.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import type { Shortfall } from '../report/news.ts';
import { orShortfall } from '../store/shortfall.ts';
import type { OpenState } from '../store/state.ts';
import type { RecordedConfig } from '../store/state-format.ts';
import type { ReportStore } from '../store/store.ts';
import {
  type ComparedCluster,
  comparedWithNothing,
  comparedWithReplaced,
  identify,
  type LastCoverage,
  newFactsOf,
  notComparable,
} from './conclude.ts';
import type { StateToAdvance } from './decided-run.ts';
import { findState, type KnownCluster } from './known-cluster.ts';
import { type MeasuredRun, measuredRun } from './measured-layers.ts';
import type { RunIdentity } from './run-identity.ts';

export interface ComparedWithState extends ComparedCluster {
  readonly formerly: RecordedConfig | null;
  /** Absent when it could not be read, or may be of another cluster: then it is left alone. */
  readonly state?: StateToAdvance;
}

/** Reads the state while comparing: of a million rows that are found again none is kept. */
export async function compareWithState(
  store: ReportStore,
  result: ClusterResult,
  options: CompareOptions,
): Promise<ComparedWithState> {
  const { now } = options;
  try {
    const known = await findState(store, result.cluster);
    const { previous, relation, key, stored } = known;
    if (previous !== null) checkOwner(previous.cluster, result.cluster);
    const { layers, ...identified } = identify(result, known);
    const measured =
      layers === undefined || relation === 'unclear'
        ? null
        : await measuredLayers(store, layers, { ...options, state: key, relation, result: identified });
    const state = { key, sha256: stored, ...(measured === null ? {} : { layers: measured.note }) };
    if (previous === null) return { ...comparedWithNothing(identified, now), formerly: null, state };
    if (relation === 'replaced') {
      const replaced = await replacedRows(previous);
      return { ...comparedWithReplaced(identified, replaced, now), formerly: null, state };
    }
    const before = lastCoverage(previous);
    const withdrawn = new Map((previous.withdrawn ?? []).map(({ id, firstSeen }) => [id, firstSeen]));
    const comparer = startComparison(identified, now, {
      withdrawn,
      ...(measured === null ? {} : { measured: measured.before }),
      newFacts: newFactsOf,
    });
    for await (const finding of previous.findings()) comparer.add(finding);
    const formerly = previous.config ?? null;
    const comparison = { result: identified, before, formerly, firstRun: false, ...comparer.finish() };
    return relation === 'unclear' ? comparison : { ...comparison, state };
  } catch (error) {
    if (error instanceof AuditorError) {
      const { layers: _, ...unmeasured } = result;
      return { ...notComparable(unmeasured, asUnread(error, result.cluster), now), formerly: null };
    }
    throw error;
  }
}

export interface CompareOptions {
  readonly run: RunIdentity;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Takes what is missing of the record. */
  readonly shortfalls: Shortfall[];
}

interface MeasuredOptions extends CompareOptions {
  readonly state: string;
  readonly relation: KnownCluster['relation'];
  readonly result: ClusterResult;
}

/** What stands in the way costs the growth of layers, and nothing else. */
function measuredLayers(
  store: ReportStore,
  layers: LayerSource,
  { run, now, shortfalls, state, relation, result: { cluster, findings } }: MeasuredOptions,
): Promise<MeasuredRun | null> {
  const part = layersPart(cluster);
  const options = { run, now, state, isSame: relation !== 'replaced', findings, part };
  return orShortfall(part, shortfalls, () => measuredRun(store, layers, options, shortfalls));
}

export const layersPart = ({ name }: ClusterIdentity): string => `the measured layers of cluster ${name}`;

const lastCoverage = ({ coverage, config }: OpenState): LastCoverage | null =>
  coverage === undefined ? null : { coverage, version: config?.version ?? null };

/** What the store refuses costs this cluster its comparison, and no other cluster the run. */
const asUnread = (error: AuditorError, { name }: ClusterIdentity): ReadError =>
  error instanceof ReadError
    ? error
    : new ReadError(
        'server-error',
        `The recorded state of cluster ${name} cannot be read: ${error.message}`,
        'Allow this program to list and read its reports, and run again.',
        error,
      );

/** The rows of a cluster that another one has replaced: they cannot be checked any more. */
async function replacedRows(previous: OpenState): Promise<readonly Finding[]> {
  const shared = shareParts();
  const rows: Finding[] = [];
  for await (const row of previous.findings()) {
    rows.push(shared({ ...row, status: 'withdrawn', reason: 'cluster-replaced' }));
  }
  return rows;
}

/** Two ARNs never are one cluster: somebody has moved or copied objects. */
function checkOwner(recorded: ClusterIdentity, cluster: ClusterIdentity): void {
  if (recorded.arn === null || cluster.arn === null || recorded.arn === cluster.arn) return;
  throw new ReadError(
    'malformed-object',
    `The state that is stored for cluster ${cluster.name} is of ${recorded.arn}, not of ${cluster.arn}.`,
    'Move the object back to where it belongs, or delete it to start over.',
  );
}

/** @param concluded the results of `compared`, in its order, with what became of their gaps */
export function statesToAdvance(
  compared: readonly ComparedWithState[],
  concluded: readonly ClusterResult[],
): ReadonlyMap<string, StateToAdvance> {
  const states = new Map<string, StateToAdvance>();
  for (const [index, { state, result: compare, before = null }] of compared.entries()) {
    const result = concluded[index];
    if (state === undefined || result === undefined) continue;
    // What could be judged is known only before the run is recorded.
    const judged = compare.basis === undefined ? result : { ...result, basis: compare.basis };
    const coverage = recordCoverage(judged, before?.coverage ?? null);
    states.set(clusterKey(result.cluster), { ...state, coverage });
  }
  return states;
}

export const isComparison = ({ check }: NotEvaluated): boolean => check === COMPARISON;

/** What cannot be known then; the list itself is left to whoever can repair it. */
export const UNTOLD = 'the news that mails of earlier runs did not contain';
