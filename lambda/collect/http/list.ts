import { type BodyBuffer, bodyBuffer } from '../../connect/kube/body.ts';
import type { KubeApi, KubeResponse } from '../../connect/kube/kube-api.ts';
import { resourceName, statusError } from '../../connect/kube/status-errors.ts';
import { TransientReadError } from '../../connect/kube/transport-errors.ts';
import { systemTiming, type Timing } from '../../connect/timing.ts';
import { ReadError } from '../../errors.ts';
import { damaged, endless, expired } from './list-errors.ts';
import {
  type AskedList,
  jsonCodec,
  type ListCodec,
  type ListItem,
  type ListPage,
  metadataCodec,
  UntrustedList,
} from './list-page.ts';

import { createPageTrust } from './page-trust.ts';
import {
  type Attempt,
  DEFAULT_RETRY,
  parseRetryAfter,
  type RetryPolicy,
  retrying,
  WORTH_ANOTHER,
} from './retry.ts';

export interface ListRequest<Item = ListItem> {
  /** Such as `/api/v1/pods`. */
  readonly path: string;
  /** Of the objects, such as `Pod`. */
  readonly kind: string;
  /** Served by a separate API server behind the cluster's, which need not give a `resourceVersion`. */
  readonly aggregated?: boolean;
  /** Items a page. @defaultValue 500, as kubectl asks for */
  readonly limit?: number;
  /** Asks for `metadata` alone. */
  readonly metadataOnly?: boolean;
  /** Selectors and the like. */
  readonly query?: Readonly<Record<string, string>>;
  /**
   * Whether the server may lack this resource, as it lacks custom resources that are not installed: then a
   * 404 gives `absent`. Otherwise it is an error, for a server without pods is no API server.
   */
  readonly optional?: boolean;
  readonly signal?: AbortSignal;
  /** @defaultValue JSON */
  readonly codec?: ListCodec<Item>;
  readonly bounds?: Partial<ListBounds>;
}

export interface ListBounds {
  readonly retry: RetryPolicy;
  /** How often the list may restart. */
  readonly restarts: number;
  /** A list that goes on beyond this never ends. */
  readonly pages: number;
}

const BOUNDS: ListBounds = { retry: DEFAULT_RETRY, restarts: 3, pages: 20_000 };

/** Below this a page that is too large is no longer cut into smaller ones. */
const SMALLEST_LIMIT = 5;

export interface PageInfo {
  /** From 1. */
  readonly number: number;
  /** How many items the server says are still to come; `null` when it does not say. */
  readonly remaining: number | null;
}

export interface ListHandlers<Item = ListItem> {
  /**
   * Takes the pages in order. The next one is already on its way.
   * @throws UntrustedList to have the list restarted
   */
  onPage(items: readonly Item[], page: PageInfo): void | Promise<void>;
  /** The list restarts: everything that was taken so far is void. */
  onRestart(): void;
}

export interface ListResult {
  /** The server does not have this resource (only where the request says `optional`). */
  readonly absent: boolean;
  readonly pages: number;
  readonly items: number;
  readonly resourceVersion: string | null;
  /** Of decompressed bodies, restarts included. */
  readonly bytes: number;
}

/** What became of one passage through the list. */
type Passage = { readonly result: ListResult } | { readonly again: ReadError; readonly limit: number };

interface Context<Item> {
  readonly api: KubeApi;
  readonly request: ListRequest<Item>;
  readonly codec: ListCodec<Item>;
  readonly bounds: ListBounds;
  readonly timing: Timing;
  readonly asked: AskedList;
  readonly count: { bytes: number };
}

/**
 * Reads a whole list page by page, and nothing less: either every item of one consistent list was handed
 * to `onPage` since the last `onRestart`, or this throws.
 *
 * A continue token that expired (410) restarts the list rather than going on with the server's
 * inconsistent token: objects that moved between two snapshots would be missed or seen twice
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks).
 * @throws ReadError; an error of a handler passes through as it is
 */
export async function listAll<Item = ListItem>(
  api: KubeApi,
  request: ListRequest<Item>,
  handlers: ListHandlers<Item>,
  timing: Timing = api.timing ?? systemTiming,
): Promise<ListResult> {
  const context: Context<Item> = {
    api,
    request,
    codec: request.codec ?? defaultCodec(request),
    bounds: { ...BOUNDS, ...request.bounds },
    timing,
    asked: askedBy(request),
    count: { bytes: 0 },
  };
  let limit = request.limit ?? 500;
  for (let restarts = 0; ; restarts++) {
    const passage = await passThrough(context, limit, handlers);
    if ('result' in passage) return passage.result;
    if (restarts >= context.bounds.restarts) throw passage.again;
    limit = passage.limit;
    handlers.onRestart();
  }
}

function askedBy<Item>({ path, kind, aggregated = false }: ListRequest<Item>): AskedList {
  return { what: resourceName(path), apiVersion: apiVersionOf(path), kind, aggregated };
}

/** `apps/v1` of `/apis/apps/v1/replicasets`. */
function apiVersionOf(path: string): string {
  const [, root, first = '', second = ''] = path.split('/');
  return root === 'api' ? first : `${first}/${second}`;
}

const selects = ({ query = {} }: Pick<ListRequest, 'query'>): boolean =>
  Boolean(query['labelSelector'] || query['fieldSelector']);

/** Only a caller that names another item type has to bring its own codec. */
function defaultCodec<Item>(request: ListRequest<Item>): ListCodec<Item> {
  return (request.metadataOnly ? metadataCodec : jsonCodec) as ListCodec<unknown> as ListCodec<Item>;
}

async function passThrough<Item>(
  context: Context<Item>,
  limit: number,
  handlers: ListHandlers<Item>,
): Promise<Passage> {
  const { what } = context.asked;
  const abort = new AbortController();
  const others = [context.request.signal, context.api.signal].filter((signal) => signal !== undefined);
  const signal = AbortSignal.any([...others, abort.signal]);
  // One page is taken while the next arrives; when that is taken, the first one is done with.
  const buffers = [bodyBuffer(), bodyBuffer()] as const;
  let turn: 0 | 1 = 1;
  const fetch = (token: string | null) => {
    turn = turn === 0 ? 1 : 0;
    return fetchPage(context, { limit, token, signal, into: buffers[turn] });
  };
  const pages = createPageTrust({ ...context, selects: selects(context.request) });
  let next = fetch(null);
  try {
    for (let number = 1; ; number++) {
      const page = await next;
      if (page === 'absent') return { result: { ...emptyResult(context), absent: true } };
      if ('again' in page) return page;
      if (number >= context.bounds.pages && page.continueToken !== null) throw endless(what, number);
      const distrust = pages.look(page, number);
      if (distrust !== null) return { again: distrust, limit };
      const { continueToken } = page;
      if (continueToken !== null) {
        next = fetch(continueToken);
        // Awaited in the next turn; until then nothing listens.
        next.catch(() => undefined);
      }
      await handlers.onPage(page.items, { number, remaining: page.remaining });
      if (continueToken !== null) continue;
      const { resourceVersion } = page;
      return { result: { ...emptyResult(context), pages: number, items: pages.items(), resourceVersion } };
    }
  } catch (error) {
    if (error instanceof UntrustedList) return { again: error, limit };
    throw error;
  } finally {
    abort.abort();
  }
}

function emptyResult<Item>({ count }: Context<Item>): ListResult {
  return { absent: false, pages: 0, items: 0, resourceVersion: null, bytes: count.bytes };
}

interface PageRequest {
  readonly limit: number;
  /** `null` for the first page. */
  readonly token: string | null;
  readonly signal: AbortSignal;
  readonly into: BodyBuffer;
}

type Page<Item> = ListPage<Item> | 'absent' | Extract<Passage, { again: ReadError }>;

async function fetchPage<Item>(context: Context<Item>, page: PageRequest): Promise<Page<Item>> {
  const { bounds, timing } = context;
  const retry = { policy: bounds.retry, timing, signal: page.signal };
  try {
    return await retrying(() => attemptPage(context, page), retry);
  } catch (error) {
    const smaller = Math.floor(page.limit / 10);
    if (error instanceof ReadError && error.reason === 'too-large' && smaller >= SMALLEST_LIMIT) {
      return { again: error, limit: smaller };
    }
    throw error;
  }
}

async function attemptPage<Item>(
  context: Context<Item>,
  { limit, token, signal, into }: PageRequest,
): Promise<Attempt<Page<Item>>> {
  const { api, request, codec, asked } = context;
  const query = { ...request.query, limit: String(limit), ...(token === null ? {} : { continue: token }) };
  let response: KubeResponse;
  try {
    response = await api.request({ path: request.path, query, accept: codec.accept, signal, into });
  } catch (error) {
    if (error instanceof TransientReadError) return { failed: error, retryAfterMs: null };
    throw error;
  }
  context.count.bytes += response.body.length;
  if (response.status !== 200) return refused(context, { limit, token }, response);
  try {
    return { done: codec.decode(response, asked) };
  } catch (error) {
    // Whole by HTTP's account, yet no sound document: cut off by something in between.
    if (error instanceof SyntaxError) return { failed: damaged(asked.what, error), retryAfterMs: null };
    throw error;
  }
}

function refused<Item>(
  { api, request, timing, asked: { what } }: Context<Item>,
  { limit, token }: Pick<PageRequest, 'limit' | 'token'>,
  response: KubeResponse,
): Attempt<Page<Item>> {
  const { status } = response;
  const failed = statusError(api.server, request.path, response);
  if (WORTH_ANOTHER.has(status)) {
    return { failed, retryAfterMs: parseRetryAfter(response.retryAfter, timing.now()) };
  }
  if (status === 410) return { done: { again: expired(what), limit } };
  if (status === 404 && token === null && request.optional && isUnknownResource(response))
    return { done: 'absent' };
  throw failed;
}

/**
 * An API server answers for a group, version or resource that it does not have with Go's plain
 * `404 page not found`, or with a Status; a web server that is none of its kind, with HTML.
 */
function isUnknownResource(response: KubeResponse): boolean {
  if (response.contentType === 'text/plain') return response.text().trim() === '404 page not found';
  try {
    const body = response.json();
    return typeof body === 'object' && body !== null && (body as { kind?: unknown }).kind === 'Status';
  } catch {
    return false;
  }
}
