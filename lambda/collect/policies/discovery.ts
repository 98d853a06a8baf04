import type { KubeApi } from '../../connect/kube/kube-api.ts';
import { ReadError } from '../../errors.ts';
import { getJson } from '../http/get-json.ts';

/** Served versions by group, the server's preferred one first. */
export type ServedGroups = ReadonlyMap<string, readonly string[]>;

/**
 * Asks which API groups the server has. Every authenticated user may (`system:discovery`,
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#discovery-roles), so that a kind that is
 * not there can be told from one that may not be read.
 * @throws ReadError
 */
export async function discoverGroups(api: KubeApi): Promise<ServedGroups> {
  const path = '/apis';
  const body = await getJson(api, { path, damaged: notDiscovery });
  const groups = listIn(body, { kind: 'APIGroupList', field: 'groups', path, server: api.server });
  const served = new Map(
    groups.map((group) => {
      const name = textIn(group, 'name');
      const versions = versionsOf(group, name);
      if (name === null || versions === null) throw notDiscovery(api.server, path);
      return [
        name,
        preferredFirst(versions, textIn(objectIn(group, 'preferredVersion'), 'version')),
      ] as const;
    }),
  );
  // Every server has this one, so an answer without it is not all that there is.
  if (!served.has(ON_EVERY_SERVER)) throw notDiscovery(api.server, path);
  return served;
}

/** Kubernetes' own network policies. */
const ON_EVERY_SERVER = 'networking.k8s.io';

/** @returns `null` where a version does not say its name, or is one of another group */
function versionsOf(group: Fields, name: string | null): readonly string[] | null {
  const versions = group['versions'];
  if (!Array.isArray(versions) || versions.length === 0) return null;
  const names = versions.map((one) => {
    const version = isFields(one) ? textIn(one, 'version') : null;
    return version !== null && one['groupVersion'] === `${name}/${version}` ? version : null;
  });
  return names.every((version) => version !== null) ? names : null;
}

const preferredFirst = (versions: readonly string[], preferred: string | null): readonly string[] =>
  preferred === null ? versions : [preferred, ...versions.filter((version) => version !== preferred)];

/**
 * Asks which resources a version of a group has.
 * @returns plural names
 * @throws ReadError, also where an aggregated API server does not answer
 */
export async function discoverResources(
  api: KubeApi,
  { group, version }: { readonly group: string; readonly version: string },
): Promise<ReadonlySet<string>> {
  const groupVersion = `${group}/${version}`;
  const path = `/apis/${groupVersion}`;
  const body = await getJson(api, { path, damaged: notDiscovery });
  const resources = listIn(body, { kind: 'APIResourceList', field: 'resources', path, server: api.server });
  const names = resources.map((resource) => textIn(resource, 'name'));
  const isOther = (body as Fields)['groupVersion'] !== groupVersion;
  if (isOther || !names.every((name) => name !== null)) throw notDiscovery(api.server, path);
  return new Set(names);
}

interface Wanted {
  readonly kind: string;
  readonly field: string;
  readonly path: string;
  readonly server: string;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * @throws ReadError for anything that is no such list, and for one with nothing in it, which no server gives:
 * absence must not be concluded from it
 */
function listIn(body: unknown, { kind, field, path, server }: Wanted): readonly Fields[] {
  const list = isFields(body) && body['kind'] === kind ? body[field] : null;
  if (!Array.isArray(list) || list.length === 0 || !list.every(isFields)) throw notDiscovery(server, path);
  return list;
}

function notDiscovery(server: string, path: string, cause?: unknown): ReadError {
  return new ReadError(
    'server-error',
    `The server ${server} did not answer ${path} with what it serves.`,
    'Check that the server address is that of a Kubernetes API server, and that nothing in between changes its answers.',
    cause,
  );
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const objectIn = (fields: Fields, name: string): Fields => {
  const value = fields[name];
  return isFields(value) ? value : {};
};

function textIn(fields: Fields, name: string): string | null {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : null;
}
