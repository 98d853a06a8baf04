/** Bytes in pieces, made as they are needed. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Whether the pieces can be gone through again; a generator is its own iterator, and does it once. */
export const isRepeatable = (chunks: Chunks): chunks is Iterable<Uint8Array> =>
  Symbol.iterator in chunks && (chunks[Symbol.iterator]() as unknown) !== chunks;

export interface ContentOptions {
  readonly contentType: string;
  readonly contentEncoding?: string;
}

/** An object as it was stored. */
export interface StoredObject {
  readonly key: string;
  /** Length of the stored bytes. */
  readonly bytes: number;
  /** Lower-case hexadecimal, of the stored bytes. */
  readonly sha256: string;
}

/** The content of an object at one point in time. */
export interface VersionedObject {
  readonly bytes: Uint8Array;
  /** Changes whenever the object does; means nothing else. */
  readonly version: string;
}

export interface ConditionalOptions extends ContentOptions {
  /** The version that is replaced; `null`: there must be no object yet. */
  readonly expected: string | null;
}

/** Where reports are kept: a folder or a bucket. Keys are those of `store/layout.ts`. */
export interface ReportStore {
  /** Stores the whole object or nothing: a reader never sees a part. */
  put(key: string, chunks: Chunks, options: ContentOptions): Promise<StoredObject>;
  /** `null` when there is no such object. */
  get(key: string): Promise<Uint8Array | null>;
  /** As `get`, with what {@link putIf} needs to replace exactly this content. */
  getVersioned(key: string): Promise<VersionedObject | null>;
  /**
   * As `put`, unless the object has changed since `expected` was read, or exists when it should not.
   * @returns `null` when it has: somebody else was first, and nothing was stored
   */
  putIf(key: string, chunks: Chunks, options: ConditionalOptions): Promise<StoredObject | null>;
  /** Keys that start with `prefix`, which ends in `/`, in no particular order. */
  list(prefix: string): AsyncIterable<string>;
  /** The folders right below `prefix`, which ends in `/`, each once and without a slash at its end, in no particular order. */
  folders(prefix: string): AsyncIterable<string>;
  /** How a person finds it: a path, or an `s3://` address. */
  location(key: string): string;
}

/** All bytes of an object that is known to be small, or has to be compared. */
export async function gather(chunks: Chunks): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const chunk of chunks) pieces.push(chunk);
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
}
