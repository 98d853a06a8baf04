import type { KubeResponse } from '../../connect/kube/kube-api.ts';
import { ReadError } from '../../errors.ts';
import type { PodRecord } from '../../inventory/pod.ts';
import { MalformedObject } from '../fields.ts';
import { withoutMetadata } from '../http/list-errors.ts';
import {
  type AskedList,
  isObject,
  jsonCodec,
  type ListCodec,
  type ListItem,
  type ListPage,
  UntrustedList,
} from '../http/list-page.ts';
import { nameOf, readNamespacedMeta } from '../read-object.ts';
import { POD_RECORDS } from '../tape/format.ts';
import { parseList } from './json-list.ts';
import { createPodDecoder, nameOfPod } from './protobuf/decode-pods.ts';
import { WrongKind } from './protobuf/envelope.ts';
import { type EncodedObject, framePodList } from './protobuf/pod-list.ts';
import { type PodReading, readPod } from './read-pod.ts';

/** A pod of a page: not read yet in protobuf; in JSON read at once, which leaves the least in memory. */
export type PodItem = EncodedObject | { readonly pod: PodRecord } | BrokenPod;

interface BrokenPod {
  readonly error: MalformedObject;
  readonly name: ReturnType<typeof nameOf>;
}

/** Reads the pods of one list, whichever encoding they come in. */
export interface PodReader {
  readonly codec: ListCodec<PodItem>;
  /** @throws MalformedObject */
  read(item: PodItem): PodRecord;
  /** How a pod that cannot be read is named, as well as it can be. */
  nameOf(item: PodItem): ReturnType<typeof nameOf>;
}

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/**
 * Asks for protobuf, which takes a fraction of JSON's time to read and is smaller; servers that do not
 * have it, and proxies in between that translate, answer JSON to the same request.
 *
 * A page in protobuf is only taken apart when it arrives; its pods are decoded once the next page was asked for.
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
 */
export function createPodReader(asked: PodReading = {}): PodReader {
  const decoder = createPodDecoder(null, asked);
  const readItem = itemReader(asked);
  return {
    codec: {
      accept: `${PROTOBUF},application/json`,
      decode(response, list) {
        if (response.contentType === POD_RECORDS) return recordedPage(response);
        return response.contentType === PROTOBUF
          ? framePage(response, list)
          : jsonPage(response, list, readItem);
      },
      // Of pods in protobuf it is known once they are decoded.
      identityOf: null,
    },
    read(item) {
      if ('pod' in item) return item.pod;
      if ('error' in item) throw item.error;
      return decoder.read(item);
    },
    nameOf(item) {
      if ('pod' in item) return nameOf({ metadata: item.pod }, 'Pod');
      return 'error' in item ? item.name : nameOfPod(item);
    },
  };
}

/** A page of a written snapshot, whose pods were read when it was written. */
function recordedPage(response: KubeResponse): ListPage<PodItem> {
  const page = response.json() as ListPage<{ pod: PodRecord } | { broken: string; name: BrokenPod['name'] }>;
  return {
    ...page,
    items: page.items.map((item) =>
      'pod' in item ? item : { error: new MalformedObject(item.broken), name: item.name },
    ),
  };
}

function jsonPage(
  response: KubeResponse,
  asked: AskedList,
  readItem: ReturnType<typeof itemReader>,
): ListPage<PodItem> {
  const json = (): unknown => parseList(bufferOf(response.body), readItem);
  const page = jsonCodec.decode({ ...response, json }, asked);
  // Of a page whose items are all objects, each is what `readItem` made of it.
  return { ...page, items: page.items as readonly (ListItem & PodItem)[] };
}

const itemReader =
  (asked: PodReading) =>
  (item: unknown): unknown => {
    if (!isObject(item)) return item;
    try {
      readNamespacedMeta(item);
      return { pod: readPod(item, asked) } satisfies PodItem;
    } catch (error) {
      if (!(error instanceof MalformedObject)) throw error;
      return { error, name: nameOf(item, 'Pod', null) } satisfies PodItem;
    }
  };

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

function framePage(response: KubeResponse, { what }: AskedList): ListPage<PodItem> {
  try {
    const page = framePodList(response.body);
    if (page.resourceVersion === '') throw new UntrustedList(...withoutMetadata(what));
    return {
      items: page.items,
      continueToken: page.continue || null,
      remaining: page.remainingItemCount,
      resourceVersion: page.resourceVersion || null,
    };
  } catch (error) {
    if (error instanceof WrongKind) {
      throw new ReadError(
        'server-error',
        `The server answered the list of ${what} with another object: ${error.message}.`,
        'Check that the server address of this context is that of a Kubernetes API server.',
      );
    }
    // The list asks again for a page that arrived damaged.
    if (error instanceof MalformedObject) throw new SyntaxError(error.message, { cause: error });
    throw error;
  }
}
