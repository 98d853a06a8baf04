import type { Finding } from '../findings/finding.ts';
import { workloadsOf } from './order.ts';

/** Findings of several checks or containers of a workload concern the same pods, which count once. */
export function populationOf(findings: readonly Finding[]): {
  readonly workloads: number;
  readonly pods: number;
} {
  let [workloads, pods] = [0, 0];
  for (const rows of workloadsOf(findings)) {
    workloads++;
    pods += rows.reduce((most, row) => Math.max(most, row.pods.count), 0);
  }
  return { workloads, pods };
}
