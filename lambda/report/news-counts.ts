import type { NewsCounts, SeverityTotals } from '../findings/cluster-numbers.ts';
import type { Finding } from '../findings/finding.ts';
import { foldCauses } from '../findings/fold-causes.ts';
import { isActive } from '../findings/identity.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import { isAtLeast, SEVERITIES, type Severity } from '../severity.ts';
import type { DigestInput } from './digest-input.ts';
import type { NewsLists } from './news-lists.ts';
import { thousands } from './words.ts';

/** What lists count, which hold all there is. */
export function countNews(
  lists: NewsLists,
  { options, exemptions }: Pick<DigestInput, 'options' | 'exemptions'>,
): NewsCounts {
  const { fresh, asked, added, changed, open } = lists;
  const severe = [...asked, ...added].filter(({ severity }) => isAtLeast(severity, options.minSeverity));
  return {
    fresh: totalsOf(fresh),
    freshCauses: foldCauses(fresh).length,
    asked: totalsOf(asked),
    added: totalsOf(added),
    changed: changed.length,
    fixed: lists.fixed.length,
    gone: lists.gone.length,
    withdrawn: lists.withdrawn.length,
    ended: lists.ended.length,
    begun: exemptions.begun?.length ?? 0,
    freshBelow: lists.freshBelow,
    changedBelow: lists.changedBelow,
    open: totalsOf(open),
    openFindings: open.reduce((sum, { findings }) => sum + findings.length, 0),
    reported: fresh.length + changed.filter(isActive).length + severe.length,
  };
}

/** The counts of clusters together. */
export function addNews(counts: readonly NewsCounts[]): NewsCounts {
  const sum = (of: (one: NewsCounts) => number): number => counts.reduce((total, one) => total + of(one), 0);
  const sums = (of: (one: NewsCounts) => SeverityTotals): SeverityTotals => ({
    critical: sum((one) => of(one).critical),
    high: sum((one) => of(one).high),
    medium: sum((one) => of(one).medium),
    low: sum((one) => of(one).low),
  });
  return {
    fresh: sums(({ fresh }) => fresh),
    freshCauses: sum(({ freshCauses }) => freshCauses),
    asked: sums(({ asked }) => asked),
    added: sums(({ added }) => added),
    changed: sum(({ changed }) => changed),
    fixed: sum(({ fixed }) => fixed),
    gone: sum(({ gone }) => gone),
    withdrawn: sum(({ withdrawn }) => withdrawn),
    ended: sum(({ ended }) => ended),
    begun: sum(({ begun = 0 }) => begun),
    freshBelow: sum(({ freshBelow }) => freshBelow),
    changedBelow: sum(({ changedBelow }) => changedBelow),
    open: sums(({ open }) => open),
    openFindings: sum(({ openFindings }) => openFindings),
    reported: sum(({ reported }) => reported),
  };
}

/** Whether a run holds only the heaviest rows of its clusters. */
export const isShortened = (clusters: readonly ClusterResult[]): boolean =>
  clusters.some(({ numbers }) => numbers !== undefined);

const totalsOf = (rows: readonly { readonly severity: Severity }[]): SeverityTotals => {
  const totals = { critical: 0, high: 0, medium: 0, low: 0 };
  for (const { severity } of rows) totals[severity]++;
  return totals;
};

export const totalOf = (totals: SeverityTotals): number =>
  SEVERITIES.reduce((sum, severity) => sum + totals[severity], 0);

/** `1 critical, 3 high`, severities without any left out. */
export const severityText = (totals: SeverityTotals): string =>
  SEVERITIES.filter((severity) => totals[severity] > 0)
    .map((severity) => `${thousands(totals[severity])} ${severity}`)
    .join(', ');

/** Rows of clusters that the run does not hold, which no cluster counts. */
export function ofOtherClusters(
  rows: readonly Finding[],
  clusters: readonly ClusterResult[],
  keyOf: (cluster: Finding['cluster']) => string,
): readonly Finding[] {
  const held = new Set(clusters.map(({ cluster }) => keyOf(cluster)));
  return rows.filter(({ cluster }) => !held.has(keyOf(cluster)));
}
