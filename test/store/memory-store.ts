import { sha256Of } from '../../lambda/store/manifest.ts';
import { gather, type ReportStore } from '../../lambda/store/store.ts';

export interface MemoryStore extends ReportStore {
  readonly objects: ReadonlyMap<string, Uint8Array>;
  /** Keys in the order in which they were put. */
  readonly order: readonly string[];
}

export interface MemoryOptions {
  readonly objects?: ReadonlyMap<string, Uint8Array>;
  /** Before each write, with the number of those that were made; what it throws breaks the write. */
  readonly beforeWrite?: (key: string, written: number) => void | Promise<void>;
  readonly beforeRead?: (key: string) => void | Promise<void>;
}

/** A store as simple as can be. Conditions hold exactly: nothing happens between a look and a write. */
export function memoryStore({ objects: given, beforeWrite, beforeRead }: MemoryOptions = {}): MemoryStore {
  const objects = new Map(given);
  const order: string[] = [];
  const write = (key: string, bytes: Uint8Array) => {
    objects.set(key, bytes);
    order.push(key);
    return { key, bytes: bytes.byteLength, sha256: sha256Of(bytes) };
  };
  const versionOf = (key: string): string | null => {
    const bytes = objects.get(key);
    return bytes === undefined ? null : sha256Of(bytes);
  };
  return {
    objects,
    order,
    async put(key, chunks) {
      const bytes = await gather(chunks);
      await beforeWrite?.(key, order.length);
      return write(key, bytes);
    },
    async putIf(key, chunks, { expected }) {
      const bytes = await gather(chunks);
      await beforeWrite?.(key, order.length);
      return versionOf(key) === expected ? write(key, bytes) : null;
    },
    async get(key) {
      await beforeRead?.(key);
      return objects.get(key) ?? null;
    },
    async getVersioned(key) {
      await beforeRead?.(key);
      const bytes = objects.get(key);
      return bytes === undefined ? null : { bytes, version: sha256Of(bytes) };
    },
    async *list(prefix) {
      yield* [...objects.keys()].filter((key) => key.startsWith(prefix));
    },
    async *folders(prefix) {
      const names = [...objects.keys()]
        .filter((key) => key.startsWith(prefix) && key.slice(prefix.length).includes('/'))
        .map((key) => key.slice(0, key.indexOf('/', prefix.length)));
      yield* new Set(names);
    },
    location: (key) => `memory://${key}`,
  };
}

/** For {@link MemoryOptions.beforeWrite}: the write of that number breaks, and all after it. */
export const failingAt = (write: number) => (_key: string, written: number) => {
  if (written >= write) throw new Error('interrupted');
};
