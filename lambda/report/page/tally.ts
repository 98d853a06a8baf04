import { isApart } from '../../findings/apart.ts';
import type { Finding } from '../../findings/finding.ts';
import { isActive } from '../../findings/identity.ts';
import type { NotEvaluated } from '../../findings/not-evaluated.ts';
import type { ClusterResult } from '../../findings/run-result.ts';
import { compareText } from '../../inventory/workload.ts';
import { SEVERITIES, type Severity } from '../../severity.ts';

/** What one owner, or one namespace, has to answer for. */
export interface Tally<Key> {
  readonly key: Key;
  /** New and open findings that are not apart. */
  readonly open: Readonly<Record<Severity, number>>;
  readonly fresh: number;
  readonly exempt: number;
  readonly notEvaluated: number;
  /** RFC 3339: the first sight of the oldest open finding; `null`: none is open. */
  readonly oldest: string | null;
}

export interface TallyBy<Key> {
  /** `undefined`: it is not counted. */
  readonly ofFinding: (finding: Finding) => Key | undefined;
  readonly ofGap: (row: NotEvaluated) => Key | undefined;
  readonly text: (key: Key) => string;
}

/** Counts by what `by` says, the worst first, then those with the most findings. */
export function tallyBy<Key>(clusters: readonly ClusterResult[], by: TallyBy<Key>): readonly Tally<Key>[] {
  const tallies = new Map<string, Counting<Key>>();
  const tallyOf = (key: Key): Counting<Key> => {
    const text = by.text(key);
    const known = tallies.get(text);
    if (known !== undefined) return known;
    const made = {
      key,
      open: { critical: 0, high: 0, medium: 0, low: 0 },
      fresh: 0,
      exempt: 0,
      notEvaluated: 0,
      oldest: null,
    };
    tallies.set(text, made);
    return made;
  };
  for (const { findings, notEvaluated, firstRun = false } of clusters) {
    for (const finding of findings) {
      const counts = finding.status === 'exempt' || isActive(finding);
      const key = counts && !isApart(finding, firstRun) ? by.ofFinding(finding) : undefined;
      if (key !== undefined) add(tallyOf(key), finding);
    }
    for (const row of notEvaluated) {
      const key = by.ofGap(row);
      if (key !== undefined) tallyOf(key).notEvaluated++;
    }
  }
  return [...tallies]
    .sort(([a, of], [b, others]) => compareTallies(of, others) || compareText(a, b))
    .map(([, of]) => of);
}

interface Counting<Key> {
  readonly key: Key;
  readonly open: Record<Severity, number>;
  fresh: number;
  exempt: number;
  notEvaluated: number;
  oldest: string | null;
}

function add<Key>(tally: Counting<Key>, { status, severity, firstSeen }: Finding): void {
  if (status === 'exempt') {
    tally.exempt++;
    return;
  }
  tally.open[severity]++;
  if (status === 'new') tally.fresh++;
  if (tally.oldest === null || firstSeen < tally.oldest) tally.oldest = firstSeen;
}

function compareTallies(a: Tally<unknown>, b: Tally<unknown>): number {
  for (const severity of SEVERITIES) {
    const difference = b.open[severity] - a.open[severity];
    if (difference !== 0) return difference;
  }
  return b.notEvaluated - a.notEvaluated || b.exempt - a.exempt;
}
