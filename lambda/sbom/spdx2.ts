import { collectPackages } from './collector.ts';
import { isObject, type JsonObject, listIn, textIn } from './json-value.ts';
import type { SbomReading } from './package.ts';

/** What "no assertion" and "none" mean: no value. https://spdx.github.io/spdx-spec/v2.3/package-information/ */
const NO_VALUE = new Set(['NOASSERTION', 'NONE']);

/**
 * Packages of an SPDX 2.2 or 2.3 document: `packages[].{name, versionInfo, externalRefs[]}`, the purl where
 * `referenceType` is `purl`. Relationships are not followed, so that circles in them cost nothing.
 * @see https://github.com/spdx/spdx-spec/blob/support/2.3/schemas/spdx-schema.json
 */
export function readSpdx2(document: JsonObject): Pick<SbomReading, 'packages' | 'problem'> {
  const found = collectPackages();
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
    const isImage = textIn(one, 'primaryPackagePurpose') === 'CONTAINER';
    if (!each.every((purl) => found.add({ name, version, purl, isImage }))) break;
  }
  return found.result();
}

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
