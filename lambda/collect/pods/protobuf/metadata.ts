import { isKept, keptValue, mayBeKept, POD_ENI_ANNOTATION } from '../../../inventory/annotations.ts';
import type { Labels } from '../../../inventory/names.ts';
import type { PodRecord } from '../../../inventory/pod.ts';
import { MalformedObject } from '../../fields.ts';
import type { Caches, KnownOwner } from './caches.ts';
import {
  enter,
  leave,
  type Reader,
  readBoolean,
  readInt64,
  readTag,
  readText,
  skip,
  skipBytes,
} from './wire.ts';

/** What is kept of an ObjectMeta. */
export interface PodMetadata {
  name: string;
  namespace: string;
  uid: string | null;
  labels: Labels;
  owner: KnownOwner | null;
  createdAt: number | null;
  deletedAt: number | null;
  /** Annotation `kubernetes.io/config.mirror` is there. */
  mirror: boolean;
  /** Those that something reads; `null`: none. */
  annotations: Record<string, string> | null;
  /** The value of the annotation for a network interface of the pod's own. */
  podEni: string | undefined;
}

const NO_LABELS: Labels = {};

export function newMetadata(): PodMetadata {
  return {
    name: '',
    namespace: '',
    uid: null,
    labels: NO_LABELS,
    owner: null,
    createdAt: null,
    deletedAt: null,
    mirror: false,
    annotations: null,
    podEni: undefined,
  };
}

/**
 * ObjectMeta, into `found`, which holds what was read even when a later field fails, so that the error
 * can name the pod. Strings of Kubernetes' Go types are always sent: empty ones stand for absent.
 * Source: k8s.io/apimachinery pkg/apis/meta/v1/generated.proto, message ObjectMeta.
 */
export function readMetadata(reader: Reader, found: PodMetadata, caches: Caches): void {
  while (reader.at < reader.end) {
    const start = reader.at;
    const tag = readTag(reader);
    switch (tag >>> 3) {
      case 1: // name
        found.name = readText(reader, tag);
        break;
      case 3: // namespace
        found.namespace = caches.strings.text(reader, tag);
        break;
      case 5: // uid
        found.uid = readText(reader, tag) || null;
        break;
      case 8: // creationTimestamp
        found.createdAt = readTime(reader, tag);
        break;
      case 9: // deletionTimestamp
        found.deletedAt = readTime(reader, tag);
        break;
      case 11: // labels
        found.labels = labelsFrom(reader, start, { caches, before: found.labels });
        break;
      case 12: // annotations
        readAnnotation(reader, tag, found);
        break;
      case 13: // ownerReferences
        if (found.owner === null) found.owner = ownerFrom(reader, start, caches);
        else skip(reader, tag);
        break;
      default:
        skip(reader, tag);
    }
  }
}

const MIRROR = 'kubernetes.io/config.mirror';

/** "Must be from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z" (message Timestamp): what JSON can show. */
const EARLIEST = Date.parse('0001-01-01T00:00:00Z');
const LATEST = Date.parse('9999-12-31T23:59:59Z');

/** Time: seconds since the epoch; a zero time is an empty message. Its nanos are not used, as in Go. */
export function readTime(reader: Reader, tag: number): number | null {
  const outer = enter(reader, tag);
  let seconds: number | null = reader.at < reader.end ? 0 : null;
  while (reader.at < reader.end) {
    const inner = readTag(reader);
    if (inner >>> 3 === 1) seconds = readInt64(reader, inner);
    else skip(reader, inner);
  }
  leave(reader, outer);
  if (seconds === null) return null;
  const time = seconds * 1000;
  if (time < EARLIEST || time > LATEST) throw new MalformedObject('a time is out of range');
  return time;
}

/** Ends where the fields with the tag of the one at `start` end; repeated fields are sent together. */
function endOfRun(reader: Reader, start: number): number {
  reader.at = start;
  const tag = readTag(reader);
  skip(reader, tag);
  for (;;) {
    const end = reader.at;
    if (end >= reader.end) return end;
    if (readTag(reader) !== tag) return end;
    skip(reader, tag);
  }
}

function labelsFrom(
  reader: Reader,
  start: number,
  { caches, before }: { caches: Caches; before: Labels },
): Labels {
  const first = before === NO_LABELS;
  const again = first ? caches.labels.again(reader, start) : undefined;
  if (again !== undefined) return again;
  const end = endOfRun(reader, start);
  const known = first ? caches.labels.find(reader.bytes, start, end) : undefined;
  if (known !== undefined) {
    reader.at = end;
    return known;
  }
  const labels: Record<string, string> = { ...before };
  reader.at = start;
  while (reader.at < end) {
    const { key, value } = readEntry(reader, readTag(reader), caches);
    setEntry(labels, key, value);
  }
  return first ? caches.labels.keep(reader.bytes, start, end, labels) : labels;
}

/** As `JSON.parse` does it: `__proto__` is a key like any other. */
function setEntry(map: Record<string, string>, key: string, value: string): void {
  if (key !== '__proto__') map[key] = value;
  else Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
}

/** One entry of a `map<string, string>`: a message of key (1) and value (2). */
export function readEntry(reader: Reader, tag: number, caches: Caches): { key: string; value: string } {
  const outer = enter(reader, tag);
  let key = '';
  let value = '';
  while (reader.at < reader.end) {
    const inner = readTag(reader);
    if (inner >>> 3 === 1) key = caches.strings.text(reader, inner);
    else if (inner >>> 3 === 2) value = caches.strings.text(reader, inner);
    else skip(reader, inner);
  }
  leave(reader, outer);
  return { key, value };
}

/** One entry of the annotations; values can be large and are read only where something reads them. */
function readAnnotation(reader: Reader, tag: number, found: PodMetadata): void {
  const outer = enter(reader, tag);
  let key = '';
  let value = -1;
  let valueEnd = -1;
  while (reader.at < reader.end) {
    const inner = readTag(reader);
    if (inner >>> 3 === 1) {
      const start = skipBytes(reader, inner);
      const length = reader.at - start;
      const wanted = length === MIRROR.length || length === POD_ENI_ANNOTATION.length || mayBeKept(length);
      key = wanted ? reader.bytes.toString('utf8', start, reader.at) : '';
    } else if (inner >>> 3 === 2) {
      value = skipBytes(reader, inner);
      valueEnd = reader.at;
    } else skip(reader, inner);
  }
  leave(reader, outer);
  if (key === MIRROR) found.mirror = true;
  const isPodEni = key === POD_ENI_ANNOTATION;
  if (!isPodEni && !isKept(key)) return;
  const text = value < 0 ? '' : keptValue(reader.bytes.toString('utf8', value, valueEnd));
  if (isPodEni) {
    found.podEni = text;
    return;
  }
  found.annotations ??= {};
  found.annotations[key] = text;
}

function ownerFrom(reader: Reader, start: number, caches: Caches): KnownOwner | null {
  const again = caches.owners.again(reader, start);
  if (again !== undefined) return again;
  const end = endOfRun(reader, start);
  const known = caches.owners.find(reader.bytes, start, end);
  if (known !== undefined) {
    reader.at = end;
    return known;
  }
  reader.at = start;
  let index = 0;
  let owner: KnownOwner | null = null;
  while (reader.at < end) {
    const reference = readOwnerReference(reader, readTag(reader));
    if (owner === null && reference.controller) owner = asOwner(reference, index);
    index++;
  }
  return owner === null ? null : caches.owners.keep(reader.bytes, start, end, owner);
}

interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly controller: boolean;
}

function readOwnerReference(reader: Reader, tag: number): OwnerReference {
  const outer = enter(reader, tag);
  let apiVersion = '';
  let kind = '';
  let name = '';
  let controller = false;
  while (reader.at < reader.end) {
    const inner = readTag(reader);
    switch (inner >>> 3) {
      case 1:
        kind = readText(reader, inner);
        break;
      case 3:
        name = readText(reader, inner);
        break;
      case 5:
        apiVersion = readText(reader, inner);
        break;
      case 6:
        controller = readBoolean(reader, inner);
        break;
      default:
        skip(reader, inner);
    }
  }
  leave(reader, outer);
  return { apiVersion, kind, name, controller };
}

function asOwner({ apiVersion, kind, name }: OwnerReference, index: number): KnownOwner {
  const reference: PodRecord['owner'] = { apiVersion, kind, name };
  for (const [field, value] of Object.entries(reference)) {
    if (value === '') throw new MalformedObject(`metadata.ownerReferences[${index}].${field} is missing`);
  }
  return { reference, templates: [] };
}
