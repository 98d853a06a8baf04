export interface BatchLimits {
  readonly items: number;
  /** All items of a batch together. */
  readonly bytes: number;
}

/** Cuts a list into batches in its order. An item that is too large by itself stands alone. */
export function* batches<T>(
  items: Iterable<T>,
  sizeOf: (item: T) => number,
  limits: BatchLimits,
): Generator<readonly T[]> {
  let batch: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (batch.length > 0 && (batch.length >= limits.items || bytes + size > limits.bytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** Sends a batch and says which of its items were not taken, and why. */
export type SendBatch<T> = (batch: readonly T[]) => Promise<readonly Refused<T>[]>;

export interface Refused<T> {
  readonly item: T;
  readonly reason: string;
  /** The same item would be refused again. */
  readonly final: boolean;
}

export interface RetryOptions {
  /** Including the first. */
  readonly attempts: number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/**
 * Sends a batch, and what was refused of it again, with growing pauses.
 * @returns what was not taken in the end
 */
export async function sendWithRetries<T>(
  batch: readonly T[],
  send: SendBatch<T>,
  { attempts, sleep }: RetryOptions,
): Promise<readonly Refused<T>[]> {
  const lost: Refused<T>[] = [];
  let open = batch;
  for (let attempt = 1; ; attempt++) {
    const refused = await send(open);
    lost.push(...refused.filter(({ final }) => final));
    const again = refused.filter(({ final }) => !final);
    if (again.length === 0) return lost;
    if (attempt >= attempts) return [...lost, ...again];
    open = again.map(({ item }) => item);
    await sleep(Math.random() * 500 * 2 ** attempt);
  }
}
