import type { KubeResponse } from '../../connect/kube/kube-api.ts';
import { ReadError } from '../../errors.ts';
import { brokenItems, notAList, withoutMetadata } from './list-errors.ts';

/** One page of a list as decoded, whatever it was encoded in. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  /** The token for the next page; `null` at the end of the list. */
  readonly continueToken: string | null;
  /** How many items follow this page, where the server says. */
  readonly remaining: number | null;
  /** `null` only of aggregated APIs. */
  readonly resourceVersion: string | null;
}

/** What was asked for, so that an answer counts only if it is the answer to that. */
export interface AskedList {
  /** `networkpolicies.networking.k8s.io` */
  readonly what: string;
  /** Such as `v1` and `apps/v1`. */
  readonly apiVersion: string;
  /** Of the objects in it, such as `Pod`. */
  readonly kind: string;
  /** Served by a separate API server behind the cluster's: it need not have a `resourceVersion`. */
  readonly aggregated: boolean;
}

/** How a list is asked for and read. */
export interface ListCodec<Item> {
  /** The `Accept` header. */
  readonly accept: string;
  /**
   * The body is overwritten after the items' turn: they may refer to it until then.
   * @throws SyntaxError when the body ends early or is damaged: it is asked for again
   * @throws UntrustedList when it does not say what a whole page says: the list is restarted
   * @throws ReadError when the body is sound but not the list that was asked for
   */
  decode(response: KubeResponse, asked: AskedList): ListPage<Item>;
  /** What an item is known by, to see whether it comes twice; `null` where whoever takes the items looks for that. */
  readonly identityOf: ((item: Item) => string | null) | null;
}

/** A list that cannot be whole, or not of one time: it may be so when it is restarted. */
export class UntrustedList extends ReadError {}

export type ListItem = Readonly<Record<string, unknown>>;

const PARTIAL = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** Whole objects in JSON. */
export const jsonCodec: ListCodec<ListItem> = {
  accept: 'application/json',
  decode: (response, asked) => listIn(jsonOf(response, asked), asked),
  identityOf: identityOf,
};

/** Metadata alone; a server that cannot give that sends the whole objects, whose metadata is the same. */
export const metadataCodec: ListCodec<ListItem> = {
  accept: `${PARTIAL},application/json`,
  decode(response, asked) {
    const body = jsonOf(response, asked);
    const isPartial = isObject(body) && body['kind'] === PARTIAL_LIST.list;
    return isPartial ? pageOf(body, asked, PARTIAL_LIST) : listIn(body, asked);
  },
  identityOf: identityOf,
};

/**
 * Takes a parsed list apart.
 * @throws UntrustedList, ReadError as `ListCodec.decode`
 */
export function listIn(body: unknown, asked: AskedList): ListPage<ListItem> {
  const { apiVersion, kind, aggregated } = asked;
  return pageOf(body, asked, { list: `${kind}List`, apiVersion, mayBeNull: aggregated });
}

interface Form {
  readonly list: string;
  readonly apiVersion: string;
  /** Whether null stands for no items. */
  readonly mayBeNull: boolean;
}

/**
 * The list of metadata is made item by item, so that one without items has null for them
 * (apiserver, pkg/endpoints/handlers/response.go, asPartialObjectMetadataList); others never do
 * (apiserver, pkg/storage/etcd3/store.go, "ensure that we never return a nil Items pointer").
 */
const PARTIAL_LIST: Form = {
  list: 'PartialObjectMetadataList',
  apiVersion: 'meta.k8s.io/v1',
  mayBeNull: true,
};

function jsonOf(response: KubeResponse, { what }: AskedList): unknown {
  if (response.contentType === 'application/json') return response.json();
  throw notAList(what, response.contentType === '' ? 'something without a media type' : response.contentType);
}

function pageOf(body: unknown, { what, aggregated }: AskedList, form: Form): ListPage<ListItem> {
  if (!isObject(body)) throw notAList(what, 'JSON that is no object');
  const { apiVersion, kind, metadata } = body;
  if (kind !== form.list || apiVersion !== form.apiVersion) {
    throw notAList(what, `an object of kind ${JSON.stringify(kind)} (${JSON.stringify(apiVersion)})`);
  }
  const resourceVersion = isObject(metadata) ? nonEmpty(metadata['resourceVersion']) : null;
  if (!isObject(metadata) || (resourceVersion === null && !aggregated)) {
    throw new UntrustedList(...withoutMetadata(what));
  }
  const items = body['items'] === null && form.mayBeNull ? [] : body['items'];
  if (!Array.isArray(items) || !items.every(isObject)) throw new UntrustedList(...brokenItems(what));
  return {
    items,
    continueToken: nonEmpty(metadata['continue']),
    remaining: typeof metadata['remainingItemCount'] === 'number' ? metadata['remainingItemCount'] : null,
    resourceVersion,
  };
}

/** Its uid, which every stored object has; else its name, which no two have in one list either. */
function identityOf({ metadata }: ListItem): string | null {
  if (!isObject(metadata)) return null;
  const { uid, namespace, name } = metadata;
  return nonEmpty(uid) ?? (typeof name === 'string' ? `${String(namespace ?? '')}/${name}` : null);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nonEmpty(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
