import { MalformedObject } from '../../fields.ts';
import { type Reader, readerOf, readMessage, readTag, readText, skip, skipBytes } from './wire.ts';

/** A sound envelope of another kind of object: what was asked does not answer with what it should. */
export class WrongKind extends MalformedObject {}

/** `k8s` and a zero byte, before every object in protobuf. Source: pkg/runtime/serializer/protobuf/protobuf.go. */
const MAGIC = [0x6b, 0x38, 0x73, 0x00];

/**
 * Opens the envelope of an object: the magic bytes, then a runtime.Unknown of typeMeta (1), raw (2),
 * contentEncoding (3) and contentType (4).
 * Source: k8s.io/apimachinery pkg/runtime/generated.proto, message Unknown.
 * @returns a reader over the object itself
 * @throws WrongKind when it holds something else; MalformedObject when it is no envelope.
 */
export function openEnvelope(bytes: Uint8Array, kind: string): Reader {
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) {
    throw new MalformedObject('it is not in the Kubernetes protobuf format (the magic bytes are missing)');
  }
  const reader = readerOf(bytes);
  reader.at = MAGIC.length;
  const envelope = { apiVersion: '', kind: '', encoding: '', type: '', start: -1, end: -1 };
  while (reader.at < reader.end) {
    const tag = readTag(reader);
    switch (tag >>> 3) {
      case 1:
        readTypeMeta(reader, tag, envelope);
        break;
      case 2:
        if (envelope.start >= 0) throw new MalformedObject('its envelope holds two objects');
        envelope.start = skipBytes(reader, tag);
        envelope.end = reader.at;
        break;
      case 3:
        envelope.encoding = readText(reader, tag);
        break;
      case 4:
        envelope.type = readText(reader, tag);
        break;
      default:
        skip(reader, tag);
    }
  }
  return openRaw(reader, envelope, kind);
}

interface Envelope {
  apiVersion: string;
  kind: string;
  readonly encoding: string;
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** TypeMeta: apiVersion (1), kind (2). */
function readTypeMeta(reader: Reader, tag: number, envelope: Envelope): void {
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 === 1) envelope.apiVersion = readText(reader, inner);
    else if (inner >>> 3 === 2) envelope.kind = readText(reader, inner);
    else return false;
    return true;
  });
}

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

function openRaw(reader: Reader, envelope: Envelope, kind: string): Reader {
  const found = `${envelope.apiVersion} ${envelope.kind}`;
  if (found !== `v1 ${kind}`) {
    const got = found.trim().slice(0, 80) || 'nameless kind';
    throw new WrongKind(`it should be a v1 ${kind} but is a ${got}`);
  }
  if (envelope.encoding !== '' || (envelope.type !== '' && envelope.type !== PROTOBUF)) {
    throw new MalformedObject('its envelope holds something other than plain protobuf');
  }
  // A body that was cut off here must not pass for an empty list.
  if (envelope.start < 0) throw new MalformedObject('its envelope is empty');
  reader.at = envelope.start;
  reader.end = envelope.end;
  return reader;
}
