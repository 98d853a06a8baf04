import type { KubeApi } from '../connect/kube/kube-api.ts';
import { ReadError } from '../errors.ts';
import type { Gap, Resource } from '../inventory/gap.ts';
import { listAll } from './http/list.ts';
import { MalformedObject } from './read-object.ts';

export interface ReadListRequest<T> {
  readonly resource: Resource;
  /** Of the objects, such as `Node`. */
  readonly kind: string;
  readonly path: string;
  /** Served by a separate API server behind the cluster's. */
  readonly aggregated?: boolean;
  readonly metadataOnly?: boolean;
  /** The server may lack this resource: that is an empty list. */
  readonly optional?: boolean;
  /** @throws MalformedObject */
  readonly read: (item: unknown) => T;
}

/**
 * Reads a whole small list. On failure nothing of it is used: half a list of policies would mislead.
 * @returns `null` if the server does not have this resource (only where the request says `optional`)
 */
export async function readOptionalList<T>(
  api: KubeApi,
  gaps: Gap[],
  { resource, read, ...request }: ReadListRequest<T>,
): Promise<readonly T[] | null> {
  let found: T[] = [];
  try {
    const { absent } = await listAll(api, request, {
      onPage: (items) => {
        for (const item of items) found.push(read(item));
      },
      onRestart: () => {
        found = [];
      },
    });
    return absent ? null : found;
  } catch (error) {
    gaps.push(gapOf(resource, error));
    return [];
  }
}

/** Reads a whole small list that every server has. */
export async function readList<T>(
  api: KubeApi,
  gaps: Gap[],
  request: Omit<ReadListRequest<T>, 'optional'>,
): Promise<readonly T[]> {
  return (await readOptionalList(api, gaps, request)) ?? [];
}

/** @throws the error itself when it is none that reading is known to raise */
export function gapOf(resource: Resource, error: unknown, suffix = ''): Gap {
  if (error instanceof ReadError) {
    return { resource, reason: error.reason, message: error.message + suffix, remedy: error.remedy };
  }
  if (error instanceof MalformedObject) {
    return {
      resource,
      reason: 'malformed-object',
      message: `The list of ${resource} holds an object that cannot be read: ${error.message}.${suffix}`,
      remedy: 'Compare the object with its API reference; if it is right, report this as a defect.',
    };
  }
  throw error;
}
