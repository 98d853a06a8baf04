import type { Timing } from '../../connect/timing.ts';
import { ReadError } from '../../errors.ts';

export interface RetryPolicy {
  /** Including the first. */
  readonly attempts: number;
  /** Before the second attempt at most this long, then twice as long each time, up to `capMs`. */
  readonly baseMs: number;
  readonly capMs: number;
  /** A server may ask for more (`Retry-After`), but not for more than this. */
  readonly retryAfterCapMs: number;
  /** No further attempt begins later than this after the first one began. */
  readonly budgetMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 6,
  baseMs: 250,
  capMs: 10_000,
  retryAfterCapMs: 30_000,
  budgetMs: 120_000,
};

/** Statuses that may pass; 501 and the like will not change by asking again. */
export const WORTH_ANOTHER: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

export type Attempt<T> =
  | { readonly done: T }
  /** `retryAfterMs: null` when the server did not say. */
  | { readonly failed: ReadError; readonly retryAfterMs: number | null };

/**
 * Repeats an attempt with exponential backoff and full jitter
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), within bounds.
 * @throws ReadError the last failure, when the bounds are reached; the reason of the signal, when it fires
 */
export async function retrying<T>(
  attempt: () => Promise<Attempt<T>>,
  { policy, timing, signal }: { policy: RetryPolicy; timing: Timing; signal?: AbortSignal | undefined },
): Promise<T> {
  const started = timing.now();
  for (let count = 1; ; count++) {
    const result = await attempt();
    if ('done' in result) return result.done;
    const wait = waitBefore(count, result.retryAfterMs, { policy, timing });
    if (count >= policy.attempts || timing.now() + wait - started > policy.budgetMs)
      throw gaveUp(result.failed, count);
    try {
      await timing.sleep(wait, signal);
    } catch (error) {
      // A timer that is ended hides the reason behind its own error.
      signal?.throwIfAborted();
      throw error;
    }
  }
}

function waitBefore(
  count: number,
  retryAfterMs: number | null,
  { policy, timing }: { policy: RetryPolicy; timing: Timing },
): number {
  const jitter = timing.random() * Math.min(policy.capMs, policy.baseMs * 2 ** (count - 1));
  // On top of what the server asked for, so that clients which were refused together do not return together.
  return Math.min(retryAfterMs ?? 0, policy.retryAfterCapMs) + jitter;
}

/** The last failure, with how often it was tried. */
export function gaveUp(failed: ReadError, attempts: number): ReadError {
  if (attempts === 1) return failed;
  return new ReadError(
    failed.reason,
    `${failed.message} ${attempts} attempts were made.`,
    failed.remedy,
    failed,
  );
}

/**
 * `Retry-After` in milliseconds from `now`: seconds or an HTTP date (RFC 9110, section 10.2.3).
 * @returns `null` when there is none or it cannot be understood
 */
export function parseRetryAfter(value: string | null, now: number): number | null {
  if (value === null) return null;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  // An HTTP date begins with the day's name; Date.parse alone would take "-5" for a year.
  const date = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
