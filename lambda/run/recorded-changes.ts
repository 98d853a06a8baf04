import type { Finding } from '../findings/finding.ts';
import type { ClusterResult, RunResult } from '../findings/run-result.ts';
import type { AskedReason, RunChanges } from '../report/news.ts';

/** How a decision keeps what was asked in another way. */
export interface RecordedChanges extends Pick<RunChanges, 'settings'> {
  /** By reason: the places of the findings among those of the run. A place takes less room than an id. */
  readonly asked: readonly (readonly [AskedReason, readonly number[]])[];
}

export interface ChangedRun {
  readonly run: RunResult;
  readonly changes: RunChanges | null;
}

/** The places of some findings among those of the run. */
export function placesOf(rows: readonly Finding[], clusters: readonly ClusterResult[]): readonly number[] {
  if (rows.length === 0) return [];
  const ids = new Set(rows.map(({ id }) => id));
  return clusters
    .flatMap(({ findings }) => findings)
    .flatMap(({ id }, place) => (ids.has(id) ? [place] : []));
}

export function recordedChanges({ run, changes }: ChangedRun): RecordedChanges | null {
  if (changes === null) return null;
  const places = new Map<AskedReason, number[]>();
  let place = 0;
  for (const { findings } of run.clusters) {
    for (const { id } of findings) {
      const reason = changes.asked.get(id);
      if (reason !== undefined) append(places, reason, place);
      place++;
    }
  }
  return { settings: changes.settings, asked: [...places] };
}

function append(places: Map<AskedReason, number[]>, reason: AskedReason, place: number): void {
  const known = places.get(reason);
  if (known === undefined) places.set(reason, [place]);
  else known.push(place);
}

/** @param findings those of the run, in its order */
export function changesOf(recorded: RecordedChanges | null, findings: readonly Finding[]): RunChanges | null {
  if (recorded === null) return null;
  const asked = recorded.asked.flatMap(([reason, places]) =>
    places.flatMap((place) => {
      const finding = findings[place];
      return finding === undefined ? [] : [[finding.id, reason] as const];
    }),
  );
  return { settings: recorded.settings, asked: new Map(asked) };
}
