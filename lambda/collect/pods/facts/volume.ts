import type { VolumeFacts } from '../../../inventory/pod.ts';
import { MalformedObject, optionalString } from '../../fields.ts';
import { enter, leave, type Reader, readMessage, readTag, skip, skipBytes } from '../protobuf/wire.ts';
import { embedded, inline, ownText, text } from './kinds.ts';
import { type Field, message, type Reading } from './message.ts';

/** `null` where it is not set; in protobuf a message of a string, which is zero without it (pkg/api/resource/quantity_proto.go). */
const quantity = (number: number): Field<string | null> => ({
  number,
  absent: null,
  // A quantity may be written as a bare number in YAML and JSON.
  fromJson: (value, path) => (typeof value === 'number' ? String(value) : optionalString(value, path)),
  fromProtobuf(reader, tag, { strings }) {
    let found = '0';
    readMessage(reader, tag, (inner) => {
      if (inner >>> 3 !== 1) return false;
      found = strings.text(reader, inner);
      return true;
    });
    if (found === '') throw new MalformedObject('emptyDir.sizeLimit is an empty quantity');
    return found;
  },
});

/**
 * The sources of volumes that have facts: those on the node's disk. A volume of any other source is a volume without
 * facts, whose name is not read either.
 */
const VOLUME_SOURCE = message({
  hostPath: embedded(1, message({ path: text(1) })),
  emptyDir: embedded(2, message({ medium: text(1), sizeLimit: quantity(2) })),
});

/** Its name is that of its token in nearly every pod, so it is not among known texts. */
const VOLUME = message({ name: ownText(1), volumeSource: inline(2, VOLUME_SOURCE) });

/** A volume as its pod has it. */
export type ReadVolume = VolumeFacts | 'without facts' | 'without a name';

export const READ_VOLUME: Reading<ReadVolume> = {
  fromJson: (value, path) => readVolume(VOLUME.fromJson(value, path)),
  fromProtobuf: (reader, tag, caches) => readVolume(VOLUME.fromProtobuf(reader, tag, caches)),
};

function readVolume({ name, volumeSource }: ReturnType<typeof VOLUME.fresh>): ReadVolume {
  if (name === '') return 'without a name';
  const { hostPath, emptyDir } = volumeSource ?? VOLUME_SOURCE.fresh();
  if (hostPath) return { type: 'hostPath', name, path: hostPath.path };
  return emptyDir ? { type: 'emptyDir', name, ...emptyDir } : 'without facts';
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
  let plain = true;
  while (reader.at < reader.end) {
    const inner = readTag(reader);
    if (inner >>> 3 === name) named = skipBytes(reader, inner) < reader.at;
    else if (inner >>> 3 === volumeSource) plain = hasOtherSource(reader, inner) && plain;
    else skip(reader, inner);
  }
  leave(reader, outer);
  return named && plain;
}

function hasOtherSource(reader: Reader, tag: number): boolean {
  const outer = enter(reader, tag);
  let plain = true;
  while (reader.at < reader.end) {
    const inner = readTag(reader);
    if (VOLUME_SOURCE.has(inner >>> 3)) plain = false;
    skip(reader, inner);
  }
  leave(reader, outer);
  return plain;
}
