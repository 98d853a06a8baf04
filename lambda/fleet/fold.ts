import type { Config } from '../config/config.ts';
import { type AcceptedGapCount, notesOfCounts } from '../exemptions/accepted-gaps.ts';
import type { ExemptionNote } from '../exemptions/exemptions.ts';
import { type WorkloadPatches, worstPatches } from '../findings/drawn-patch.ts';
import type { Finding } from '../findings/finding.ts';
import { compareFindings } from '../findings/order.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import type { ExemptionNotes } from '../report/exemption-notes.ts';
import { heaviest, type Unit, unitsOf } from '../report/heaviest.ts';
import type { AskedReason, LateNews, RunChanges, Shortfall } from '../report/news.ts';
import { concludeRun } from '../run/conclude.ts';
import type { DecidedRun } from '../run/decided-run.ts';
import type { RunIdentity } from '../run/run-identity.ts';
import type { StoredObject } from '../store/store.ts';
import { type ClusterSummary, FLEET_ROOM, idsToSay, type SummaryRoom } from './cluster-summary.ts';

/** The summaries of a fleet together; its memory grows with clusters, and not with what they hold. */
export interface FleetFold {
  /** @param index the place of the cluster in the run */
  add(index: number, summary: ClusterSummary): void;
  finish(): FoldedFleet;
}

export interface FoldedFleet
  extends Pick<
    DecidedRun,
    'run' | 'exemptions' | 'firstRun' | 'late' | 'changes' | 'acceptedGaps' | 'newsUnknown' | 'shortfalls'
  > {
  /** The lists of the objects of each cluster. */
  readonly stored: readonly StoredObject[];
  /** Runs whose news every cluster has taken over. */
  readonly settled: ReadonlySet<string>;
}

export interface FoldOptions {
  readonly config: Config;
  readonly run: RunIdentity;
  /** Epoch milliseconds. */
  readonly now: number;
  /** @defaultValue {@link FLEET_ROOM} */
  readonly room?: Pick<SummaryRoom, 'rows' | 'causes'>;
}

interface Held extends Unit {
  readonly index: number;
}

interface HeldPatches extends WorkloadPatches {
  readonly index: number;
}

export function foldFleet({ config, run, now, room = FLEET_ROOM }: FoldOptions): FleetFold {
  const clusters = new Map<number, ClusterSummary['result']>();
  const stored: StoredObject[] = [];
  const shortfalls: Shortfall[] = [];
  const late: LateNews[] = [];
  const settings = new Set<string>();
  const asked = new Map<string, AskedReason>();
  const ended = new Set<string>();
  const begun: (readonly string[] | undefined)[] = [];
  const said = new Set<string>();
  const notes = foldNotes(config, run, now);
  let gapCounts: readonly AcceptedGapCount[] = [];
  let settled: ReadonlySet<string> | null = null;
  let [firstRun, newsUnknown, isCut] = [true, false, false];
  let units: Held[] = [];
  let patches: readonly HeldPatches[] = [];
  let rows = 0;
  const prune = (): void => {
    units = [...heaviest(units, room)];
    rows = units.reduce((sum, unit) => sum + unit.rows.length, 0);
    isCut = true;
  };
  const add = (index: number, summary: ClusterSummary): void => {
    const { result, exemptions, changes } = summary;
    for (const id of idsToSay(summary)) said.add(id);
    const more = unitsOf(result.findings, said).map((unit) => ({ ...unit, index }));
    for (const unit of more) units.push(unit);
    rows += result.findings.length;
    const { patches: own = [], ...rest } = result;
    patches = worstPatches([...patches, ...own.map((of) => ({ ...of, index }))]);
    clusters.set(index, { ...rest, findings: [] });
    if (rows > 2 * room.rows) prune();
    if (summary.manifest !== null) stored.push(summary.manifest);
    shortfalls.push(...summary.shortfalls);
    if (summary.late !== null) late.push(summary.late);
    for (const id of summary.ended) ended.add(id);
    begun.push(summary.begun);
    for (const setting of changes?.settings ?? []) settings.add(setting);
    for (const [id, reason] of changes?.asked ?? []) asked.set(id, reason);
    notes.add(exemptions);
    gapCounts = addCounts(gapCounts, summary.acceptedGaps);
    settled = new Set(summary.settled.filter((id) => settled === null || settled.has(id)));
    firstRun &&= summary.firstRun;
    newsUnknown ||= summary.newsUnknown;
    isCut ||= summary.isCut;
  };
  const finish = (): FoldedFleet => {
    if (rows > room.rows) prune();
    const byCluster = Map.groupBy(units, ({ index }) => index);
    const results = [...clusters.keys()]
      .sort((a, b) => a - b)
      .map((index): ClusterResult => {
        const { numbers, ...result } = clusters.get(index) as ClusterSummary['result'];
        const findings = (byCluster.get(index) ?? []).flatMap((unit) => unit.rows).sort(compareFindings);
        const own = patches.flatMap(({ index: of, ...one }) => (of === index ? [one] : []));
        return {
          ...result,
          findings,
          ...(own.length === 0 ? {} : { patches: own }),
          ...(isCut ? { numbers } : {}),
        };
      });
    const concluded = concludeRun([], { config, now, run });
    const kept = new Map(results.flatMap(({ findings }) => findings.map((row) => [row.id, row] as const)));
    return {
      run: { ...concluded.run, clusters: results },
      exemptions: {
        ...notes.finish(),
        ended: [...ended].flatMap((id) => kept.get(id) ?? []),
        begun: begun.flatMap((ids = []) => ids.flatMap((id) => kept.get(id) ?? [])),
      },
      firstRun,
      late: joinLate(late, room.rows),
      changes: changesOf({ settings, asked, kept }),
      acceptedGaps: notesOfCounts(config.acceptedGaps, gapCounts, now, firstRun ? null : run.startedAt),
      newsUnknown,
      shortfalls,
      stored,
      settled: settled ?? new Set(),
    };
  };
  return { add, finish };
}

const changesOf = ({
  settings,
  asked,
  kept,
}: {
  readonly settings: ReadonlySet<string>;
  readonly asked: ReadonlyMap<string, AskedReason>;
  readonly kept: ReadonlyMap<string, Finding>;
}): RunChanges => ({
  settings: [...settings],
  asked: new Map([...asked].filter(([id]) => kept.has(id))),
});

const addCounts = (
  before: readonly AcceptedGapCount[],
  more: readonly AcceptedGapCount[],
): readonly AcceptedGapCount[] =>
  more.map(({ rows, fresh }, index) => {
    const one = before[index] ?? { rows: 0, fresh: 0 };
    return { rows: one.rows + rows, fresh: one.fresh + fresh };
  });

export function joinLate(late: readonly LateNews[], most: number): LateNews | null {
  const [first] = late.map(({ since }) => since).sort();
  if (first === undefined) return null;
  const changed = late.flatMap((one) => one.changed ?? []);
  return {
    since: first,
    runs: [...new Set(late.flatMap(({ runs }) => runs))].sort(),
    found: late.flatMap(({ found }) => found),
    ended: late.flatMap(({ ended }) => ended),
    ...(changed.length === 0 ? {} : { changed }),
    rows: late.flatMap(({ rows }) => rows).slice(0, most),
  };
}

/** An entry of the configuration is unused where no cluster uses it; a request of a workload is of its own cluster. */
function foldNotes(config: Config, run: RunIdentity, now: number) {
  const none = concludeRun([], { config, now, run }).exemptions;
  const order = new Map<string, { note: ExemptionNote; findings: number }>();
  const lists = { expired: new Set<string>(), expiring: new Set<string>() };
  const everywhere = new Set(none.unused.map(keyOf));
  const ofAll = new Set([...none.unused, ...none.expired, ...none.expiring].map(keyOf));
  const ofOne = new Set<string>();
  for (const note of [...none.expired, ...none.expiring, ...none.unused])
    order.set(keyOf(note), { note, findings: 0 });
  for (const note of none.expired) lists.expired.add(keyOf(note));
  for (const note of none.expiring) lists.expiring.add(keyOf(note));
  const know = (note: ExemptionNote): { note: ExemptionNote; findings: number } => {
    const key = keyOf(note);
    const known = order.get(key) ?? { note, findings: 0 };
    order.set(key, known);
    return known;
  };
  return {
    add({ expired, expiring, unused }: Pick<ExemptionNotes, 'expired' | 'expiring' | 'unused'>): void {
      for (const note of expired) {
        know(note).findings += note.findings;
        lists.expired.add(keyOf(note));
      }
      for (const note of expiring) {
        know(note).findings += note.findings;
        lists.expiring.add(keyOf(note));
      }
      const here = new Set(unused.map(keyOf));
      for (const key of everywhere) if (!here.has(key)) everywhere.delete(key);
      for (const note of unused) {
        if (ofAll.has(keyOf(note))) continue;
        know(note);
        ofOne.add(keyOf(note));
      }
    },
    finish(): Pick<ExemptionNotes, 'expired' | 'expiring' | 'unused'> {
      const said = (which: (key: string) => boolean): readonly ExemptionNote[] =>
        [...order].flatMap(([key, { note, findings }]) => (which(key) ? [{ ...note, findings }] : []));
      return {
        expired: said((key) => lists.expired.has(key)),
        expiring: said((key) => lists.expiring.has(key)),
        unused: said((key) => everywhere.has(key) || ofOne.has(key)).map((note) => ({
          ...note,
          findings: 0,
        })),
      };
    },
  };
}

const keyOf = ({ exemption }: ExemptionNote): string => JSON.stringify(exemption);
