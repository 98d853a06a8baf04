import type { FoundContents } from './collector.ts';
import { readCycloneDx } from './cyclonedx.ts';
import { openEnvelope } from './envelope.ts';
import { isObject, type JsonObject, listIn, textIn } from './json-value.ts';
import { titleOfText } from './other-formats.ts';
import {
  type Described,
  SBOM_LIMITS,
  type SbomFormat,
  type SbomProblem,
  type SbomReading,
} from './package.ts';
import { scanJson } from './scan-json.ts';
import { readSpdx2 } from './spdx2.ts';
import { isSpdx3, readSpdx3 } from './spdx3.ts';

/** Members that decide what is read: twice in one object they would make two documents of one. */
const DECIDING = [
  ...['spdxVersion', 'packages', 'name', 'versionInfo', 'externalRefs', 'referenceType', 'referenceLocator'],
  ...['@context', '@graph', 'type', 'software_packageVersion', 'software_packageUrl', 'externalIdentifier'],
  ...[
    'identifier',
    'bomFormat',
    'specVersion',
    'metadata',
    'component',
    'components',
    'group',
    'version',
    'purl',
  ],
  ...[
    '_type',
    'subject',
    'digest',
    'sha256',
    'predicate',
    'payload',
    'payloadType',
    'dsseEnvelope',
    'mediaType',
  ],
];

/**
 * Reads an SBOM: SPDX 2.2 and 2.3 (JSON), SPDX 3.0 (JSON-LD), CycloneDX 1.2 to 1.7 (JSON); bare, or in in-toto
 * statements, DSSE envelopes and Sigstore bundles. Whatever the bytes are, nothing is thrown: what cannot be read has a
 * problem, and counts as not searchable.
 */
export function readSbom(bytes: Uint8Array): SbomReading {
  return open(withoutMark(bytes), { subjects: null, depth: 0 });
}

/** A byte order mark, which a parser may ignore: https://www.rfc-editor.org/rfc/rfc8259#section-8.1 */
const withoutMark = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;

interface Around {
  readonly subjects: readonly string[] | null;
  /** Envelopes that were opened. */
  readonly depth: number;
}

function open(bytes: Uint8Array, around: Around): SbomReading {
  if (bytes.byteLength > SBOM_LIMITS.bytes) {
    const most = `${SBOM_LIMITS.bytes >> 20} MiB`;
    return unsearchable('a document', { kind: 'too-large', message: `it is larger than ${most}` }, around);
  }
  const other = titleOfText(bytes);
  if (other !== null) {
    return unsearchable(other, { kind: 'unknown-format', message: `${other} cannot be searched` }, around);
  }
  const danger = scanJson(bytes, DECIDING, SBOM_LIMITS.depth);
  if (danger?.kind === 'too-deep') {
    const message = `it nests deeper than ${SBOM_LIMITS.depth} levels`;
    return unsearchable('a document', { kind: 'too-deep', message }, around);
  }
  if (danger?.kind === 'duplicate-key') {
    const message = `it has ${JSON.stringify(danger.key)} twice in one object, so that it can be read in two ways`;
    return unsearchable('a document', { kind: 'duplicate-key', message }, around);
  }
  const value = danger === null ? parsed(bytes) : null;
  if (value === null) return unsearchable('a document', NOT_JSON, around);
  return openValue(value, around);
}

const NOT_JSON = { kind: 'not-json', message: 'it is not a JSON object' } as const;

function openValue(value: JsonObject, { subjects, depth }: Around): SbomReading {
  const opened = openEnvelope(value);
  if (opened.kind === 'document' && opened.document === value) return readDocument(value, subjects);
  const inside: Around = {
    subjects: opened.kind === 'statement' ? opened.subjects : subjects,
    depth: depth + 1,
  };
  if (inside.depth > SBOM_LIMITS.envelopes) {
    return unsearchable('an envelope', { kind: 'too-deep', message: 'it has too many envelopes' }, inside);
  }
  switch (opened.kind) {
    case 'document':
      return openValue(opened.document, inside);
    case 'bytes':
      return open(opened.bytes, inside);
    case 'malformed':
      return unsearchable('an envelope', { kind: 'malformed', message: opened.message }, inside);
    case 'statement':
      return typeof opened.predicate === 'string'
        ? open(Buffer.from(opened.predicate, 'utf8'), inside)
        : openValue(opened.predicate, inside);
  }
}

function parsed(bytes: Uint8Array): JsonObject | null {
  try {
    const value: unknown = JSON.parse(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
    );
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

interface Known {
  readonly format: SbomFormat;
  readonly title: string;
  /** Of the format's versions that are read. */
  readonly known: boolean;
  readonly read: (document: JsonObject) => FoundContents;
}

function readDocument(document: JsonObject, subjects: readonly string[] | null): SbomReading {
  const [found, ...others] = formatsOf(document);
  if (found === undefined) {
    const title = isSyft(document) ? "Syft's own JSON" : 'a document';
    const message = isSyft(document)
      ? `${title} cannot be searched`
      : 'it is none of the formats that can be searched';
    return unsearchable(title, { kind: 'unknown-format', message }, { subjects, depth: 0 });
  }
  if (others.length > 0) {
    const titles = [found, ...others].map((one) => one.title).join(' and ');
    const problem = { kind: 'malformed', message: `it is ${titles} at once` } as const;
    return unsearchable(titles, problem, { subjects, depth: 0 });
  }
  const { format, title, known, read } = found;
  if (!known) {
    const problem = { kind: 'unknown-version', message: `${title} is not known` } as const;
    return { ...unsearchable(title, problem, { subjects, depth: 0 }), format };
  }
  return { format, title, subjects, ...read(document) };
}

/** More than one where a document is written for two readers, which would see two lists of packages. */
function formatsOf(document: JsonObject): readonly Known[] {
  const found: Known[] = [];
  const spdx2 = textIn(document, 'spdxVersion');
  if (spdx2 !== null) {
    const title = spdx2.replace('-', ' ').slice(0, 20);
    found.push({ format: 'spdx-2', title, known: /^SPDX-2\.[23]$/.test(spdx2), read: readSpdx2 });
  }
  if (isSpdx3(document)) found.push({ format: 'spdx-3', title: 'SPDX 3.0', known: true, read: readSpdx3 });
  if (textIn(document, 'bomFormat') === 'CycloneDX') {
    const version = (textIn(document, 'specVersion') ?? 'without a version').slice(0, 20);
    const known = /^1\.[2-7]$/.test(version);
    found.push({ format: 'cyclonedx', title: `CycloneDX ${version}`, known, read: readCycloneDx });
  }
  return found;
}

/** https://github.com/anchore/syft/tree/main/schema/json */
const isSyft = (document: JsonObject): boolean =>
  Object.hasOwn(document, 'artifactRelationships') && listIn(document, 'artifacts') !== null;

const NOTHING: Described = { digests: [], architectures: [] };

function unsearchable(
  title: string,
  problem: { readonly kind: SbomProblem; readonly message: string },
  { subjects }: Around,
): SbomReading {
  return { format: null, title, packages: [], describes: NOTHING, subjects, problem };
}
