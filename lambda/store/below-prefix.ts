import type { ReportStore } from './store.ts';
import type { StoreHistory } from './store-history.ts';

/**
 * The part of a store whose keys begin with a prefix, as a store of its own.
 * @param prefix ends in `/`
 */
export function storeBelow(store: ReportStore, prefix: string): ReportStore {
  const own = <T extends { readonly key: string } | null>(object: T): T =>
    object === null ? object : { ...object, key: object.key.slice(prefix.length) };
  return {
    location: (key) => store.location(`${prefix}${key}`),
    put: async (key, chunks, options) => own(await store.put(`${prefix}${key}`, chunks, options)),
    putIf: async (key, chunks, options) => own(await store.putIf(`${prefix}${key}`, chunks, options)),
    get: (key) => store.get(`${prefix}${key}`),
    getVersioned: (key) => store.getVersioned(`${prefix}${key}`),
    async *list(below) {
      for await (const key of store.list(`${prefix}${below}`)) yield key.slice(prefix.length);
    },
    async *folders(below) {
      for await (const key of store.folders(`${prefix}${below}`)) yield key.slice(prefix.length);
    },
  };
}

/** Likewise of what a store remembers; rules of a folder above count for all below it. */
export function historyBelow(history: StoreHistory, prefix: string): StoreHistory {
  return {
    async *versions(below) {
      for await (const version of history.versions(`${prefix}${below}`)) {
        yield { ...version, key: version.key.slice(prefix.length) };
      }
    },
    getVersion: (key, id) => history.getVersion(`${prefix}${key}`, id),
    isVersioned: () => history.isVersioned(),
    async expiryRules() {
      return (await history.expiryRules()).flatMap((rule) => {
        if (prefix.startsWith(rule.prefix)) return [{ ...rule, prefix: '' }];
        if (!rule.prefix.startsWith(prefix)) return [];
        return [{ ...rule, prefix: rule.prefix.slice(prefix.length) }];
      });
    },
    lockOf: (key) => history.lockOf(`${prefix}${key}`),
  };
}
