/** Maps in order, at most `limit` at once. The first rejection is thrown, and nothing new is begun after it. */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Array<R>(items.length);
  const queue = items.entries();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failed) return;
      try {
        results[index] = await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}

/**
 * Results in the order of their work, with at most `limit` begun and not yet taken: one that takes long holds up those behind it
 * and no more than these. The first rejection is thrown when it is its turn, and nothing new is begun after it.
 */
export async function* inOrder<R>(
  work: readonly (() => Promise<R>)[],
  limit: number,
): AsyncGenerator<readonly [index: number, result: R]> {
  const begun: Promise<R>[] = [];
  let next = 0;
  for (let index = 0; index < work.length; index++) {
    while (next < work.length && next < index + limit) {
      const one = (work[next++] as () => Promise<R>)();
      // Whoever takes it hears of it.
      one.catch(() => undefined);
      begun.push(one);
    }
    const first = begun.shift();
    if (first !== undefined) yield [index, await first];
  }
}
