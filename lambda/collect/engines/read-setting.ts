import type { KubeApi, KubeResponse } from '../../connect/kube/kube-api.ts';
import { ReadError } from '../../errors.ts';
import type { Setting, Unread } from '../../inventory/engine-settings.ts';
import type { Fields } from '../fields.ts';
import { getOptionalJson } from '../http/get-json.ts';
import { type ListRequest, listAll } from '../http/list.ts';
import { isObject } from '../http/list-page.ts';
import { asFields, MalformedObject } from '../read-object.ts';

/** Runs a separate read. What cannot be read is no gap of the inventory: it is said where it decides. */
export async function setting<T>(title: string, read: () => Promise<T>): Promise<Setting<T>> {
  try {
    return { known: await read() };
  } catch (error) {
    if (error instanceof ReadError) return { unread: unreadBecause(title, error) };
    if (!(error instanceof MalformedObject)) throw error;
    const message = `${title} cannot be read: ${error.message}.`;
    return { unread: { reason: 'malformed-object', message, remedy: 'Compare it with its documentation.' } };
  }
}

const unreadBecause = (title: string, { reason, message, remedy }: ReadError): Unread =>
  reason === 'forbidden'
    ? {
        reason,
        message: `${title} may not be read by this identity.`,
        remedy: 'Apply what eks-drift-audit access --cluster NAME prints: it grants this and nothing else.',
      }
    : { reason, message: `${title} was not read: ${message}`, remedy };

/** Makes sense of what was read. */
export function understood<A, B>(title: string, found: Setting<A>, read: (value: A) => B): Setting<B> {
  if ('unread' in found) return found;
  try {
    return { known: read(found.known) };
  } catch (error) {
    if (!(error instanceof MalformedObject)) throw error;
    const message = `${title} cannot be understood: ${error.message}.`;
    return { unread: { reason: 'malformed-object', message, remedy: 'Compare it with its documentation.' } };
  }
}

/** Reads a whole list of a kind that the cluster has. */
export async function listSetting(
  api: KubeApi,
  title: string,
  request: Pick<ListRequest, 'path' | 'kind'>,
): Promise<Setting<readonly Fields[]>> {
  return setting(title, async () => {
    let found: Fields[] = [];
    await listAll(api, request, {
      onPage: (items) => {
        for (const item of items) found.push(asFields(item));
      },
      onRestart: () => {
        found = [];
      },
    });
    return found;
  });
}

export interface ConfigMapName {
  readonly namespace: string;
  readonly name: string;
}

export const configMapTitle = ({ namespace, name }: ConfigMapName): string =>
  `The ConfigMap ${namespace}/${name}`;

/** @returns `null`: there is none */
export async function readConfigMap(
  api: KubeApi,
  { namespace, name }: ConfigMapName,
): Promise<Setting<Fields | null>> {
  const path = `/api/v1/namespaces/${namespace}/configmaps/${name}`;
  return setting(configMapTitle({ namespace, name }), async () => {
    const found = await getOptionalJson(api, { path, damaged }, (response) => isMissing(response, name));
    if (found === undefined) return null;
    if (!isConfigMap(found, { namespace, name })) throw damaged(api.server, path);
    return asFields(found);
  });
}

/** Whether an answer is the very object that was asked for. */
function isConfigMap(found: unknown, { namespace, name }: ConfigMapName): boolean {
  if (!isObject(found) || found['kind'] !== 'ConfigMap' || found['apiVersion'] !== 'v1') return false;
  const { metadata } = found;
  return isObject(metadata) && metadata['name'] === name && metadata['namespace'] === namespace;
}

/** A server's own word that it has no object of this name; anything else may come from something in between. */
function isMissing(response: KubeResponse, name: string): boolean {
  if (response.status !== 404) return false;
  try {
    const body = asFields(response.json());
    const details = asFields(body['details']);
    return body['kind'] === 'Status' && details['name'] === name;
  } catch {
    return false;
  }
}

export const damaged = (server: string, path: string, cause?: SyntaxError): ReadError =>
  new ReadError(
    'server-error',
    `The server ${server} did not answer ${path} with ${cause === undefined ? 'that object' : 'JSON'}.`,
    'Check that nothing between here and the API server changes its answers.',
    cause,
  );
