import { matchesAny } from '../config/match.ts';
import { AuditorError } from '../errors.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { workloadKey } from '../inventory/workload.ts';
import { causesUnder } from './cause.ts';
import type { NewFactsOf } from './changed.ts';
import { hidesOwner, leavesOpen } from './coverage.ts';
import type { Finding, WithdrawnReason } from './finding.ts';
import { foundAgain } from './found-again.ts';
import { type FormerLayer, layerIn, withGrowth } from './growth.ts';
import { clusterKey, findingId, isClosed } from './identity.ts';
import type { NotEvaluated } from './not-evaluated.ts';
import { saysNothing } from './nothing-to-judge.ts';
import { createRenames, type Renames } from './renames.ts';
import type { ClusterResult } from './run-result.ts';
import { shareParts } from './share-parts.ts';

/**
 * A cluster's findings beside those of its previous run. Every row of the previous run that was not
 * closed is in exactly one place: confirmed by a finding, unconfirmed, or closed.
 */
export interface Comparison {
  /** Nothing to compare with: everything is new. */
  readonly firstRun: boolean;
  /** What this run found, in its order: `new` or `open`, with the time at which it was first seen. */
  readonly findings: readonly Finding[];
  /** Known, but not looked at this time: still `open`, last seen when it was. Part of the state. */
  readonly unconfirmed: readonly Finding[];
  /** `fixed`, `gone` or `withdrawn`: what the run has decided about, each said once. */
  readonly closed: readonly Finding[];
  /** Ids of findings and unconfirmed ones that were exempt before: for the exemptions that ended. */
  readonly previouslyExempt: ReadonlySet<string>;
}

/** Compares row by row, so that the previous state need not be in memory: it keeps what it returns. */
export interface Comparer {
  /**
   * Takes one row of the previous run, in any order.
   *
   * @throws AuditorError when the row is of another cluster.
   */
  add(row: Finding): void;
  finish(): Omit<Comparison, 'firstRun'>;
}

/**
 * @param previous The cluster's state: findings and unconfirmed ones; `null` when there is none.
 * @param now Epoch milliseconds: the start of this run.
 * @throws AuditorError when the state is of another cluster.
 */
export function compare(
  previous: Iterable<Finding> | null,
  current: ClusterResult,
  now: number,
  known: KnownBefore = {},
): Comparison {
  const comparer = startComparison(current, now, known);
  for (const row of previous ?? []) comparer.add(row);
  return { firstRun: previous === null, ...comparer.finish() };
}

export interface KnownBefore {
  /** When findings were first seen that earlier runs withdrew, by id. @defaultValue none */
  readonly withdrawn?: ReadonlyMap<string, string>;
  /** What layers held when they were last measured, by id of the finding; of others the rows say it. @defaultValue none */
  readonly measured?: ReadonlyMap<string, FormerLayer>;
  /** What makes evidence worse than that of the last run. @defaultValue nothing does */
  readonly newFacts?: NewFactsOf;
}

/** As {@link compare}, for states that are read as a stream. */
export function startComparison(
  current: ClusterResult,
  now: number,
  {
    withdrawn: withdrawnBefore = new Map(),
    measured = new Map(),
    newFacts = () => undefined,
  }: KnownBefore = {},
): Comparer {
  const again = foundAgain(current.findings, newFacts);
  const others = new Set<string>();
  const unconfirmed: Finding[] = [];
  const closed: Finding[] = [];
  const previouslyExempt = new Set<string>();
  const layers = new Map(measured);
  let fateOf: ((row: Finding) => Fate) | null = null;
  const shared = shareParts();
  // A million rows hold few different times: one for each run that found something.
  const timeOf = remembering((text: string) => timeUntil(now, text));
  const textOf = remembering((time: number) => new Date(time).toISOString());
  /** It was not asked for in between, and is as old as it was. */
  const formerFirstSeen = (id: string): number | null => {
    const before = withdrawnBefore.get(id);
    return before === undefined ? null : timeOf(before);
  };
  const keepLayer = (known: Finding): void => {
    const layer = layers.has(known.id) ? null : layerIn(known);
    // A run that is repeated is not the one before it.
    if (layer !== null && timeOf(layer.at) < now) layers.set(known.id, layer);
  };
  return {
    add(row) {
      if (isClosed(row)) return;
      const known = underIdentity(row, current.cluster);
      const { id } = known;
      if (again.add(known, timeOf(known.firstSeen))) {
        if (known.status === 'exempt') previouslyExempt.add(id);
        keepLayer(known);
        return;
      }
      if (others.has(id)) return;
      others.add(id);
      fateOf ??= judgeWith(current);
      const fate = fateOf(known);
      if (fate !== 'unconfirmed') {
        closed.push(shared({ ...unchanged(known), ...fate }));
        return;
      }
      if (known.status === 'exempt') previouslyExempt.add(id);
      // Exemptions are decided again for what goes on; what is closed keeps its own record.
      unconfirmed.push(shared({ ...unchanged(known), status: 'open', exemption: null }));
    },
    finish() {
      const findings = current.findings.map((finding): Finding => {
        const known = again.firstSeen(finding);
        const status = finding.status === 'exempt' ? 'exempt' : known === null ? 'new' : 'open';
        const first = known ?? formerFirstSeen(finding.id) ?? now;
        const grown = layers.size === 0 ? finding : withGrowth(finding, layers.get(finding.id));
        return withStatus(again.beside(grown), { status, firstSeen: textOf(first), lastSeen: textOf(now) });
      });
      return { findings, unconfirmed, closed, previouslyExempt };
    },
  };
}

/** What the last run said of changes is no news of this one. */
function unchanged(row: Finding): Finding {
  if (row.changed === undefined) return row;
  const { changed: _, ...rest } = row;
  return rest;
}

/** The finding itself if it says so already, as in a first run: there may be a million. */
function withStatus(finding: Finding, now: Pick<Finding, 'status' | 'firstSeen' | 'lastSeen'>): Finding {
  const { status, firstSeen, lastSeen } = finding;
  const same = status === now.status && firstSeen === now.firstSeen && lastSeen === now.lastSeen;
  return same ? finding : { ...finding, ...now };
}

type Fate = 'unconfirmed' | Pick<Finding, 'status' | 'reason'>;

const withdrawn = (reason: WithdrawnReason): Fate => ({ status: 'withdrawn', reason });

/**
 * A cluster keeps its findings when its ARN or uid becomes known (or is not known this time) or its context
 * is renamed: the caller has found this state to be its own, so only two ARNs can contradict it.
 */
function underIdentity(row: Finding, cluster: ClusterIdentity): Finding {
  if (clusterKey(row.cluster) === clusterKey(cluster)) return row;
  if (row.cluster.arn !== null && cluster.arn !== null && row.cluster.arn !== cluster.arn) {
    throw new AuditorError(
      `The recorded state is of the cluster ${row.cluster.arn}, not of ${cluster.arn}; move or delete it to start over.`,
    );
  }
  // Of the finding that it follows from only the former id is known.
  const root = row.impliedBy == null ? {} : { impliedBy: null };
  return { ...row, cluster, id: findingId({ ...row, cluster }), ...root, ...causesUnder(cluster, row) };
}

/** Epoch milliseconds; a text that is no time or lies ahead (a clock was wrong) counts as `now`. */
function timeUntil(now: number, text: string): number {
  const time = Date.parse(text);
  return Number.isNaN(time) ? now : Math.min(time, now);
}

function remembering<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const value = make(key);
    made.set(key, value);
    return value;
  };
}

/** Says what has become of a row that this run did not find again. */
function judgeWith(current: ClusterResult): (row: Finding) => Fate {
  const { basis, outcome } = current;
  if (outcome === 'failed' || basis === undefined) return () => 'unconfirmed';
  const evaluated = new Set(current.tallies.map(({ check }) => check));
  const off = new Set(basis.checksOff);
  const notAsked = new Set(basis.checksNotAsked);
  const whyNotEvaluated = (check: string): WithdrawnReason =>
    off.has(check) ? 'check-off' : notAsked.has(check) ? 'configuration-changed' : 'rule-changed';
  const noLongerAsked = new Map(basis.noLongerAsked.map((one) => [scopeKey(one), one.reason]));
  const nothing = saysNothing(current);
  const records = Map.groupBy(current.notEvaluated, recordKey);
  const renames: Renames = createRenames(current);
  const seen = new Set(
    [...basis.clean, ...current.findings.map(({ workload }) => workload)].map(workloadKey),
  );
  const isOpen = (row: Finding): boolean => {
    const { check, workload } = row;
    const keys = [check, `${check}/${workload.namespace}`, `${check}/${workloadKey(workload)}`];
    return keys.some((key) => records.get(key)?.some((record) => leavesOpen(record, row)));
  };
  return (row) => {
    if (!evaluated.has(row.check)) return withdrawn(whyNotEvaluated(row.check));
    if (matchesAny(basis.namespacesExcluded, row.workload.namespace)) return withdrawn('namespace-excluded');
    if (nothing || isOpen(row) || renames.ownerUnread(row)) return 'unconfirmed';
    if (renames.ownerNowRead(row)) return withdrawn('owner-known');
    const changed = noLongerAsked.get(scopeKey(row));
    if (changed !== undefined) return withdrawn(changed);
    return { status: seen.has(workloadKey(row.workload)) ? 'fixed' : 'gone' };
  };
}

const scopeKey = ({
  check,
  workload,
  container,
}: Pick<Finding, 'check' | 'workload' | 'container'>): string =>
  JSON.stringify([check, workloadKey(workload), container]);

function recordKey(record: NotEvaluated): string {
  const { check, workload } = record;
  if (workload === null) return check;
  return hidesOwner(record) ? `${check}/${workload.namespace}` : `${check}/${workloadKey(workload)}`;
}
