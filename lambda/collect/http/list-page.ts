import type { KubeResponse } from '../../connect/kube-api.ts';
import { ReadError } from '../../errors.ts';

/** One page of a list as decoded, whatever it was encoded in. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  /** The token for the next page; `null` at the end of the list. */
  readonly continueToken: string | null;
  /** How many items follow this page, where the server says. */
  readonly remaining: number | null;
  readonly resourceVersion: string | null;
}

/** How a list is asked for and read. */
export interface ListCodec<Item> {
  /** The `Accept` header. */
  readonly accept: string;
  /**
   * The body is overwritten after the items' turn: they may refer to it until then.
   * @throws SyntaxError when the body ends early or is damaged: it is asked for again
   * @throws ReadError when the body is sound but no list
   */
  decode(response: KubeResponse, what: string): ListPage<Item>;
}

export type ListItem = Readonly<Record<string, unknown>>;

const PARTIAL = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** Whole objects in JSON. */
export const jsonCodec: ListCodec<ListItem> = { accept: 'application/json', decode: decodeJson };

/** Metadata alone; a server that cannot give that sends the whole objects, whose metadata is the same. */
export const metadataCodec: ListCodec<ListItem> = {
  accept: `${PARTIAL},application/json`,
  decode: decodeJson,
};

function decodeJson(response: KubeResponse, what: string): ListPage<ListItem> {
  if (response.contentType !== 'application/json') {
    throw notAList(
      what,
      response.contentType === '' ? 'something without a media type' : response.contentType,
    );
  }
  const body = response.json();
  if (!isObject(body)) throw notAList(what, 'JSON that is no object');
  const { kind, metadata, items } = body;
  if (typeof kind !== 'string' || !kind.endsWith('List'))
    throw notAList(what, `an object of kind ${JSON.stringify(kind)}`);
  // Go writes an empty slice as null where it was never made.
  const found = items === null ? [] : items;
  if (!Array.isArray(found) || !found.every(isObject))
    throw notAList(what, `a ${kind} whose items are no objects`);
  const meta = isObject(metadata) ? metadata : {};
  return {
    items: found,
    continueToken: nonEmpty(meta['continue']),
    remaining: typeof meta['remainingItemCount'] === 'number' ? meta['remainingItemCount'] : null,
    resourceVersion: nonEmpty(meta['resourceVersion']),
  };
}

function notAList(what: string, got: string): ReadError {
  return new ReadError(
    'server-error',
    `The server answered the list of ${what} with ${got.slice(0, 100)} instead of a list.`,
    'Check that the server address of this context is that of a Kubernetes API server, and that no login page or proxy stands in between.',
  );
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nonEmpty(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
