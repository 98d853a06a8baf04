/** Milliseconds: short for a machine that has time, and long for one that has none. */
const LIMITS = [200, 1_000, 5_000, 20_000];

/**
 * A test in which one thing is given up after a time limit and another one is in time. A busy machine may be too late for
 * a short limit, so that the test is repeated with longer ones, and fails where it fails with the longest.
 */
export async function withPatience(attempt: (limitMs: number) => Promise<void>): Promise<void> {
  for (const limitMs of LIMITS) {
    try {
      return await attempt(limitMs);
    } catch (error) {
      if (limitMs === LIMITS.at(-1)) throw error;
    }
  }
}
