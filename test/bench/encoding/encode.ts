import { SCHEMA } from './schema.ts';

/**
 * Encodes Kubernetes objects, given as the API server shows them in JSON, to protobuf as its Go encoder
 * does: fields by number, zero scalars included. Written for tests and for the load generator, apart
 * from the decoder, so that the two can be held against each other.
 */
export type JsonObject = Readonly<Record<string, unknown>>;

const VARINT = 0;
const BYTES = 2;

export function varint(value: number | bigint): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return bytes;
}

export function bytesField(number: number, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([...varint(number * 8 + BYTES), ...varint(value.length)]), value]);
}

export function textField(number: number, value: string): Buffer {
  return bytesField(number, Buffer.from(value));
}

export function numberField(number: number, value: number | bigint): Buffer {
  return Buffer.from([...varint(number * 8 + VARINT), ...varint(value)]);
}

/** Types whose JSON is not an object of their fields; `undefined` leaves the value out. */
const SPECIAL: Readonly<Record<string, (value: unknown) => Buffer>> = {
  // Seconds and nanos are always sent; a zero time is an empty message.
  Time: (value) =>
    value === null || value === undefined
      ? Buffer.alloc(0)
      : Buffer.concat([numberField(1, Math.floor(Date.parse(String(value)) / 1000)), numberField(2, 0)]),
  Quantity: (value) => textField(1, String(value)),
  IntOrString: (value) =>
    typeof value === 'number'
      ? Buffer.concat([numberField(1, 0), numberField(2, value), textField(3, '')])
      : Buffer.concat([numberField(1, 1), numberField(2, 0), textField(3, String(value))]),
  FieldsV1: (value) => textField(1, JSON.stringify(value)),
};

const ZERO: Readonly<Record<string, unknown>> = { string: '', bool: false, int32: 0, int64: 0 };

function encodeValue(number: number, type: string, value: unknown): Buffer {
  if (type === 'string') return textField(number, value as string);
  if (type === 'bool') return numberField(number, value ? 1 : 0);
  if (type === 'int32' || type === 'int64') return numberField(number, value as number);
  const special = SPECIAL[type];
  return bytesField(number, special ? special(value) : encodeMessage(type, (value ?? {}) as JsonObject));
}

/** Maps are lists of messages of a key and a value, by key in the order of their bytes. */
function encodeMap(number: number, type: string, map: JsonObject): Buffer[] {
  return Object.keys(map)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((key) => bytesField(number, Buffer.concat([textField(1, key), encodeValue(2, type, map[key])])));
}

function encodeField(
  [number, type]: readonly [number, string],
  value: unknown,
  around: JsonObject,
): Buffer[] {
  if (type.startsWith('@')) return [encodeValue(number, type.slice(1), around)];
  if (type.startsWith('map:')) return encodeMap(number, type.slice(4), (value ?? {}) as JsonObject);
  if (type.endsWith('*')) {
    return ((value ?? []) as unknown[]).map((entry) => encodeValue(number, type.slice(0, -1), entry));
  }
  const always = type.endsWith('!');
  const plain = always ? type.slice(0, -1) : type;
  // A null time is a zero time and its pointer is set; other nulls stand for nothing.
  if (value !== undefined && value !== null) return [encodeValue(number, plain, value)];
  return always ? [encodeValue(number, plain, ZERO[plain])] : [];
}

export function encodeMessage(name: string, object: JsonObject): Buffer {
  const fields = SCHEMA[name];
  if (fields === undefined) throw new Error(`no message ${name} in the schema`);
  return Buffer.concat(
    Object.entries(fields).flatMap(([key, field]) => encodeField(field, object[key], object)),
  );
}

/** The envelope: `k8s\0` and a runtime.Unknown of typeMeta, raw, contentEncoding and contentType. */
export function encodeEnvelope(type: { apiVersion: string; kind: string }, raw: Uint8Array): Buffer {
  const typeMeta = Buffer.concat([textField(1, type.apiVersion), textField(2, type.kind)]);
  return Buffer.concat([
    Buffer.from('k8s\0'),
    bytesField(1, typeMeta),
    bytesField(2, raw),
    textField(3, ''),
    textField(4, ''),
  ]);
}

export interface ListMeta {
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

export function encodeListMeta(meta: ListMeta): Buffer {
  const { remainingItemCount } = meta;
  return Buffer.concat([
    textField(1, ''),
    textField(2, meta.resourceVersion ?? ''),
    textField(3, meta.continue ?? ''),
    ...(remainingItemCount === undefined ? [] : [numberField(4, remainingItemCount)]),
  ]);
}

export function encodePod(pod: JsonObject): Buffer {
  return encodeMessage('Pod', pod);
}

/** A whole response body. */
export function encodePodList(pods: readonly JsonObject[], meta: ListMeta = {}): Buffer {
  const raw = Buffer.concat([
    bytesField(1, encodeListMeta(meta)),
    ...pods.map((pod) => bytesField(2, encodePod(pod))),
  ]);
  return encodeEnvelope({ apiVersion: 'v1', kind: 'PodList' }, raw);
}
