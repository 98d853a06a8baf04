/** What other CDK apps may use. */
export { AuditorStack, type AuditorStackProps } from './auditor-stack.ts';
export type { AuditMetric } from './constructs/audit-metrics.ts';
export type { AuditorVpc } from './constructs/auditor-vpc.ts';
export { ClusterAccess, type ClusterAccessProps } from './constructs/cluster-access.ts';
export { EksDriftAuditor, type EksDriftAuditorProps, type MetricOfRuns } from './eks-drift-auditor.ts';
export { MemberStack, type MemberStackProps } from './member-stack.ts';
export { type AuditedAccount, addAccount, readSettings, type Settings, settingsFrom } from './settings.ts';
