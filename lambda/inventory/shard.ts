import { hash } from 'node:crypto';

/** One part of a cluster that is too large for one function: some of its namespaces. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/**
 * Whether a namespace belongs to a shard. Its name alone decides, so that no function has to know what another
 * one reads, and every namespace is in exactly one shard.
 */
export function isInShard(namespace: string, { index, count }: Shard): boolean {
  return hash('sha256', namespace, 'buffer').readUInt32BE(0) % count === index;
}

/** `shard-03-of-08`, for names of objects. */
export const shardName = ({ index, count }: Shard): string =>
  `shard-${String(index + 1).padStart(2, '0')}-of-${String(count).padStart(2, '0')}`;

/** `part 3 of 8`, for sentences. */
export const shardText = ({ index, count }: Shard): string => `part ${index + 1} of ${count}`;
