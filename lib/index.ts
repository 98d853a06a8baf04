/** What other CDK apps may use. */
export { AuditorStack, type AuditorStackProps } from './auditor-stack.ts';
export { ClusterAccess, type ClusterAccessProps } from './constructs/cluster-access.ts';
export { EksDriftAuditor, type EksDriftAuditorProps } from './eks-drift-auditor.ts';
export { MemberStack, type MemberStackProps } from './member-stack.ts';
export { readSettings, type Settings } from './settings.ts';
