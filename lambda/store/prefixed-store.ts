import type { ReportStore, StoredObject } from './store.ts';

/** A store that lies below a prefix of another one, as in a bucket that holds more. @param prefix with or without a slash at its end */
export function prefixedStore(store: ReportStore, prefix: string): ReportStore {
  const folder = prefix.replace(/^\/+|\/+$/g, '');
  if (folder === '') return store;
  const whole = (key: string): string => `${folder}/${key}`;
  const own = <T extends StoredObject | null>(stored: T): T =>
    stored === null ? stored : { ...stored, key: stored.key.slice(folder.length + 1) };
  return {
    location: (key) => store.location(whole(key)),
    put: async (key, chunks, options) => own(await store.put(whole(key), chunks, options)),
    putIf: async (key, chunks, options) => own(await store.putIf(whole(key), chunks, options)),
    get: (key) => store.get(whole(key)),
    getVersioned: (key) => store.getVersioned(whole(key)),
    async *list(prefix) {
      for await (const key of store.list(whole(prefix))) yield key.slice(folder.length + 1);
    },
  };
}
