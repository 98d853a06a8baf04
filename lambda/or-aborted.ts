/**
 * Waits for work until a signal fires; then the reason is thrown, and the work is left behind. The one race of this kind.
 *
 * @param signal `undefined`: as long as it takes
 * @param reason What is thrown then. @defaultValue the reason of the signal
 */
export async function orAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  reason: () => unknown = () => signal?.reason,
): Promise<T> {
  if (signal === undefined) return work;
  // Nobody may wait for it any more when it fails.
  work.catch(() => undefined);
  if (signal.aborted) throw reason();
  const settled = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(reason()), { once: true, signal: settled.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    settled.abort();
  }
}
