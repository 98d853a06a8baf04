import { list, optionalString, requiredObject } from '../../fields.ts';
import { type Reader, readMessage, readTag, readText, skip, skipBytes } from '../protobuf/wire.ts';
import { embedded, text, time } from './kinds.ts';
import { type Field, message } from './message.ts';

/** The ids of images, which are long: replicas have the same. */
const imageId = (number: number): Field<string> => ({
  ...text(number),
  fromProtobuf(reader, tag, { images }) {
    const start = skipBytes(reader, tag);
    const { bytes, at: end } = reader;
    const known = images.find(bytes, start, end);
    return known ?? images.keep(bytes, start, end, bytes.toString('utf8', start, end));
  },
});

/** `recursiveReadOnly` as the status has it for the mount at a path; `null` where it does not say. */
type MountStatuses = (mountPath: string) => string | null;

const NO_MOUNTS: MountStatuses = () => null;

/** Hardly ever asked for: nothing is read before. */
const mountStatuses = (number: number): Field<MountStatuses> => ({
  number,
  absent: NO_MOUNTS,
  fromJson: (value, path) => (mountPath) => {
    for (const [index, entry] of list(value, path).entries()) {
      const mount = requiredObject(entry, `${path}[${index}]`);
      if (mount['mountPath'] !== mountPath) continue;
      return optionalString(mount['recursiveReadOnly'], `${path}[${index}].recursiveReadOnly`);
    }
    return null;
  },
  fromProtobuf(reader, tag, _, before) {
    const { bytes, tagAt, end } = reader;
    skip(reader, tag);
    // The first of them begins a search that goes on to the end of the status.
    if (before !== undefined && before !== NO_MOUNTS) return before;
    return (mountPath) => findMount({ bytes, at: tagAt, end, high: 0, tagAt }, number, mountPath);
  },
});

/** VolumeMountStatus: mountPath (2), recursiveReadOnly (4). */
function findMount(reader: Reader, number: number, mountPath: string): string | null {
  while (reader.at < reader.end) {
    const tag = readTag(reader);
    if (tag >>> 3 !== number) {
      skip(reader, tag);
      continue;
    }
    let path = '';
    let recursive: string | null = null;
    readMessage(reader, tag, (inner) => {
      if (inner >>> 3 === 2) path = readText(reader, inner);
      else if (inner >>> 3 === 4) recursive = readText(reader, inner);
      else return false;
      return true;
    });
    if (path === mountPath) return recursive;
  }
  return null;
}

/** A container without a state counts as waiting. */
export const CONTAINER_STATUS = message({
  name: text(1),
  state: embedded(2, message({ running: embedded(2, message({ startedAt: time(1) })) })),
  imageID: imageId(7),
  volumeMounts: mountStatuses(12),
});
export type ContainerStatus = ReturnType<typeof CONTAINER_STATUS.fresh>;
