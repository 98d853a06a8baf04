import type { Severity } from '../severity.ts';
import type { CauseCounts } from './count-causes.ts';
import type { STATUSES } from './finding.ts';
import type { GapClass } from './not-evaluated.ts';

export type StatusCounts = Readonly<Record<(typeof STATUSES)[number], number>>;
export type SeverityTotals = Readonly<Record<Severity, number>>;

export interface FindingCounts {
  /** New and open, and not {@link apart}: those that ask somebody to act. */
  readonly active: number;
  /** How many of them are new. */
  readonly activeNew: number;
  readonly activeBySeverity: SeverityTotals;
  /** New and open ones of managed workloads that people see apart; see `isApart`. The counts below hold them, too. */
  readonly apart: number;
  /** Of the active ones; `null` when there is none. */
  readonly maxSeverity: Severity | null;
  readonly byStatus: StatusCounts;
  readonly bySeverity: Readonly<Record<Severity, StatusCounts>>;
}

export interface NotEvaluatedCounts {
  readonly total: number;
  readonly byReason: Readonly<Record<string, number>>;
  /** By what they ask of people: mails and alarms speak of lost and fixable ones only. */
  readonly byGap: Readonly<Record<GapClass, number>>;
}

export interface Coverage {
  /** Verdicts that are pass, fail or exempt. */
  readonly decided: number;
  /**
   * All verdicts that are known to be due. A cluster that could not be read has an unknown number of
   * them, so `decided = total` says nothing by itself: read `complete`.
   */
  readonly total: number;
  /** Every target was audited and every verdict was decided. Never true when there was no target. */
  readonly complete: boolean;
}

/** What asks an owner to act. */
export interface OwnerCounts {
  /** `null`: nothing names an owner. */
  readonly owner: string | null;
  readonly workloads: number;
  /** New and open findings that are not apart. */
  readonly findings: number;
  /** How many of them are new. */
  readonly fresh: number;
  readonly maxSeverity: Severity;
}

/** How much a mail has to say of each kind, whether it lists it or not. */
export interface NewsCounts {
  readonly fresh: SeverityTotals;
  /** Behind the fresh ones. */
  readonly freshCauses: number;
  readonly asked: SeverityTotals;
  readonly added: SeverityTotals;
  readonly changed: number;
  readonly fixed: number;
  readonly gone: number;
  readonly withdrawn: number;
  readonly ended: number;
  /** Became exempt; missing where an earlier version has counted. */
  readonly begun?: number;
  readonly freshBelow: number;
  readonly changedBelow: number;
  /** Causes. */
  readonly open: SeverityTotals;
  /** Behind the open causes. */
  readonly openFindings: number;
  /** What attributes count: of fresh and changed ones, and of the others that are severe enough. */
  readonly reported: number;
}

/** What rows say of one check that its tally does not. */
export interface CheckNumbers {
  readonly check: string;
  /** Rows that were not evaluated. */
  readonly gaps: number;
  /** Of new and open findings; `null`: there is none. */
  readonly worst: Severity | null;
  /** RFC 3339: the first sight of the oldest of them. */
  readonly oldest: string | null;
}

/** The numbers of a cluster of which a run of a fleet holds only the heaviest rows: they count all. */
export interface ClusterNumbers {
  readonly findings: FindingCounts;
  readonly causes: CauseCounts;
  readonly coverage: Coverage;
  readonly notEvaluated: NotEvaluatedCounts;
  readonly owners: readonly OwnerCounts[];
  /** Of checks with such rows. */
  readonly checks: readonly CheckNumbers[];
  readonly news: NewsCounts;
}
