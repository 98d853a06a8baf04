import type { ClusterIdentity } from '../inventory/names.ts';
import { compareText, compareWorkloads } from '../inventory/workload.ts';
import { compareSeverity } from '../severity.ts';
import type { Finding } from './finding.ts';

/** Clusters of one name in several accounts or regions stay apart and in a fixed order. */
export const compareClusters = (a: ClusterIdentity, b: ClusterIdentity): number =>
  // Rows of one cluster share its identity.
  a === b
    ? 0
    : compareText(a.name, b.name) ||
      compareText(a.accountId, b.accountId) ||
      compareText(a.region, b.region) ||
      compareText(a.arn, b.arn);

/** Cluster, severity (critical first), check, namespace, kind, name, container. */
export const compareFindings = (a: Finding, b: Finding): number =>
  compareClusters(a.cluster, b.cluster) ||
  compareSeverity(a.severity, b.severity) ||
  compareText(a.check, b.check) ||
  compareWorkloads(a.workload, b.workload) ||
  compareText(a.container, b.container) ||
  compareText(a.id, b.id);
