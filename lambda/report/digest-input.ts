import type { Config } from '../config/config.ts';
import type { AcceptedGapNotes } from '../exemptions/accepted-gaps.ts';
import type { RunResult } from '../findings/run-result.ts';
import type { ExemptionNotes } from './exemption-notes.ts';
import type { GoneCluster, LateNews, RunChanges, Shortfall, UnfinishedRun } from './news.ts';

/** All that a mail is made from. */
export interface DigestInput {
  readonly run: RunResult;
  readonly exemptions: ExemptionNotes;
  readonly acceptedGaps?: AcceptedGapNotes | null;
  /** No earlier run is known, so that everything is new. */
  readonly firstRun: boolean;
  /** What was asked in another way in the last run; `null`: not known, or nothing. */
  readonly changes?: RunChanges | null;
  /** Known from earlier runs and not found any more. */
  readonly gone?: readonly GoneCluster[];
  /** Ids of accounts of the organization that are suspended, so that nothing in them was audited. @defaultValue none */
  readonly suspended?: readonly string[];
  /** News of earlier runs that were not sent. */
  readonly late?: LateNews | null;
  /** Earlier runs that did not finish. @defaultValue none */
  readonly unfinished?: readonly UnfinishedRun[];
  /** What is missing of the record, as far as it is known when the mail is decided. */
  readonly shortfalls?: readonly Shortfall[];
  /** It could not be read what is new, so the mail must not say that nothing is. */
  readonly newsUnknown?: boolean;
  /** Console link, `s3://` address or path; never a presigned URL. `null` when nothing was stored. */
  readonly reportLocation: string | null;
  readonly options: Pick<Config['digest'], 'minSeverity' | 'top'>;
  /** Of a mail about a part of the run. @defaultValue what SNS takes */
  readonly maxBytes?: number;
  /** Owners that get no mail of their own, since there are too many. @defaultValue none */
  readonly ownersWithoutMail?: number;
}
