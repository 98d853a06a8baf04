import type { Finding, FindingChange } from '../findings/finding.ts';
import type { ClusterIdentity } from '../inventory/names.ts';

/** A cluster of an earlier run that is not there any more: deleted, renamed, or out of what is looked at. */
export interface GoneCluster {
  readonly cluster: ClusterIdentity;
  /** Id of the run that last knew it; `null` when what is left of it cannot be read. */
  readonly lastRun: string | null;
  /** Findings that were open then; `null` likewise. */
  readonly findings: number | null;
  /** Where its state is kept. */
  readonly state: string;
}

/** News of earlier runs whose mails were not accepted: this run's mail has to report them. */
export interface LateNews {
  /** RFC 3339: the start of the first of these runs. */
  readonly since: string;
  /** Their ids. */
  readonly runs: readonly string[];
  /** Ids of findings of this run that were not reported, although they are not new. */
  readonly found: readonly string[];
  /** Ids of findings of this run that are no longer exempt, which was not reported. */
  readonly ended: readonly string[];
  /** Findings of this run that became worse, which was not reported. */
  readonly changed?: readonly LateChange[];
  /** What this run does not hold: findings that are over, and those of clusters that it did not look at. */
  readonly rows: readonly Finding[];
}

export interface LateChange {
  readonly id: string;
  readonly change: FindingChange;
}

/** A run that has left something in the store and no manifest. */
export interface UnfinishedRun {
  /** Its id. */
  readonly run: string;
  /** RFC 3339, as its id says. */
  readonly startedAt: string;
}

/** A part of the record of a run that could not be written or read, although everything else goes on. */
export interface Shortfall {
  /** Such as `the findings of cluster prod`. */
  readonly part: string;
  /** One sentence: what happened, and what to do. */
  readonly problem: string;
}

/** Why a finding is new although nothing happened in its cluster. Stable codes. */
export type AskedReason =
  /** The configuration had its check switched off. */
  | 'check-on'
  /** The version of the last run did not have its check. */
  | 'check-added'
  /** The configuration left its namespace out. */
  | 'namespace-included'
  /** It passes by the limits of the last run. */
  | 'limit-changed'
  /** It passes by the configuration of the last run. */
  | 'configuration-changed';

/** What is asked now and was not in the last run. */
export interface RunChanges {
  /** The settings that were changed, each as `limits.podMaxAge: 90d -> 30d`. */
  readonly settings: readonly string[];
  /** By id of the finding. */
  readonly asked: ReadonlyMap<string, AskedReason>;
}
