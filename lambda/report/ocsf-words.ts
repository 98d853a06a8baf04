import type { FindingStatus } from '../findings/finding.ts';
import type { Severity } from '../severity.ts';

/**
 * Numbers of OCSF 1.6.0 with their captions, from the schema's own files
 * (https://github.com/ocsf/ocsf-schema/tree/v1.6.0: `dictionary.json`, `events/findings/finding.json`,
 * `objects/compliance.json`). A test holds each number and its caption to them.
 */

export const OCSF_VERSION = '1.6.0';

/** Findings are category 2; the class is `category * 1000 + 3` (`events/findings/compliance_finding.json`). */
export const CLASS = {
  category_uid: 2,
  category_name: 'Findings',
  class_uid: 2003,
  class_name: 'Compliance Finding',
} as const;

/** A number of an enumeration and what it is called. */
export type Caption = readonly [id: number, caption: string];

const UNKNOWN: Caption = [0, 'Unknown'];

const CREATE: Caption = [1, 'Create'];
const UPDATE: Caption = [2, 'Update'];
const CLOSE: Caption = [3, 'Close'];

const NEW: Caption = [1, 'New'];
const IN_PROGRESS: Caption = [2, 'In Progress'];
const SUPPRESSED: Caption = [3, 'Suppressed'];
const RESOLVED: Caption = [4, 'Resolved'];
/** Unlike Resolved it does not say that somebody has remediated it. */
const ARCHIVED: Caption = [5, 'Archived'];

const PASS: Caption = [1, 'Pass'];
/** "The compliance check did not yield a result due to missing information": not evaluated. */
const NO_RESULT: Caption = [2, 'Warning'];
const FAIL: Caption = [3, 'Fail'];

/** With a caption of the source's own. */
const other = (caption: string): Caption => [99, caption];

export interface OcsfStatus {
  /** What happened to it in this run. */
  readonly activity: Caption;
  /** Whether it asks somebody to act. */
  readonly status: Caption;
  /** What the check says. */
  readonly compliance: Caption;
}

/**
 * Only what was fixed has passed. Of a workload that is gone, and of what is no longer asked, there is no result, and
 * `resolved` in rows of earlier versions does not say which of fixed and gone it means.
 */
export const FINDING_STATUS: Readonly<Record<FindingStatus, OcsfStatus>> = {
  new: { activity: CREATE, status: NEW, compliance: FAIL },
  open: { activity: UPDATE, status: IN_PROGRESS, compliance: FAIL },
  exempt: { activity: UPDATE, status: SUPPRESSED, compliance: FAIL },
  fixed: { activity: CLOSE, status: RESOLVED, compliance: PASS },
  gone: { activity: CLOSE, status: ARCHIVED, compliance: other('Gone') },
  withdrawn: { activity: CLOSE, status: ARCHIVED, compliance: other('Withdrawn') },
  resolved: { activity: CLOSE, status: ARCHIVED, compliance: other('Fixed or gone') },
};

/** @param since when it was first not decided, RFC 3339; not known before a run is compared with the last one */
export function gapStatus(since: string | undefined, startedAt: string): OcsfStatus {
  if (since === undefined) return { activity: UNKNOWN, status: UNKNOWN, compliance: NO_RESULT };
  return since === startedAt
    ? { activity: CREATE, status: NEW, compliance: NO_RESULT }
    : { activity: UPDATE, status: IN_PROGRESS, compliance: NO_RESULT };
}

const SEVERITIES: Readonly<Record<Severity, Caption>> = {
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
  critical: [5, 'Critical'],
};

/** What was not decided has no severity yet; it is not informational. */
export const severityOf = (severity: Severity | null): Caption =>
  severity === null ? UNKNOWN : SEVERITIES[severity];

/** The subject of the check, and what it belongs to (`objects/resource_details.json`). */
export const TARGET = { role_id: 1, role: 'Target' } as const;
export const RELATED = { role_id: 4, role: 'Related' } as const;

/** `objects/account.json` */
export const AWS_ACCOUNT = { type_id: 10, type: 'AWS Account' } as const;

/** `objects/analytic.json` */
export const RULE = { type_id: 1, type: 'Rule' } as const;
