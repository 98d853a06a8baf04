/** Bytes in pieces, made as they are needed. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

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

/** Where reports are kept: a folder or a bucket. Keys are those of `report/layout.ts`. */
export interface ReportStore {
  /** Stores the whole object or nothing: a reader never sees a part. */
  put(key: string, chunks: Chunks, options: ContentOptions): Promise<StoredObject>;
  /** `null` when there is no such object. */
  get(key: string): Promise<Uint8Array | null>;
  /** How a person finds it: a path, or an `s3://` address. */
  location(key: string): string;
}
