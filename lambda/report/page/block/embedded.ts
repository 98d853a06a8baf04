import type { Finding } from '../../../findings/finding.ts';
import { compareClusters, compareFindings } from '../../../findings/order.ts';
import type { ClusterResult } from '../../../findings/run-result.ts';
import { compareWorkloads } from '../../../inventory/workload.ts';

/** Above it browsers take too long, and mails refuse the file. */
const MOST_ROWS = 100_000;

export interface Embedded {
  readonly findings: readonly Finding[];
  /** How many are only in the CSV. */
  readonly left: number;
}

/** All findings by workload, as whose neighbours they pack best; of too many those that are critical, high or new before the others. */
export function embeddedFindings(clusters: readonly ClusterResult[], most: number = MOST_ROWS): Embedded {
  const total = clusters.reduce((sum, { findings }) => sum + findings.length, 0);
  if (total <= most) {
    return { findings: clusters.flatMap(({ findings }) => findings).sort(byWorkload), left: 0 };
  }
  const findings: Finding[] = [];
  for (const goesFirst of [true, false]) {
    for (const { findings: all } of clusters) {
      for (const finding of all) {
        if (findings.length === most) break;
        if (isUrgent(finding) === goesFirst) findings.push(finding);
      }
    }
  }
  return { findings: findings.sort(byWorkload), left: total - most };
}

const byWorkload = (a: Finding, b: Finding): number =>
  compareClusters(a.cluster, b.cluster) || compareWorkloads(a.workload, b.workload) || compareFindings(a, b);

const isUrgent = ({ severity, status }: Finding): boolean =>
  status === 'new' || ((severity === 'critical' || severity === 'high') && status === 'open');
