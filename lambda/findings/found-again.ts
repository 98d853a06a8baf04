import { changeOf, commonChange, type NewFactsOf } from './changed.ts';
import type { Finding, FindingChange } from './finding.ts';

/** What earlier rows say of the findings of a run: numbers and what changed, since there may be a million. */
export interface FoundAgain {
  /** @returns whether the run has found what this row of the last run is about */
  add(row: Finding, firstSeen: number): boolean;
  /** Epoch milliseconds of the first sight that a row knows; `null`: no row is about it. */
  firstSeen(finding: Finding): number | null;
  /** The finding with what is worse than in the last run. */
  beside(finding: Finding): Finding;
}

export function foundAgain(findings: readonly Finding[], newFacts: NewFactsOf): FoundAgain {
  /** The place of each, by id; made when there is a row to compare with. */
  let places: Map<string, number> | null = null;
  /** By place; not a number while no row says it. */
  let firstSeen: Float64Array = new Float64Array(0);
  /** By place; `null`: some row says all that this run does. */
  const changes = new Map<number, FindingChange | null>();
  const placeOf = ({ id }: Finding): number => places?.get(id) ?? Number.NaN;
  const firstSeenAt = (place: number): number => firstSeen[place] ?? Number.NaN;

  function noteChange(place: number, row: Finding, now: Finding): void {
    const change = changeOf(row, now, newFacts(now.check));
    const isFirst = Number.isNaN(firstSeenAt(place));
    if (isFirst && change !== null) changes.set(place, change);
    else if (changes.has(place)) changes.set(place, commonChange(changes.get(place) ?? null, change));
  }

  return {
    add(row, time) {
      if (places === null) {
        places = new Map(findings.map(({ id }, place) => [id, place]));
        firstSeen = new Float64Array(findings.length).fill(Number.NaN);
      }
      const place = placeOf(row);
      const now = findings[place];
      if (now === undefined) return false;
      noteChange(place, row, now);
      const before = firstSeenAt(place);
      firstSeen[place] = Number.isNaN(before) ? time : Math.min(before, time);
      return true;
    },
    firstSeen(finding) {
      const time = firstSeenAt(placeOf(finding));
      return Number.isNaN(time) ? null : time;
    },
    beside(finding) {
      const changed = changes.size === 0 ? null : (changes.get(placeOf(finding)) ?? null);
      return changed === null ? finding : { ...finding, changed };
    },
  };
}
