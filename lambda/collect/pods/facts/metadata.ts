import { KEPT_ANNOTATIONS, keptValue, POD_ENI_ANNOTATION } from '../../../inventory/annotations.ts';
import type { Labels } from '../../../inventory/names.ts';
import { labelMap, optionalObject, optionalString } from '../../fields.ts';
import type { Caches } from '../protobuf/caches.ts';
import {
  endOfRun,
  enter,
  leave,
  type Reader,
  readMessage,
  readTag,
  skip,
  skipBytes,
} from '../protobuf/wire.ts';
import { ownText, text, time } from './kinds.ts';
import { type Field, message } from './message.ts';
import { controller } from './owner.ts';

const NO_LABELS: Labels = {};

const labels = (number: number): Field<Labels> => ({
  number,
  absent: NO_LABELS,
  fromJson: labelMap,
  fromProtobuf: (reader, _, caches, before = NO_LABELS) => labelsFrom(reader, caches, before),
});

/** Replicas get one and the same object. */
function labelsFrom(reader: Reader, caches: Caches, before: Labels): Labels {
  const { tagAt: start } = reader;
  const first = before === NO_LABELS;
  const again = first ? caches.labels.again(reader, start) : undefined;
  if (again !== undefined) return again;
  const end = endOfRun(reader, start);
  const known = first ? caches.labels.find(reader.bytes, start, end) : undefined;
  if (known !== undefined) {
    reader.at = end;
    return known;
  }
  const found: Record<string, string> = { ...before };
  reader.at = start;
  while (reader.at < end) readEntry(reader, readTag(reader), { caches, into: found });
  return first ? caches.labels.keep(reader.bytes, start, end, found) : found;
}

/** One entry of a `map<string, string>`: a message of key (1) and value (2). */
function readEntry(
  reader: Reader,
  tag: number,
  { caches: { strings }, into }: { readonly caches: Caches; readonly into: Record<string, string> },
): void {
  let key = '';
  let value = '';
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 === 1) key = strings.text(reader, inner);
    else if (inner >>> 3 === 2) value = strings.text(reader, inner);
    else return false;
    return true;
  });
  // As `JSON.parse` does it: `__proto__` is a key like any other.
  if (key !== '__proto__') into[key] = value;
  else Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
}

const MIRROR = 'kubernetes.io/config.mirror';

/** What is read of the annotations. */
interface ReadAnnotations {
  /** Annotation `kubernetes.io/config.mirror` is there. */
  mirror: boolean;
  /** Those that something reads; `null`: none. */
  kept: Record<string, string> | null;
  /** The value of the annotation for a network interface of the pod's own. */
  podEni: string | undefined;
}

const NO_ANNOTATIONS: Readonly<ReadAnnotations> = { mirror: false, kept: null, podEni: undefined };

/** Which annotations are read: those that this version knows, and those that whoever reads asks for. */
interface Wanted {
  has(key: string): boolean;
  /** Tells most keys apart without reading them. */
  mayHave(bytes: number): boolean;
}

function wantedWith(asked: readonly string[]): Wanted {
  const keys = new Set([MIRROR, POD_ENI_ANNOTATION, ...KEPT_ANNOTATIONS, ...asked]);
  const lengths = new Set([...keys].map((key) => Buffer.byteLength(key)));
  return { has: (key) => keys.has(key), mayHave: (bytes) => lengths.has(bytes) };
}

function keep(into: ReadAnnotations, key: string, value: string): void {
  if (key === MIRROR) into.mirror = true;
  else if (key === POD_ENI_ANNOTATION) into.podEni = keptValue(value);
  else {
    into.kept ??= {};
    into.kept[key] = keptValue(value);
  }
}

const annotations = (number: number, wanted: Wanted): Field<Readonly<ReadAnnotations>> => ({
  number,
  absent: NO_ANNOTATIONS,
  fromJson(value, path) {
    const all = optionalObject(value, path) ?? {};
    const found = { ...NO_ANNOTATIONS };
    for (const key of Object.keys(all)) {
      if (!wanted.has(key)) continue;
      // What a mirror says is a hash, and that it says it is what counts.
      keep(found, key, key === MIRROR ? '' : (optionalString(all[key], `${path}[${key}]`) ?? ''));
    }
    return found;
  },
  fromProtobuf: (reader, tag, _, before = NO_ANNOTATIONS) => withAnnotation(reader, tag, { before, wanted }),
});

/** One entry of the annotations; values can be large and are read only where something reads them. */
function withAnnotation(
  reader: Reader,
  tag: number,
  { before, wanted }: { readonly before: Readonly<ReadAnnotations>; readonly wanted: Wanted },
): Readonly<ReadAnnotations> {
  const outer = enter(reader, tag);
  let key = '';
  let value = -1;
  let valueEnd = -1;
  while (reader.at < reader.end) {
    const inner = readTag(reader);
    if (inner >>> 3 === 1) {
      const start = skipBytes(reader, inner);
      key = wanted.mayHave(reader.at - start) ? reader.bytes.toString('utf8', start, reader.at) : '';
    } else if (inner >>> 3 === 2) {
      value = skipBytes(reader, inner);
      valueEnd = reader.at;
    } else skip(reader, inner);
  }
  leave(reader, outer);
  if (!wanted.has(key)) return before;
  const found = { ...before };
  if (found.kept !== null) found.kept = { ...found.kept };
  keep(found, key, value < 0 ? '' : reader.bytes.toString('utf8', value, valueEnd));
  return found;
}

/** What is kept of the metadata of a pod template. */
const ofTemplate = (wanted: Wanted) => ({ labels: labels(11), annotations: annotations(12, wanted) });

function metadataWith(asked: readonly string[]) {
  const wanted = wantedWith(asked);
  return {
    ofTemplate: message(ofTemplate(wanted)),
    ofObject: message({
      ...ofTemplate(wanted),
      name: ownText(1),
      namespace: text(3),
      uid: ownText(5),
      creationTimestamp: time(8),
      deletionTimestamp: time(9),
      ownerReferences: controller(13),
    }),
  };
}

const WITHOUT_OTHERS = metadataWith([]);

/** What is kept of an ObjectMeta. */
export const OBJECT_META = WITHOUT_OTHERS.ofObject;
export type ObjectMetadata = ReturnType<typeof OBJECT_META.fresh>;

/** Of one audit all readers ask for the same. */
let last = { asked: [] as readonly string[], metadata: WITHOUT_OTHERS };

/** @param asked annotations to keep in addition to those that this version knows */
export function metadataReaders(asked: readonly string[] = []): ReturnType<typeof metadataWith> {
  if (asked.length === 0) return WITHOUT_OTHERS;
  if (last.asked.length !== asked.length || last.asked.some((key, index) => key !== asked[index])) {
    last = { asked, metadata: metadataWith(asked) };
  }
  return last.metadata;
}
