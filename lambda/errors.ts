import type { GapReason } from './inventory/gap.ts';

/** Base of all errors this program raises on purpose: the message is one sentence for whom it concerns. */
export class AuditorError extends Error {
  override readonly name: string = 'AuditorError';
}

/** Wrong flags, files or configuration: exit code 2. */
export class UsageError extends AuditorError {
  override readonly name = 'UsageError';
}

/** The audit is done, and its result could not be stored or sent: exit code 5. */
export class OutputError extends AuditorError {
  override readonly name = 'OutputError';
}

/** Something could not be read from a cluster or a file; becomes a gap, never an empty result. */
export class ReadError extends AuditorError {
  override readonly name = 'ReadError';
  readonly reason: GapReason;
  /** One sentence: what to do. */
  readonly remedy: string;

  constructor(reason: GapReason, message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.remedy = remedy;
  }
}
