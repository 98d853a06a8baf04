/** One version of an object, or a marker that it was deleted. */
export interface ObjectVersion {
  readonly key: string;
  readonly id: string;
  /** It is what a reader gets. */
  readonly latest: boolean;
  readonly deleted: boolean;
  /** Epoch milliseconds: when it was written or deleted. */
  readonly at: number;
}

/** A rule by which objects end. */
export interface ExpiryRule {
  readonly id: string;
  /** Of keys. */
  readonly prefix: string;
  /** Days after which an object ends; in a versioned store it stays as an old version. */
  readonly days: number;
  /** Days after which an old version is removed; `null`: never. */
  readonly oldVersionDays: number | null;
}

export interface ObjectLock {
  /** `GOVERNANCE` or `COMPLIANCE`. */
  readonly mode: string;
  /** RFC 3339. */
  readonly until: string;
}

/** What a store remembers of objects that were replaced or deleted. A folder remembers nothing. */
export interface StoreHistory {
  /** Of all keys that begin with `prefix`, in no particular order. */
  versions(prefix: string): AsyncIterable<ObjectVersion>;
  /** `null` when there is no such version. */
  getVersion(key: string, id: string): Promise<Uint8Array | null>;
  /** Whether replaced objects are kept at all. */
  isVersioned(): Promise<boolean>;
  expiryRules(): Promise<readonly ExpiryRule[]>;
  /** How long an object cannot be deleted; `null`: it can. */
  lockOf(key: string): Promise<ObjectLock | null>;
}
