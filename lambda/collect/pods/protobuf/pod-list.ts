import { MalformedObject } from '../../fields.ts';
import { openEnvelope } from './envelope.ts';
import { type Reader, readerOf, readInt64, readMessage, readTag, readText, skip, skipBytes } from './wire.ts';

/** An object within a page that is not decoded yet. */
export interface EncodedObject {
  readonly page: Buffer;
  readonly start: number;
  readonly end: number;
}

export function readerOver({ page, start, end }: EncodedObject): Reader {
  const reader = readerOf(page);
  reader.at = start;
  reader.end = end;
  return reader;
}

/** One page of a list; empty texts where the server does not say. */
export interface PodListPage {
  /** Where to go on; empty after the last page. */
  readonly continue: string;
  readonly resourceVersion: string;
  /** An estimate that the server may leave out. */
  readonly remainingItemCount: number | null;
  readonly items: readonly EncodedObject[];
}

/**
 * Takes a page apart without looking into its items, which costs next to nothing: the next page can be
 * asked for before they are decoded, and a page that arrived damaged is known before any of it is used.
 * Source: k8s.io/api core/v1/generated.proto, message PodList: metadata (1), items (2).
 * @throws MalformedObject
 */
export function framePodList(bytes: Uint8Array): PodListPage {
  const reader = openEnvelope(bytes, 'PodList');
  const meta: ListMeta = { continue: '', resourceVersion: '', remainingItemCount: null };
  let hasMetadata = false;
  const items: EncodedObject[] = [];
  while (reader.at < reader.end) {
    const tag = readTag(reader);
    if (tag >>> 3 === 1) {
      readListMeta(reader, tag, meta);
      hasMetadata = true;
    } else if (tag >>> 3 === 2) {
      const start = skipBytes(reader, tag);
      items.push({ page: reader.bytes, start, end: reader.at });
    } else skip(reader, tag);
  }
  // Always sent, as it is no pointer in Go; otherwise it is not known whether the list goes on.
  if (!hasMetadata) throw new MalformedObject('the list has no metadata');
  return { ...meta, items };
}

interface ListMeta {
  continue: string;
  resourceVersion: string;
  remainingItemCount: number | null;
}

/** Source: k8s.io/apimachinery pkg/apis/meta/v1/generated.proto, message ListMeta. */
function readListMeta(reader: Reader, tag: number, meta: ListMeta): void {
  readMessage(reader, tag, (inner) => {
    switch (inner >>> 3) {
      case 2:
        meta.resourceVersion = readText(reader, inner);
        return true;
      case 3:
        meta.continue = readText(reader, inner);
        return true;
      case 4:
        meta.remainingItemCount = readInt64(reader, inner);
        return true;
      default:
        return false;
    }
  });
}
