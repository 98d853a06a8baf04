import { collectPackages, type FoundContents, type FoundPackage, LEFT_TO_OTHERS } from './collector.ts';
import { isObject, type JsonObject, listIn, textIn } from './json-value.ts';

/**
 * Packages and what is derived from them (https://spdx.github.io/spdx-spec/v3.0.1/model/Software/Classes/Package/,
 * AI/Classes/AIPackage, Dataset/Classes/DatasetPackage), as the JSON-LD context names them.
 */
const PACKAGES = new Set(['software_Package', 'ai_AIPackage', 'dataset_DatasetPackage']);

/** An expanded IRI of a type, whose last part is its name. */
const EXPANDED =
  /^https:\/\/spdx\.org\/rdf\/3\.0(?:\.\d+)?\/terms\/(?:Software\/Package|AI\/AIPackage|Dataset\/DatasetPackage)$/;

/** Whether a document says that it is SPDX 3.0 in JSON-LD, by its context. */
export function isSpdx3(document: JsonObject): boolean {
  const context = document['@context'];
  const contexts: readonly unknown[] = Array.isArray(context) ? context : [context];
  return contexts.some(
    (one) => typeof one === 'string' && /^https:\/\/spdx\.org\/rdf\/3\.0(?:\.\d+)?\//.test(one),
  );
}

/**
 * Packages of an SPDX 3.0 document as its JSON-LD schema has them: `@graph` is a flat list of elements, or the document
 * is one element.
 * @see https://spdx.github.io/spdx-spec/v3.0.1/serializations/
 */
export function readSpdx3(document: JsonObject): FoundContents {
  const found = collectPackages();
  const graph = Object.hasOwn(document, '@graph') ? listIn(document, '@graph') : [document];
  if (graph === null) found.malformed('its @graph is not a list');
  const subject = subjectOf(graph ?? []);
  if ((graph ?? []).some(isImporting)) found.incomplete(LEFT_TO_OTHERS);
  for (const element of graph ?? []) {
    if (!isObject(element)) {
      found.malformed('one of its elements is not an object');
      continue;
    }
    if (!isPackage(element)) continue;
    const name = textIn(element, 'name');
    const version = textIn(element, 'software_packageVersion');
    const purls = purlsOf(element);
    const each = purls.length === 0 ? [null] : purls;
    const part = partOf(element, subject);
    if (!each.every((purl) => found.add({ name, version, purl, part }))) break;
  }
  return found.result();
}

function partOf(element: JsonObject, subject: string | null): FoundPackage['part'] {
  if (subject !== null && textIn(element, 'spdxId') === subject) return 'subject';
  return BASES.has(textIn(element, 'software_primaryPurpose') ?? '') ? 'base' : undefined;
}

/** https://spdx.github.io/spdx-spec/v3.0.1/model/Software/Vocabularies/SoftwarePurpose/ */
const BASES: ReadonlySet<string> = new Set(['container', 'operatingSystem']);

/** What the document is about (`rootElement` of it or of its SBOM); `null` where it names none, or several. */
function subjectOf(graph: readonly unknown[]): string | null {
  const roots = graph.flatMap((element) => {
    if (!isObject(element) || !ROOTED.has(textIn(element, 'type') ?? '')) return [];
    return listIn(element, 'rootElement') ?? [];
  });
  // The root of the document may be its SBOM.
  const boms = new Set(
    graph.flatMap((element) =>
      isObject(element) && textIn(element, 'type') === 'software_Sbom'
        ? (textIn(element, 'spdxId') ?? [])
        : [],
    ),
  );
  const [one, ...others] = new Set(roots.filter((root) => typeof root === 'string' && !boms.has(root)));
  return typeof one === 'string' && others.length === 0 ? one : null;
}

/** https://spdx.github.io/spdx-spec/v3.0.1/model/Core/Properties/import/ */
const isImporting = (element: unknown): boolean =>
  isObject(element) &&
  textIn(element, 'type') === 'SpdxDocument' &&
  (listIn(element, 'import') ?? []).length > 0;

const ROOTED: ReadonlySet<string> = new Set(['SpdxDocument', 'software_Sbom']);

const isPackage = (element: JsonObject): boolean => {
  const type = textIn(element, 'type') ?? textIn(element, '@type');
  return type !== null && (PACKAGES.has(type) || EXPANDED.test(type));
};

/** The purl is a property of its own, and may be an external identifier as well. */
function purlsOf(element: JsonObject): readonly string[] {
  const own = textIn(element, 'software_packageUrl');
  const others = (listIn(element, 'externalIdentifier') ?? []).flatMap((one) => {
    if (!isObject(one) || textIn(one, 'externalIdentifierType') !== 'packageUrl') return [];
    const identifier = textIn(one, 'identifier');
    return identifier === null ? [] : [identifier];
  });
  return [...new Set(own === null ? others : [own, ...others])];
}
