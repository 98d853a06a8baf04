import { gunzipSync, gzipSync } from 'node:zlib';
import { AuditorError } from '../errors.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import type { Shard } from '../inventory/shard.ts';
import { type ImageMemory, parseKnown, printKnown } from '../registry/known.ts';
import { imagesKey } from '../store/layout.ts';
import type { ReportStore } from '../store/store.ts';

/** A million images are about this large. What is larger was not written here. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Keeps what is known of the images of a cluster in the store. It only saves requests: what cannot be read is asked for
 * again, and what cannot be written will be.
 */
export function imageMemory(
  store: ReportStore,
  cluster: ClusterIdentity,
  shard: Shard | null = null,
): ImageMemory {
  const key = imagesKey(cluster, shard);
  return {
    async read() {
      try {
        const bytes = await store.get(key);
        if (bytes === null) return new Map();
        return parseKnown(gunzipSync(bytes, { maxOutputLength: MOST_BYTES }).toString('utf8'));
      } catch (error) {
        if (error instanceof AuditorError || isDamaged(error)) return new Map();
        throw error;
      }
    },
    async write(known) {
      try {
        await store.put(key, [gzipSync(printKnown(known))], {
          contentType: 'application/json',
          contentEncoding: 'gzip',
        });
      } catch (error) {
        if (!(error instanceof AuditorError)) throw error;
      }
    },
  };
}

/** As zlib says it. */
const isDamaged = (error: unknown): boolean => {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === 'string' && /^(?:Z_|ERR_BUFFER_TOO_LARGE)/.test(code);
};
