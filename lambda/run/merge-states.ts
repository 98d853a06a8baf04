import type { Finding } from '../findings/finding.ts';
import { isClosed } from '../findings/identity.ts';
import type { ClusterState } from '../store/state-format.ts';

/** What a run concluded about a cluster, with those that it closed. */
export interface OwnConclusion extends ClusterState {
  /** RFC 3339: when the run looked, its `lastSeen`, and `firstSeen` of what is new. */
  readonly seenAt: string;
}

/**
 * The state after two runs that overlapped: both compared with the same earlier state, and the other one has
 * written its own first. That of the later run is kept, with what only the earlier one saw and was not known
 * before: whether it is still there no run has said yet, so the next one must say it. What was known before and
 * is missing from one of them was resolved there, and notified, unless the other one has seen it.
 *
 * Nothing is lost by it, and applying it again changes nothing.
 */
export function mergeStates(own: OwnConclusion, other: ClusterState): ClusterState {
  const theirs = byId(other.findings);
  const mine = byId(own.findings.filter((row) => !isClosed(row)));
  const both = (row: Finding): Finding => joined(row, theirs.get(row.id));
  if (own.run > other.run) {
    const concluded = byId(own.findings);
    const kept = [...mine.values()].filter((row) => row.lastSeen === own.seenAt || theirs.has(row.id));
    const unheardOf = other.findings.filter(({ id }) => !concluded.has(id));
    return { run: own.run, cluster: own.cluster, findings: [...kept.map(both), ...unheardOf] };
  }
  const news = [...mine.values()].filter((row) => row.firstSeen === own.seenAt && !theirs.has(row.id));
  const known = other.findings.map((row) => joined(row, mine.get(row.id)));
  return { run: other.run, cluster: other.cluster, findings: [...known, ...news] };
}

const byId = (findings: readonly Finding[]): ReadonlyMap<string, Finding> =>
  new Map(findings.map((row) => [row.id, row]));

/** The one that was seen last; it has been there since it was seen first. Times are UTC and sort as text. */
function joined(row: Finding, other: Finding | undefined): Finding {
  if (other === undefined) return row;
  const last = other.lastSeen > row.lastSeen ? other : row;
  const [firstSeen = row.firstSeen] = [row.firstSeen, other.firstSeen].sort();
  return last.firstSeen === firstSeen ? last : { ...last, firstSeen };
}
