import type { RunResult } from '../findings/model.ts';
import type { Digest } from '../report/digest.ts';

/** What there is to tell about a run. */
export interface Notice {
  readonly run: RunResult;
  readonly digest: Digest;
  /** Everything is new, because no earlier state was known. */
  readonly firstRun: boolean;
  /** Epoch milliseconds: when the clusters were read. */
  readonly now: number;
  /** How a person finds the reports; `null` when nothing was stored. */
  readonly location: string | null;
}

/** A place to tell it: a topic, Security Hub, an event bus. */
export interface Notifier {
  /** In lower case, letters and hyphens; names the marker that says that it was told. */
  readonly name: string;
  /**
   * Tells it. After a crash in the middle it is called again with the same notice.
   * @throws AuditorError when not everybody could be told
   */
  notify(notice: Notice): Promise<void>;
}
