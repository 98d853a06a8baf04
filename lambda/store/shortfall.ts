import { AuditorError } from '../errors.ts';
import type { Shortfall } from '../report/news.ts';

/**
 * Goes on without a part that the store refuses. What is no refusal, but a defect of this program, is thrown.
 *
 * @param shortfalls Takes what is missing then.
 * @returns `null` when the part is missing
 */
export async function orShortfall<T>(
  part: string,
  shortfalls: Shortfall[],
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AuditorError)) throw error;
    shortfalls.push({ part, problem: error.message });
    return null;
  }
}
