import { collectPackages, type FoundContents, type FoundPackage, LEFT_TO_OTHERS } from './collector.ts';
import { isObject, type JsonObject, listIn, textIn } from './json-value.ts';

/** What "no assertion" and "none" mean: no value. https://spdx.github.io/spdx-spec/v2.3/package-information/ */
const NO_VALUE = new Set(['NOASSERTION', 'NONE']);

/**
 * Packages of an SPDX 2.2 or 2.3 document: `packages[].{name, versionInfo, externalRefs[]}`, the purl where
 * `referenceType` is `purl`. Of relationships only those of the document itself are read, so that circles in them cost nothing.
 * @see https://github.com/spdx/spdx-spec/blob/support/2.3/schemas/spdx-schema.json
 */
export function readSpdx2(document: JsonObject): FoundContents {
  const found = collectPackages();
  const subject = subjectOf(document);
  // https://spdx.github.io/spdx-spec/v2.3/document-creation-information/#66-external-document-references-field
  if ((listIn(document, 'externalDocumentRefs') ?? []).length > 0) found.incomplete(LEFT_TO_OTHERS);
  const packages = listIn(document, 'packages');
  if (packages === null) found.malformed('its packages are not a list');
  for (const one of packages ?? []) {
    if (!isObject(one)) {
      found.malformed('one of its packages is not an object');
      continue;
    }
    const name = textIn(one, 'name');
    const version = stated(textIn(one, 'versionInfo'));
    const purls = purlsOf(one);
    if (purls === null) found.malformed('the externalRefs of a package are not a list');
    const each = purls === null || purls.length === 0 ? [null] : purls;
    const part = partOf(one, subject);
    const digests = part === 'subject' ? checksumsOf(one) : [];
    if (!each.every((purl) => found.add({ name, version, purl, part, digests }))) break;
  }
  return found.result();
}

function partOf(one: JsonObject, subject: string | null): FoundPackage['part'] {
  if (subject !== null && textIn(one, 'SPDXID') === subject) return 'subject';
  return BASES.has(textIn(one, 'primaryPackagePurpose') ?? '') ? 'base' : undefined;
}

/** What says nothing of what is in it. https://spdx.github.io/spdx-spec/v2.3/package-information/#724-primary-package-purpose-field */
const BASES: ReadonlySet<string> = new Set(['CONTAINER', 'OPERATING-SYSTEM']);

/**
 * What the document describes; `null` where it does not say so, or describes several packages: some tools say it of each.
 * https://spdx.github.io/spdx-spec/v2.3/relationships-between-SPDX-elements/#111-relationship-field
 */
function subjectOf(document: JsonObject): string | null {
  const related = (listIn(document, 'relationships') ?? []).flatMap((one) => {
    if (!isObject(one)) return [];
    const [from, to] = [textIn(one, 'spdxElementId'), textIn(one, 'relatedSpdxElement')];
    const type = textIn(one, 'relationshipType');
    if (type === 'DESCRIBES' && from === DOCUMENT) return to ?? [];
    return type === 'DESCRIBED_BY' && to === DOCUMENT ? (from ?? []) : [];
  });
  const [one, ...others] = new Set([...(listIn(document, 'documentDescribes') ?? []), ...related]);
  return typeof one === 'string' && others.length === 0 ? one : null;
}

const DOCUMENT = 'SPDXRef-DOCUMENT';

const checksumsOf = (one: JsonObject): readonly string[] =>
  (listIn(one, 'checksums') ?? []).flatMap((sum) =>
    isObject(sum) && textIn(sum, 'algorithm') === 'SHA256'
      ? `sha256:${textIn(sum, 'checksumValue') ?? ''}`
      : [],
  );

const stated = (text: string | null): string | null => (text === null || NO_VALUE.has(text) ? null : text);

function purlsOf(one: JsonObject): readonly string[] | null {
  const references = listIn(one, 'externalRefs');
  if (references === null) return null;
  return references.flatMap((reference) => {
    if (!isObject(reference)) return [];
    const type = textIn(reference, 'referenceType');
    const locator = textIn(reference, 'referenceLocator');
    // The type is a name of the specification, or its IRI. SPDX 2.3, annex F.3.5.
    const isPurl = type === 'purl' || type === 'http://spdx.org/rdf/references/purl';
    return isPurl && locator !== null ? [locator] : [];
  });
}
