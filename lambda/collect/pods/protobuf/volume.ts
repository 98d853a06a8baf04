import type { VolumeFacts } from '../../../inventory/pod.ts';
import { MalformedObject } from '../../fields.ts';
import type { Interner } from './interner.ts';
import { enter, leave, type Reader, readMessage, readTag, readText, skip, skipBytes } from './wire.ts';

/** A volume; only those on the node's disk have facts. */
export interface DecodedVolume {
  readonly name: string;
  readonly facts: VolumeFacts | null;
}

interface Sources {
  hostPath: { path: string } | null;
  emptyDir: { medium: string; sizeLimit: string | null } | null;
}

/**
 * Volume: name (1), volumeSource (2), whose fields stand beside the name in JSON.
 * Source: k8s.io/api core/v1/generated.proto, messages Volume and VolumeSource.
 */
export function readVolume(
  reader: Reader,
  tag: number,
  { strings, index }: { strings: Interner; index: number },
): DecodedVolume {
  const sources: Sources = { hostPath: null, emptyDir: null };
  let name = '';
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 === 1) {
      // Not interned: that of the token volume is another one in every pod.
      name = readText(reader, inner);
      return true;
    }
    if (inner >>> 3 !== 2) return false;
    readMessage(reader, inner, (field) => readSource(reader, field, { sources, strings }));
    return true;
  });
  if (name === '') throw new MalformedObject(`spec.volumes[${index}].name is missing`);
  return { name, facts: factsOf(name, sources) };
}

/**
 * Steps over a volume, looking only for what would make it one with facts: most volumes of a replica are
 * none, and are not to be decoded again for every replica.
 */
export function isWithoutFacts(reader: Reader, tag: number): boolean {
  const outer = enter(reader, tag);
  let named = false;
  let plain = true;
  while (reader.at < reader.end) {
    const inner = readTag(reader);
    if (inner >>> 3 === 1) named = skipBytes(reader, inner) < reader.at;
    else if (inner >>> 3 === 2) plain = hasOtherSource(reader, inner) && plain;
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
    if (inner >>> 3 <= 2) plain = false;
    skip(reader, inner);
  }
  leave(reader, outer);
  return plain;
}

function factsOf(name: string, { hostPath, emptyDir }: Sources): VolumeFacts | null {
  if (hostPath) return { type: 'hostPath', name, path: hostPath.path };
  return emptyDir ? { type: 'emptyDir', name, ...emptyDir } : null;
}

/** VolumeSource: hostPath (1), emptyDir (2). */
function readSource(
  reader: Reader,
  tag: number,
  { sources, strings }: { sources: Sources; strings: Interner },
): boolean {
  if (tag >>> 3 === 1) {
    sources.hostPath ??= { path: '' };
    const { hostPath } = sources;
    // HostPathVolumeSource: path (1).
    readMessage(reader, tag, (inner) => {
      if (inner >>> 3 !== 1) return false;
      hostPath.path = strings.text(reader, inner);
      return true;
    });
    return true;
  }
  if (tag >>> 3 !== 2) return false;
  sources.emptyDir ??= { medium: '', sizeLimit: null };
  const { emptyDir } = sources;
  // EmptyDirVolumeSource: medium (1), sizeLimit (2), a pointer in Go: sent only where set.
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 === 1) emptyDir.medium = strings.text(reader, inner);
    else if (inner >>> 3 === 2) emptyDir.sizeLimit = readQuantity(reader, inner, strings);
    else return false;
    return true;
  });
  return true;
}

/** Quantity: string (1), in the form that JSON shows; one without it is zero (pkg/api/resource/quantity_proto.go). */
function readQuantity(reader: Reader, tag: number, strings: Interner): string {
  let text = '0';
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 !== 1) return false;
    text = strings.text(reader, inner);
    return true;
  });
  if (text === '') throw new MalformedObject('emptyDir.sizeLimit is an empty quantity');
  return text;
}
