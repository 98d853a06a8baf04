import type { Exemption } from '../config/model.ts';
import type { Finding } from '../findings/model.ts';
import type { ClusterIdentity, WorkloadRef } from '../inventory/names.ts';

/** A workload that somebody should look at; lists of them are ordered worst first by the ranking. */
export interface RankedWorkload {
  readonly cluster: ClusterIdentity;
  readonly workload: WorkloadRef;
  /** The most pods that any one of its findings stands for. */
  readonly pods: number;
  /** Its active findings (new and open), at least one. */
  readonly findings: readonly Finding[];
}

/** Exemptions that a person must look at. */
export interface ExemptionNotes {
  /** Findings that were exempt in the previous run and are not any more, whatever ended that. */
  readonly ended: readonly Finding[];
  /** Past their last day: what they covered fires again. */
  readonly expired: readonly ExemptionNote[];
  /** Still valid, for 14 days at most. */
  readonly expiring: readonly ExemptionNote[];
  /** Valid, but matched no finding in this run. */
  readonly unused: readonly ExemptionNote[];
}

export interface ExemptionNote {
  readonly exemption: Exemption;
  /** How many findings of this run it covers, or would cover had it not expired. */
  readonly findings: number;
}

export const NO_EXEMPTION_NOTES: ExemptionNotes = { ended: [], expired: [], expiring: [], unused: [] };

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

/** News of earlier runs whose mails were not accepted: this run's mail has to tell it. */
export interface LateNews {
  /** RFC 3339: the start of the first of these runs. */
  readonly since: string;
  /** Their ids. */
  readonly runs: readonly string[];
  /** Ids of findings of this run that nobody was told of, although they are not new. */
  readonly found: readonly string[];
  /** Ids of findings of this run that are no longer exempt, and of which nobody was told that. */
  readonly ended: readonly string[];
  /** What this run does not hold: findings that are over, and those of clusters that it did not look at. */
  readonly rows: readonly Finding[];
}

/** A part of the record of a run that could not be written or read, although everything else goes on. */
export interface Shortfall {
  /** Such as `the findings of cluster prod`. */
  readonly part: string;
  /** One sentence: what happened, and what to do. */
  readonly problem: string;
}
