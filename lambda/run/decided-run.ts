import type { Config } from '../config/config.ts';
import type { AcceptedGapNotes } from '../exemptions/accepted-gaps.ts';
import type { RecordedCoverage } from '../findings/former-coverage.ts';
import type { Digest } from '../report/digest-message.ts';
import type { GoneCluster, LateNews, RunChanges, Shortfall } from '../report/news.ts';
import type { PartMail } from '../report/part-mails.ts';
import type { RecordedConfig } from '../store/state-format.ts';
import type { StoredObject } from '../store/store.ts';
import type { Conclusion } from './conclude.ts';
import type { RunContext } from './run-context.ts';

/** A run as it was decided, with all that is needed to write its reports, states and mail: again, if need be. */
export interface DecidedRun extends Conclusion {
  /** Epoch milliseconds: when the clusters were read. */
  readonly now: number;
  readonly digest: Digest;
  /** Mails about parts of the run, to owners and along routes. */
  readonly parts: readonly PartMail[];
  readonly gone: readonly GoneCluster[];
  /**
   * By `clusterKey`: the state that follows from the comparison. Clusters whose state could not be read, or may be
   * of another cluster, are missing.
   */
  readonly comparedWith: ReadonlyMap<string, StateToAdvance>;
  /** For the states; missing in decisions of earlier versions. */
  readonly config?: RecordedConfig;
  /** What {@link config} leaves out of the effective configuration; missing in decisions of earlier versions. */
  readonly accounts?: Config['accounts'];
  /** Missing in decisions of earlier versions. */
  readonly context?: RunContext;
  /** Objects of the run that were stored before it was decided: inventories. */
  readonly stored: readonly StoredObject[];
  /** What was asked in another way in the last run; `null`: not known, as in decisions of earlier versions. */
  readonly changes: RunChanges | null;
  /** Accepted gaps that a person must look at; `null` likewise. */
  readonly acceptedGaps: AcceptedGapNotes | null;
  /** It could not be read in full what is new. */
  readonly newsUnknown: boolean;
  /** What is sent here because the mails of earlier runs were not accepted. */
  readonly late: LateNews | null;
  /** Runs that need not be listed as untold any more: their mail was accepted, or their news is in {@link late}. */
  readonly settled: readonly string[];
  /** The rows of each cluster are recorded with that cluster; this is the end of the run of a fleet. */
  readonly perCluster?: boolean;
  /** What the record lacks for good, and what could not be read of earlier runs. */
  readonly shortfalls: readonly Shortfall[];
}

/** Where the state of a cluster is to be written, and what was there when it was compared. */
export interface StateToAdvance {
  readonly key: string;
  /** SHA-256; `null`: nothing. */
  readonly sha256: string | null;
  /** What the run could decide; absent in decisions of earlier versions. */
  readonly coverage?: RecordedCoverage;
  /** Key of the note with the layers that were measured; absent where none were. */
  readonly layers?: string;
}

/** A run that is decided, so that its mail may go out. */
export interface CommittedRun extends DecidedRun {
  /**
   * The stored decision. `null` when it could not be stored: then it is no decision that stands, nothing that follows
   * from it is written, and the next delivery of the run decides again.
   */
  readonly record: StoredObject | null;
}
