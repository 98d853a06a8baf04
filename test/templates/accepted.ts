/** A warning that stays. Its reason stands in docs/operations.md, in the table under the same id. */
export interface Accepted {
  readonly rule: string;
  /** Logical ids of the resources that it may be about. */
  readonly resources: RegExp;
}

const FUNCTIONS = /Function[0-9A-F]{8}$/;
const ACCESS_LOGS = /^AuditorReportsAccessLogs/;

export const ACCEPTED: readonly Accepted[] = [
  { rule: 'W3005', resources: /(Function|StateMachine)[0-9A-F]{8}$/ },
  { rule: 'CKV_AWS_18', resources: ACCESS_LOGS },
  { rule: 'CKV_AWS_21', resources: ACCESS_LOGS },
  { rule: 'CKV_AWS_111', resources: /^AuditorRunAudit(Cluster)?Run[0-9A-F]{8}$/ },
  { rule: 'CKV_AWS_115', resources: /^Auditor(Watch|RunDiscover|RunSendDigest)Function/ },
  { rule: 'CKV_AWS_117', resources: FUNCTIONS },
  { rule: 'CKV_AWS_173', resources: FUNCTIONS },
];
