import type { PodRecord } from '../../../inventory/pod.ts';
import { MalformedObject } from '../../fields.ts';
import type { BrokenName } from '../../read-object.ts';
import { metadataReaders, OBJECT_META, type ObjectMetadata } from '../facts/metadata.ts';
import { type PodReading, podRecord } from '../facts/pod.ts';
import {
  POD_STATUS,
  POD_STATUS_WITH_ADDRESSES,
  type PodStatus,
  type PodStatusWithAddresses,
  statusesBy,
} from '../facts/status.ts';
import { type Caches, createCaches, FOR_LIST, FOR_ONE } from './caches.ts';
import { openEnvelope } from './envelope.ts';
import { createTemplates, type TemplatesByOwner } from './owners.ts';
import { type EncodedObject, framePodList, type PodListPage, readerOver } from './pod-list.ts';
import { readReplicaSpec } from './template.ts';
import { type Reader, readTag, skip, skipBytes } from './wire.ts';

/** Decodes the pods of one list; what it learnt from one makes the next ones cheap. */
export interface PodDecoder {
  /**
   * Reads one item of a list into what `readPod` makes of the same pod in JSON.
   * @throws MalformedObject
   */
  read(item: EncodedObject): PodRecord;
}

/** @param unsaid the namespace of a pod that names none; `null`: it cannot be read, for servers always say it */
export function createPodDecoder(unsaid: 'default' | null = 'default', asked: PodReading = {}): PodDecoder {
  const memory = newMemory(FOR_LIST, asked);
  return {
    read(item) {
      const metadata = OBJECT_META.fresh();
      const pod = decodePod(readerOver(item), metadata, memory);
      if (metadata.namespace === '' && unsaid === null)
        throw new MalformedObject('metadata.namespace is missing');
      return pod;
    },
  };
}

/**
 * Reads a whole PodList, handing over each pod as it comes.
 * @throws MalformedObject: about the list as a whole before any pod was handed over, about a pod when it
 * is that pod's turn.
 */
export function decodePodList(
  bytes: Uint8Array,
  each: (pod: PodRecord) => void,
  decoder: PodDecoder = createPodDecoder(),
): Omit<PodListPage, 'items'> {
  const { items, ...page } = framePodList(bytes);
  for (const item of items) each(decoder.read(item));
  return page;
}

/**
 * Reads a single Pod, as a server sends it for one name.
 * @throws MalformedObject
 */
export function decodeSinglePod(bytes: Uint8Array): PodRecord {
  return decodePod(openEnvelope(bytes, 'Pod'), OBJECT_META.fresh(), newMemory(FOR_ONE));
}

/** How a pod that cannot be read is named, as well as it can be. */
export function nameOfPod(item: EncodedObject): BrokenName {
  const metadata = OBJECT_META.fresh();
  try {
    decodePod(readerOver(item), metadata, newMemory(FOR_ONE));
  } catch (error) {
    if (!(error instanceof MalformedObject)) throw error;
  }
  return {
    namespace: metadata.namespace || null,
    kind: 'Pod',
    name: metadata.name || '(without name)',
  };
}

/** Where the three parts of a pod are: `at` and `end` of each, -1 for a part that is not there. */
interface Parts {
  metadata: number;
  metadataEnd: number;
  spec: number;
  specEnd: number;
  status: number;
  statusEnd: number;
}

/** Source: core/v1/generated.proto, message Pod: metadata (1), spec (2), status (3). */
function findParts(reader: Reader): Parts {
  const parts: Parts = { metadata: -1, metadataEnd: -1, spec: -1, specEnd: -1, status: -1, statusEnd: -1 };
  while (reader.at < reader.end) {
    const tag = readTag(reader);
    switch (tag >>> 3) {
      case 1:
        once(parts.metadata, 'metadata');
        parts.metadata = skipBytes(reader, tag);
        parts.metadataEnd = reader.at;
        break;
      case 2:
        once(parts.spec, 'spec');
        parts.spec = skipBytes(reader, tag);
        parts.specEnd = reader.at;
        break;
      case 3:
        once(parts.status, 'status');
        parts.status = skipBytes(reader, tag);
        parts.statusEnd = reader.at;
        break;
      default:
        skip(reader, tag);
    }
  }
  return parts;
}

/** Protobuf would merge them; no Kubernetes server sends that, so it is a sign of damage. */
function once(before: number, part: string): void {
  if (before >= 0) throw new MalformedObject(`${part} is there twice`);
}

/** What is taken from one pod to the next. */
interface Memory {
  readonly caches: Caches;
  readonly templates: TemplatesByOwner;
  readonly withAddresses: boolean;
  readonly meta: typeof OBJECT_META;
}

const newMemory = (slots: typeof FOR_LIST, { addresses = false, annotations }: PodReading = {}): Memory => ({
  caches: createCaches(slots),
  templates: createTemplates(),
  withAddresses: addresses,
  meta: metadataReaders(annotations).ofObject,
});

/** @param metadata filled as far as reading gets, so that an error can name the pod. */
function decodePod(
  reader: Reader,
  metadata: ObjectMetadata,
  { caches, templates, withAddresses, meta }: Memory,
): PodRecord {
  const parts = findParts(reader);
  if (parts.metadata < 0) throw new MalformedObject('metadata is missing');
  if (parts.spec < 0) throw new MalformedObject('spec is missing');
  moveTo(reader, parts.metadata, parts.metadataEnd);
  meta.readInto(reader, metadata, caches);
  if (metadata.name === '') throw new MalformedObject('metadata.name is missing');
  const status = readStatus(reader, parts, { caches, withAddresses });
  const statusOf = statusesBy(status);
  moveTo(reader, parts.spec, parts.specEnd);
  const { mirror, kept: annotations } = metadata.annotations;
  const known = { mirror, annotations, statusOf };
  const { ownerReferences: owner } = metadata;
  // Every static pod of a node has the Node as its owner: they are no replicas of one another.
  const own = owner === null || owner.kind === 'Node' ? null : templates.of(owner);
  const spec = readReplicaSpec(reader, own, { caches, known });
  return podRecord({ metadata, status, statusOf, ...spec });
}

function readStatus(
  reader: Reader,
  parts: Parts,
  { caches, withAddresses }: Pick<Memory, 'caches' | 'withAddresses'>,
): PodStatus | PodStatusWithAddresses {
  const fields = withAddresses ? POD_STATUS_WITH_ADDRESSES : POD_STATUS;
  const status = fields.fresh();
  if (parts.status < 0) return status;
  moveTo(reader, parts.status, parts.statusEnd);
  fields.readInto(reader, status, caches);
  return status;
}

function moveTo(reader: Reader, at: number, end: number): void {
  reader.at = at;
  reader.end = end;
}
