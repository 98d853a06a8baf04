import { isObject, type JsonObject, listIn, member, objectIn, textIn } from './json-value.ts';

/** What is around a document, and what is inside. */
export type Opened =
  | { readonly kind: 'document'; readonly document: JsonObject }
  /** Bytes that have to be looked at like a file of their own. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'statement';
      readonly subjects: readonly string[];
      readonly predicate: JsonObject | string;
    }
  | { readonly kind: 'malformed'; readonly message: string };

const BUNDLE = /^application\/vnd\.dev\.sigstore\.bundle(?:\.v\d+(?:\.\d+)?)?\+json(?:;.*)?$/;
const IN_TOTO = /^application\/vnd\.in-toto(?:\.[\w.-]+)?\+json$/;

/** Opens one envelope; what is none is the document itself. Signatures are not verified. */
export function openEnvelope(value: JsonObject): Opened {
  // https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto
  if (BUNDLE.test(textIn(value, 'mediaType') ?? '')) {
    const envelope = objectIn(value, 'dsseEnvelope');
    return envelope === null
      ? { kind: 'malformed', message: 'the Sigstore bundle holds a signature and no document' }
      : { kind: 'document', document: envelope };
  }
  // https://github.com/secure-systems-lab/dsse/blob/master/envelope.md
  const payloadType = textIn(value, 'payloadType');
  if (payloadType !== null && Object.hasOwn(value, 'payload')) return payloadOf(value, payloadType);
  // https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
  if (textIn(value, '_type')?.startsWith('https://in-toto.io/Statement/')) return statementOf(value);
  return { kind: 'document', document: value };
}

function payloadOf(envelope: JsonObject, type: string): Opened {
  const payload = textIn(envelope, 'payload');
  if (!IN_TOTO.test(type)) return { kind: 'malformed', message: `the DSSE envelope holds ${type}` };
  // Standard or URL-safe, as the specification allows; Node reads both.
  return payload === null || !/^[\w+/-]+={0,2}$/.test(payload)
    ? { kind: 'malformed', message: 'the payload of the DSSE envelope is not in base64' }
    : { kind: 'bytes', bytes: Buffer.from(payload, 'base64') };
}

function statementOf(statement: JsonObject): Opened {
  const subjects = listIn(statement, 'subject');
  if (subjects === null) return { kind: 'malformed', message: 'the subject of its statement is not a list' };
  const digests = subjects.flatMap((subject) => {
    const digest = isObject(subject) ? objectIn(subject, 'digest') : null;
    const sha256 = digest === null ? null : textIn(digest, 'sha256');
    return sha256 === null ? [] : [`sha256:${sha256.toLowerCase()}`];
  });
  const predicate = member(statement, 'predicate');
  if (typeof predicate === 'string') return { kind: 'statement', subjects: digests, predicate };
  if (!isObject(predicate)) return { kind: 'malformed', message: 'its statement has no predicate' };
  return { kind: 'statement', subjects: digests, predicate: cosignData(predicate) ?? predicate };
}

/**
 * cosign 1 put what is no known predicate into `{Data, Timestamp}`, SPDX too.
 * https://github.com/sigstore/cosign/blob/main/specs/COSIGN_PREDICATE_SPEC.md
 */
function cosignData(predicate: JsonObject): JsonObject | string | null {
  const data = member(predicate, 'Data');
  return isObject(data) || typeof data === 'string' ? data : null;
}
