import type { VolumeFacts } from '../../../inventory/pod.ts';
import { signOfQuantity } from '../../../inventory/quantity.ts';
import { MalformedObject, optionalString } from '../../fields.ts';
import { enter, leave, type Reader, readMessage, readTag, skip, skipBytes } from '../protobuf/wire.ts';
import { embedded, inline, ownText, text } from './kinds.ts';
import { type Field, message, type Reading } from './message.ts';

/** `null` where it is not set; in protobuf a message of a string, which is zero without it (pkg/api/resource/quantity_proto.go). */
const quantity = (number: number): Field<string | null> => ({
  number,
  absent: null,
  // A quantity may be written as a bare number in YAML and JSON.
  fromJson(value, path) {
    const found = typeof value === 'number' ? String(value) : optionalString(value, path);
    return found === null ? null : checked(found);
  },
  fromProtobuf(reader, tag, { strings }) {
    let found = '0';
    readMessage(reader, tag, (inner) => {
      if (inner >>> 3 !== 1) return false;
      found = strings.text(reader, inner);
      return true;
    });
    return checked(found);
  },
});

/** @throws MalformedObject for what no API server stores: what limit it would be is not known */
function checked(text: string): string {
  if (signOfQuantity(text) !== null) return text;
  throw new MalformedObject(`emptyDir.sizeLimit is no quantity: "${text}"`);
}

const EMPTY_DIR = message({ medium: text(1), sizeLimit: quantity(2) });

/**
 * The sources of volumes that have facts: those on the node's disk. A volume of any other source is a volume without
 * facts, whose name is not read either.
 */
const VOLUME_SOURCE = message({
  hostPath: embedded(1, message({ path: text(1) })),
  emptyDir: embedded(2, EMPTY_DIR),
});

/** Its name is that of its token in nearly every pod, so it is not among known texts. */
const VOLUME = message({ name: ownText(1), volumeSource: inline(2, VOLUME_SOURCE) });

/** A volume as its pod has it. */
export type ReadVolume = VolumeFacts | 'without facts' | 'without a name';

export const READ_VOLUME: Reading<ReadVolume> = {
  fromJson: (value, path) => readVolume(VOLUME.fromJson(value, path), () => namesASource(value)),
  fromProtobuf(reader, tag, caches) {
    const { at } = reader;
    const read = VOLUME.fromProtobuf(reader, tag, caches);
    const { at: end } = reader;
    return readVolume(read, () => {
      reader.at = at;
      const hasOther = isWithoutFacts(reader, tag);
      reader.at = end;
      return hasOther;
    });
  },
};

/**
 * API servers store a volume without a source, or with null for it, as an emptyDir; manifests are read before that.
 * Source: kubernetes pkg/apis/core/v1/defaults.go, SetDefaults_Volume.
 */
const namesASource = (volume: unknown): boolean =>
  Object.entries(volume ?? {}).some(([key, value]) => key !== 'name' && value !== null);

/** @param hasOther whether it has a source without facts */
function readVolume(
  { name, volumeSource }: ReturnType<typeof VOLUME.fresh>,
  hasOther: () => boolean,
): ReadVolume {
  if (name === '') return 'without a name';
  const { hostPath, emptyDir } = volumeSource ?? VOLUME_SOURCE.fresh();
  if (hostPath) return { type: 'hostPath', name, path: hostPath.path };
  if (!emptyDir && hasOther()) return 'without facts';
  return { type: 'emptyDir', name, ...(emptyDir || EMPTY_DIR.fresh()) };
}

/** The volumes that are facts. */
export function volumeFacts(volumes: readonly ReadVolume[]): readonly VolumeFacts[] {
  return volumes.flatMap((volume, index) => {
    if (volume === 'without a name') throw new MalformedObject(`spec.volumes[${index}].name is missing`);
    return volume === 'without facts' ? [] : [volume];
  });
}

/**
 * Steps over a volume, looking only for what would make it one with facts: most volumes of a replica are
 * none, and are not to be decoded again for every replica.
 */
export function isWithoutFacts(reader: Reader, tag: number): boolean {
  const { name, volumeSource } = VOLUME.numbers;
  const outer = enter(reader, tag);
  let named = false;
  let plain: boolean | null = null;
  while (reader.at < reader.end) {
    const inner = readTag(reader);
    if (inner >>> 3 === name) named = skipBytes(reader, inner) < reader.at;
    else if (inner >>> 3 === volumeSource) plain = hasOtherSource(reader, inner) && plain !== false;
    else skip(reader, inner);
  }
  leave(reader, outer);
  return named && plain === true;
}

function hasOtherSource(reader: Reader, tag: number): boolean {
  const outer = enter(reader, tag);
  let [known, other] = [false, false];
  while (reader.at < reader.end) {
    const inner = readTag(reader);
    if (VOLUME_SOURCE.has(inner >>> 3)) known = true;
    else other = true;
    skip(reader, inner);
  }
  leave(reader, outer);
  return other && !known;
}
