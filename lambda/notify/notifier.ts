import type { RunResult } from '../findings/run-result.ts';
import type { Anchor } from '../report/anchor.ts';
import type { DigestInput } from '../report/digest-input.ts';
import type { Digest } from '../report/digest-message.ts';

/** What a notification of a run contains. */
export interface Notice {
  readonly run: RunResult;
  readonly digest: Digest;
  /** What the digest was made from, for messages in another form. */
  readonly facts: Omit<DigestInput, 'options' | 'maxBytes' | 'ownersWithoutMail'>;
  /** Everything is new, because no earlier state was known. */
  readonly firstRun: boolean;
  /** Epoch milliseconds: when the clusters were read. */
  readonly now: number;
  /** How a person finds the reports; `null` when nothing was stored. */
  readonly location: string | null;
  /** Which manifest is the newest one; `null` when none vouches for the run. */
  readonly anchor: Anchor | null;
}

/** The target whose acceptance settles news: people read it. Until then it stays news. */
export const MAIL = 'sns';

/** The target for chat applications: what it did not get is owed to it, apart from the mail. */
export const CHAT = 'chat';

/** A target of notifications: a topic, Security Hub, an event bus. */
export interface Notifier {
  /** In lower case, letters and hyphens; names the marker that says that it was notified. */
  readonly name: string;
  /**
   * Tells it. After a crash in the middle it is called again with the same notice.
   * @param signal Ends it: whoever calls does not wait any longer.
   * @throws AuditorError when not every notification could be sent
   */
  notify(notice: Notice, signal?: AbortSignal): Promise<void>;
}
