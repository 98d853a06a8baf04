/** So much of a document is looked at to recognise it. */
const HEAD = 2000;

/** Formats that are SBOMs and no JSON, as people name them; `null` for everything else. */
export function titleOfText(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.subarray(0, HEAD))
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (head.startsWith('<')) {
    // https://github.com/CycloneDX/specification/blob/master/schema/bom-1.6.xsd (its namespace)
    if (head.includes('http://cyclonedx.org/schema/bom')) return 'CycloneDX XML';
    return head.includes('http://spdx.org/rdf/terms') ? 'SPDX RDF/XML' : 'XML';
  }
  // Comments may be before it. https://spdx.github.io/spdx-spec/v2.3/conformance/#44-standard-data-format-requirements
  if (/^SPDXVersion:/m.test(head) && !head.startsWith('{')) return 'SPDX tag-value';
  return null;
}
