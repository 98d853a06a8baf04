import { networkInterfaceIn } from '../../../inventory/annotations.ts';
import type { ContainerState, PodRecord, PodSpecFacts } from '../../../inventory/pod.ts';
import { ownAddresses } from '../../../inventory/pod-addresses.ts';
import { serviceAccountOf } from '../../../inventory/service-account.ts';
import { MalformedObject } from '../../fields.ts';
import type { BrokenName } from '../../read-object.ts';
import type { PodReading } from '../read-pod.ts';
import { type Caches, createCaches, FOR_LIST, FOR_ONE } from './caches.ts';
import { openEnvelope } from './envelope.ts';
import { newMetadata, type PodMetadata, readMetadata } from './metadata.ts';
import { type EncodedObject, framePodList, type PodListPage, readerOver } from './pod-list.ts';
import { type DecodedSpec, readSpec, type SpecContext } from './spec.ts';
import { newStatus, type PodStatus, readStatus, restartStatus, statusOf } from './status.ts';
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
      const metadata = newMetadata();
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
  return decodePod(openEnvelope(bytes, 'Pod'), newMetadata(), newMemory(FOR_ONE));
}

/** How a pod that cannot be read is named, as well as it can be. */
export function nameOfPod(item: EncodedObject): BrokenName {
  const metadata = newMetadata();
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

/** What is taken from one pod to the next: what was learnt, and room to read into. */
interface Memory {
  readonly caches: Caches;
  readonly status: PodStatus;
}

const newMemory = (slots: typeof FOR_LIST, { addresses = false }: PodReading = {}): Memory => ({
  caches: createCaches(slots),
  status: newStatus(addresses),
});

/** @param metadata filled as far as reading gets, so that an error can be told with a name. */
function decodePod(reader: Reader, metadata: PodMetadata, { caches, status }: Memory): PodRecord {
  const parts = findParts(reader);
  if (parts.metadata < 0) throw new MalformedObject('metadata is missing');
  if (parts.spec < 0) throw new MalformedObject('spec is missing');
  moveTo(reader, parts.metadata, parts.metadataEnd);
  readMetadata(reader, metadata, caches);
  if (metadata.name === '') throw new MalformedObject('metadata.name is missing');
  restartStatus(status);
  if (parts.status >= 0) {
    moveTo(reader, parts.status, parts.statusEnd);
    readStatus(reader, status, caches);
  }
  moveTo(reader, parts.spec, parts.specEnd);
  const { owner } = metadata;
  const context: SpecContext = { caches, status, mirror: metadata.mirror, annotations: metadata.annotations };
  // Every static pod of a node has the Node as its owner: they are no replicas of one another.
  const spec =
    owner === null || owner.reference.kind === 'Node'
      ? readSpec(reader, context)
      : readReplicaSpec(reader, owner.templates, context);
  const record = asRecord(metadata, spec, status);
  if (metadata.podEni === undefined && status.ips === null) return record;
  return { ...record, ...networkInterfaceIn(metadata.podEni), ...addressesOf(record, status) };
}

function addressesOf({ phase, spec }: PodRecord, { ips, ip }: PodStatus): Pick<PodRecord, 'addresses'> {
  return ips === null ? {} : ownAddresses({ phase, hostNetwork: spec.hostNetwork }, ips, ip);
}

function moveTo(reader: Reader, at: number, end: number): void {
  reader.at = at;
  reader.end = end;
}

function asRecord(
  metadata: PodMetadata,
  { facts, nodeName, serviceAccount }: DecodedSpec,
  status: PodStatus,
): PodRecord {
  return {
    name: metadata.name,
    namespace: metadata.namespace || 'default',
    uid: metadata.uid,
    labels: metadata.labels,
    owner: metadata.owner === null ? null : metadata.owner.reference,
    createdAt: metadata.createdAt,
    startedAt: status.startedAt,
    deletedAt: metadata.deletedAt,
    phase: status.phase,
    nodeName,
    serviceAccount: serviceAccountOf(serviceAccount, facts.mirror),
    spec: facts,
    containerStates: statesOf(facts, status),
    source: 'pod',
  };
}

/** As when read from JSON: without a status it is open whether a container runs, but in a pending pod. */
function statesOf({ containers }: PodSpecFacts, status: PodStatus): ContainerState[] {
  return containers.map(({ name: container }) => {
    const found = statusOf(status, container);
    if (found) return { container, running: found.running, startedAt: found.startedAt };
    return { container, running: status.phase === 'Pending' ? false : null, startedAt: null };
  });
}
