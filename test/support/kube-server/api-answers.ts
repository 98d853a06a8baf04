import { discover } from './api-discovery.ts';
import type { Collection, Entry } from './api-resources.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ListQuery {
  readonly path: string;
  readonly search: URLSearchParams;
  readonly accept: string;
}

export interface ApiContent {
  /** By `apiVersion/resource`. */
  readonly collections: ReadonlyMap<string, Collection>;
  readonly denied: readonly Denied[];
  /** Who asks, as it stands in refusals. */
  readonly user: string;
  readonly resourceVersion: number;
  readonly gitVersion: string;
}

/** A resource that may not be read. */
export interface Denied {
  /** Plural: `networkpolicies`. */
  readonly resource: string;
  /** @defaultValue every group */
  readonly group?: string;
}

const RESOURCE_PATH =
  /^\/(?:api\/(?<core>v\d\w*)|apis\/(?<group>[^/]+)\/(?<version>[^/]+))(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<resource>[^/]+)(?:\/(?<name>[^/]+))?$/;

/** What a kube-apiserver answers to a GET of this path. */
export function answer(content: ApiContent, query: ListQuery): ApiAnswer {
  if (query.path === '/version') return json(200, versionOf(content.gitVersion));
  const discovered = discover([...content.collections.values()], query.path);
  if (discovered !== null) return json(200, discovered);
  const parts = RESOURCE_PATH.exec(query.path)?.groups;
  if (!parts) return notFound();
  const group = parts['group'] ?? '';
  const resource = parts['resource'] ?? '';
  const namespace = parts['namespace'] ?? null;
  const name = parts['name'];
  // Authorisation comes before routing: who may not list a resource is not told whether it exists.
  if (content.denied.some((rule) => rule.resource === resource && (rule.group ?? group) === group)) {
    return forbidden(content.user, { group, resource, namespace, name });
  }
  const apiVersion = parts['core'] ?? `${group}/${parts['version']}`;
  const collection = content.collections.get(`${apiVersion}/${resource}`);
  if (collection === undefined) return unknownResource(content, group);
  return name === undefined
    ? list(content, { collection, namespace, query })
    : one(collection, namespace === null ? name : `${namespace}/${name}`);
}

function one({ entries, resource, group }: Collection, key: string): ApiAnswer {
  const found = entries.find((entry) => entry.key === key);
  if (found !== undefined) return json(200, found.object);
  const name = key.split('/').at(-1) ?? key;
  const kind = group === '' ? { kind: resource } : { group, kind: resource };
  return failure(404, 'NotFound', `${resource} "${name}" not found`, { name, ...kind });
}

interface ListOf {
  readonly collection: Collection;
  readonly namespace: string | null;
  readonly query: ListQuery;
}

function list(content: ApiContent, { collection, namespace, query }: ListOf): ApiAnswer {
  const { search, accept } = query;
  if (search.get('labelSelector') || search.get('fieldSelector')) {
    return failure(400, 'BadRequest', 'selectors are not supported by this server');
  }
  const limit = Number(search.get('limit') ?? 0);
  if (!Number.isInteger(limit) || limit < 0)
    return failure(400, 'BadRequest', 'limit must be a whole number');
  const start = startOf(search.get('continue'));
  if (start === null) return failure(400, 'BadRequest', 'continue key is not valid');
  const rest = collection.entries.filter(
    ({ key, namespace: of }) => key >= start && (namespace === null || of === namespace),
  );
  const page = limit === 0 ? rest : rest.slice(0, limit);
  const metadata = {
    resourceVersion: String(content.resourceVersion),
    ...rangeOf(content, page, rest.length),
  };
  return json(
    200,
    accept.includes('as=PartialObjectMetadataList')
      ? {
          kind: 'PartialObjectMetadataList',
          apiVersion: 'meta.k8s.io/v1',
          metadata,
          items: page.map(partial),
        }
      : { ...typeOf(collection), metadata, items: page.map((entry) => item(collection, entry)) },
  );
}

/** `continue` and `remainingItemCount`, both absent from the last page (apiserver, `storage/continue.go`). */
function rangeOf(
  { resourceVersion }: ApiContent,
  page: readonly Entry[],
  rest: number,
): Record<string, unknown> {
  const last = page.at(-1);
  if (last === undefined || page.length === rest) return {};
  const token = { v: 'meta.k8s.io/v1', rv: resourceVersion, start: `${last.key}\u0000` };
  return {
    continue: Buffer.from(JSON.stringify(token)).toString('base64url'),
    remainingItemCount: rest - page.length,
  };
}

/** @returns the first key of the page, or `null` when the token is none of this server's */
function startOf(token: string | null): string | null {
  if (token === null || token === '') return '';
  try {
    const { start } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { start?: unknown };
    return typeof start === 'string' && start !== '' ? start : null;
  } catch {
    return null;
  }
}

function typeOf({ group, version, kind }: Collection): { kind: string; apiVersion: string } {
  return { kind: `${kind}List`, apiVersion: group === '' ? version : `${group}/${version}` };
}

function item({ builtIn }: Collection, { object }: Entry): object {
  if (!builtIn) return object;
  const { apiVersion: _apiVersion, kind: _kind, ...rest } = object;
  return rest;
}

function partial({ object }: Entry): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

function versionOf(gitVersion: string): object {
  const [major = '', minor = ''] = gitVersion.replace(/^v/, '').split('.');
  return { major, minor, gitVersion, platform: 'linux/amd64' };
}

interface Target {
  readonly group: string;
  readonly resource: string;
  readonly namespace: string | null;
  /** `undefined`: the list. */
  readonly name: string | undefined;
}

/** Worded as the API server does (apiserver, `endpoints/handlers/responsewriters/errors.go`). */
function forbidden(user: string, { group, resource, namespace, name: object }: Target): ApiAnswer {
  const scope = namespace === null ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const name = group === '' ? resource : `${resource}.${group}`;
  const [what, verb] = object === undefined ? [name, 'list'] : [`${name} "${object}"`, 'get'];
  const message = `${what} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${group}" ${scope}`;
  return failure(403, 'Forbidden', message, group === '' ? { kind: resource } : { group, kind: resource });
}

export function unauthorized(): ApiAnswer {
  return failure(401, 'Unauthorized', 'Unauthorized');
}

export function methodNotAllowed(): ApiAnswer {
  return failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
}

/** A group that is served answers for itself; for one that is not there is nobody but Go's router. */
function unknownResource({ collections }: ApiContent, group: string): ApiAnswer {
  const served = [...collections.values()].some((collection) => collection.group === group);
  return served
    ? failure(404, 'NotFound', 'the server could not find the requested resource', {})
    : notFound();
}

function notFound(): ApiAnswer {
  return {
    status: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: '404 page not found\n',
  };
}

/** A `v1.Status`. */
export function failure(code: number, reason: string, message: string, details?: object): ApiAnswer {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason };
  return json(code, { ...status, ...(details ? { details } : {}), code });
}

function json(status: number, body: object): ApiAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
