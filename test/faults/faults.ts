import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApiAnswer, failure } from '../support/kube-server/api-answers.ts';

/** What was asked, and what a sound server answers. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly answer: ApiAnswer;
  /** The first answer to this path, whatever page was asked for. */
  readonly first: ApiAnswer;
}

/** Misbehaves in the place of an answer. @returns false: it has nothing to do with this kind of answer */
export type Misbehave = (exchange: Exchange) => boolean;

/** What a path answers with. */
export type Form = 'list' | 'discovery' | 'object';

export const formOf = (path: string): Form =>
  /^\/apis(?:\/[^/]+){0,2}$/.test(path) ? 'discovery' : path.includes('/configmaps/') ? 'object' : 'list';

export interface NamedFault {
  readonly name: string;
  /** The only form of answers that it changes. @defaultValue every one */
  readonly form?: Form;
  readonly misbehave: Misbehave;
}

type Json = Record<string, unknown>;

interface Sent {
  readonly status?: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function send(
  { response }: Exchange,
  body: string,
  { status = 200, type = JSON_TYPE, headers }: Sent = {},
): true {
  response.writeHead(status, { 'content-type': type, ...headers });
  response.end(body);
  return true;
}

const JSON_TYPE = 'application/json';

const always =
  (act: (exchange: Exchange) => void): Misbehave =>
  (exchange) => {
    act(exchange);
    return true;
  };

const status = (code: number, retryAfter?: string): NamedFault => ({
  name: retryAfter === undefined ? `${code}` : `${code} with Retry-After ${retryAfter}`,
  misbehave: (exchange) => {
    const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
    return send(exchange, failure(code, 'InternalError', 'as planned').body, { status: code, headers });
  },
});

const page = (name: string, body: string, sent: Sent = {}): NamedFault => ({
  name,
  misbehave: (exchange) => send(exchange, body, sent),
});

const half = ({ answer }: Exchange): string => answer.body.slice(0, Math.floor(answer.body.length / 2));

function resetInBody(exchange: Exchange): void {
  const { request, response, answer } = exchange;
  response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
  response.write(half(exchange), () => request.socket.resetAndDestroy());
}

function stall(exchange: Exchange): void {
  const { response, answer } = exchange;
  response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
  response.write(half(exchange));
}

/** Changes a sound answer of one form; `null`: it is none of that form. */
const edit = (name: string, change: (body: Json, exchange: Exchange) => Json | null): NamedFault => ({
  name,
  misbehave: (exchange) => {
    if (exchange.answer.status !== 200) return false;
    const body = JSON.parse(exchange.answer.body) as Json;
    const changed = change(body, exchange);
    return changed === null ? false : send(exchange, JSON.stringify(changed));
  },
});

const isList = (body: Json): boolean => Array.isArray(body['items']);
const ofLists = (name: string, change: (body: Json, exchange: Exchange) => Json | null): NamedFault => ({
  form: 'list',
  ...edit(name, (body, exchange) => (isList(body) ? change(body, exchange) : null)),
});
const itemsOf = (body: Json): readonly Json[] => body['items'] as readonly Json[];
const metaOf = (body: Json): Json => body['metadata'] as Json;

/** Changes the first object of a list. */
const ofItems = (name: string, change: (item: Json) => unknown): NamedFault =>
  ofLists(name, (body) => {
    const [first, ...others] = itemsOf(body);
    return first === undefined ? null : { ...body, items: [change(first), ...others] };
  });

const ofDiscovery = (name: string, change: (items: readonly Json[]) => unknown): NamedFault => ({
  form: 'discovery',
  ...edit(name, (body) => {
    const field = body['kind'] === 'APIGroupList' ? 'groups' : 'resources';
    return { ...body, [field]: change(body[field] as readonly Json[]) };
  }),
});

const ofObjects = (name: string, change: (body: Json) => Json): NamedFault => ({
  form: 'object',
  ...edit(name, change),
});

/** Lists whose honest emptiness something else in the cluster contradicts. */
const NEVER_EMPTY = ['/pods', '/nodes', '/namespaces'];

const HTML = '<html><body>Sign in</body></html>';

const TEXT = 'text/plain';
const PAGE = 'text/html';

export const FAULTS: readonly NamedFault[] = [
  ...[400, 401, 403, 404, 409, 410, 429, 500, 502, 503, 504].map((code) => status(code)),
  status(429, '3'),
  status(503, '86400'),
  page("404 of Go's router", '404 page not found\n', { status: 404, type: TEXT }),
  page('404 in HTML', HTML, { status: 404, type: PAGE }),
  page('502 in HTML', HTML, { status: 502, type: PAGE }),
  page('a login page', HTML, { type: PAGE }),
  page('a redirect', HTML, { status: 302, type: PAGE, headers: { location: '/login' } }),
  page('an empty body', ''),
  page('null', 'null'),
  page('an array', '[]'),
  page('a Status of success', '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success"}'),
  page('a list of anything', '{"kind":"List","items":[]}'),
  page(
    'a whole list of anything',
    '{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}',
  ),
  page(
    "another group's list",
    '{"kind":"DeploymentList","apiVersion":"apps/v1","metadata":{"resourceVersion":"1"},"items":[]}',
  ),
  { name: 'a reset', misbehave: always(({ request }) => request.socket.resetAndDestroy()) },
  { name: 'a reset in the body', misbehave: always(resetInBody) },
  { name: 'a stall', misbehave: always(stall) },
  {
    name: 'a body that is cut off',
    misbehave: (exchange) => send(exchange, half(exchange), { status: exchange.answer.status }),
  },
  {
    name: 'the right body as text',
    misbehave: (exchange) =>
      exchange.answer.status === 200 && send(exchange, exchange.answer.body, { type: TEXT }),
  },
  {
    name: 'the first page again',
    misbehave: (exchange) =>
      exchange.first.body !== exchange.answer.body && send(exchange, exchange.first.body),
  },
  ofLists('a list without metadata', ({ metadata: _, ...body }) => body),
  ofLists('a list with empty metadata', (body) => ({ ...body, metadata: {} })),
  ofLists('a list without resourceVersion', (body) => ({
    ...body,
    metadata: { ...metaOf(body), resourceVersion: '' },
  })),
  ofLists('a list of another time', (body, { answer, first }) =>
    answer.body === first.body ? null : { ...body, metadata: { ...metaOf(body), resourceVersion: '7' } },
  ),
  ofLists('a list without kind', ({ kind: _, ...body }) => body),
  ofLists('a list of another kind', (body) => ({ ...body, kind: 'NodePoolList' })),
  ofLists('a list of another version', (body) => ({ ...body, apiVersion: 'example.com/v1' })),
  ofLists('a list with null for its items', (body) =>
    body['kind'] === 'PartialObjectMetadataList' ? null : { ...body, items: null },
  ),
  ofLists('a list without items', ({ items: _, ...body }) => body),
  ofLists('a page without its objects that goes on', (body) =>
    metaOf(body)['continue'] === undefined ? null : { ...body, items: [] },
  ),
  ofLists('a list that ends early', (body) =>
    metaOf(body)['continue'] === undefined ? null : { ...body, metadata: { ...metaOf(body), continue: '' } },
  ),
  ofLists('an empty list', (body, { path }) =>
    NEVER_EMPTY.some((end) => path.endsWith(end))
      ? { ...body, items: [], metadata: { resourceVersion: metaOf(body)['resourceVersion'] } }
      : null,
  ),
  ofLists('an object twice', (body) => {
    const [first] = itemsOf(body);
    return first === undefined ? null : { ...body, items: [...itemsOf(body), first] };
  }),
  ofItems('null in the place of an object', () => null),
  ofItems('a number in the place of an object', () => 7),
  ofItems('an object without metadata', ({ metadata: _, ...item }) => item),
  ofItems('an object with text for metadata', (item) => ({ ...item, metadata: 'none' })),
  ofItems('an object without name', (item) => ({ ...item, metadata: { ...metaOf(item), name: undefined } })),
  ofLists('an object without namespace', (body) => {
    const [first, ...others] = itemsOf(body);
    if (first === undefined || metaOf(first)['namespace'] === undefined) return null;
    return {
      ...body,
      items: [{ ...first, metadata: { ...metaOf(first), namespace: undefined } }, ...others],
    };
  }),
  ofDiscovery('null for what is served', () => null),
  ofDiscovery('nothing that is served', () => []),
  ofDiscovery('no list of what is served', () => undefined),
  ofDiscovery('something without a name that is served', (items) =>
    items.map(({ name: _, ...item }) => item),
  ),
  ofDiscovery('groups without versions', (items) =>
    items.map((item) => ({ ...item, versions: null, name: undefined })),
  ),
  {
    form: 'discovery',
    ...edit('the resources of another group', (body) => ({
      ...body,
      groupVersion: 'apps/v1',
      resources: [{ name: 'deployments' }],
    })),
  },
  ofObjects('an object of another name', (body) => ({
    ...body,
    metadata: { ...metaOf(body), name: 'other' },
  })),
  ofObjects('an object of another namespace', (body) => ({
    ...body,
    metadata: { ...metaOf(body), namespace: 'x' },
  })),
  ofObjects('an object of another kind', (body) => ({ ...body, kind: 'Secret' })),
  ofObjects('an object without its metadata', ({ metadata: _, ...body }) => body),
];
