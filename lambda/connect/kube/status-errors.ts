import { ReadError } from '../../errors.ts';
import { oneLine } from '../text.ts';
import type { KubeResponse } from './kube-api.ts';

/** A path of the Kubernetes API taken apart; `group` is empty for the core group. */
export interface ResourcePath {
  readonly group: string;
  readonly resource: string;
  /** `null` at the cluster scope. */
  readonly namespace: string | null;
}

const RESOURCE_PATH =
  /^\/(?:api\/[^/]+|apis\/(?<group>[^/]+)\/[^/]+)(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<resource>[^/?]+)/;

/** @returns `null` for paths that name no resource, such as `/version`. */
export function parseResourcePath(path: string): ResourcePath | null {
  const found = RESOURCE_PATH.exec(path)?.groups;
  if (!found?.['resource']) return null;
  return { group: found['group'] ?? '', resource: found['resource'], namespace: found['namespace'] ?? null };
}

/** `networkpolicies.networking.k8s.io`, as kubectl and RBAC messages name a resource. */
export function resourceName(path: string): string {
  const parsed = parseResourcePath(path);
  if (parsed === null) return path;
  return parsed.group === '' ? parsed.resource : `${parsed.resource}.${parsed.group}`;
}

/**
 * The sentence for an answer that is not the one asked for.
 * @param path what was asked, such as `/api/v1/pods`
 */
export function statusError(server: string, path: string, response: KubeResponse): ReadError {
  const { status } = response;
  const said = statusMessage(response);
  const because = said === null ? '' : ` (${said})`;
  if (status === 401) return unauthorized(server, said === 'Unauthorized' ? '' : because);
  if (status === 403) return forbidden(server, path, said);
  if (status >= 300 && status < 400) {
    return new ReadError(
      'server-error',
      `The address ${server} answered with a redirect (${status}), which an API server does not do.`,
      'Correct the server address of this context; a login page or proxy may be in between.',
    );
  }
  if (status === 404) {
    return new ReadError(
      'server-error',
      `The server ${server} does not know ${resourceName(path)} (404).`,
      'Check that the server address of this context is that of a Kubernetes API server.',
    );
  }
  const busy = status === 429 || status === 503 ? ' It is too busy.' : '';
  return new ReadError(
    'server-error',
    `The API server ${server} answered ${status} to the list of ${resourceName(path)}${because}.${busy}`,
    'Run again later; if the problem persists, look at the health of the API server.',
  );
}

function unauthorized(server: string, because: string): ReadError {
  // kubectl sends no credentials over plain HTTP, and neither does this program: say so, or people search long.
  const plain = server.startsWith('http:');
  return new ReadError(
    'unauthorized',
    `The API server ${server} did not accept the credentials (401)${because}.`,
    plain
      ? 'Use the https:// address of the server: credentials are never sent over plain HTTP.'
      : 'Renew the credentials of this context; on EKS, check with aws sts get-caller-identity which role you use, and that it has an access entry.',
  );
}

function forbidden(server: string, path: string, said: string | null): ReadError {
  const parsed = parseResourcePath(path);
  if (parsed === null) {
    return new ReadError(
      'forbidden',
      `The API server ${server} does not allow this identity to read ${path}${said === null ? '' : ` (${said})`}.`,
      `Grant the verb get on the non-resource URL ${path} to this identity.`,
    );
  }
  const scope = parsed.namespace === null ? 'in all namespaces' : `in the namespace ${parsed.namespace}`;
  const remedy = said?.includes('"system:anonymous"')
    ? 'No credentials reached the server: give this context a user in the kubeconfig.'
    : `Grant it the verb list on the resource "${parsed.resource}" in the API group "${parsed.group}" with a ${
        parsed.namespace === null ? 'ClusterRole and ClusterRoleBinding' : 'Role and RoleBinding'
      }.`;
  return new ReadError(
    'forbidden',
    `This identity may not list ${resourceName(path)} ${scope}${said === null ? '' : `: ${said}`}.`,
    remedy,
  );
}

/** The server's own words: `message` of a `v1.Status`, or a short plain text. Never HTML. */
function statusMessage(response: KubeResponse): string | null {
  if (response.contentType === 'application/json') {
    try {
      const message = (response.json() as { message?: unknown } | null)?.message;
      return typeof message === 'string' && message !== '' ? oneLine(message, 400) : null;
    } catch {
      return null;
    }
  }
  if (response.contentType !== 'text/plain') return null;
  return oneLine(response.text(), 200) || null;
}
