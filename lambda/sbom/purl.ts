import { PackageURL } from 'packageurl-js';

/** The parts of a package URL that a search asks for. */
export interface Purl {
  /** In lower case. */
  readonly type: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly version: string | null;
  /** For RPM packages, whose version has none in a purl. */
  readonly epoch: string | null;
}

/**
 * Reads a package URL; `null` when it is none.
 * @see https://github.com/package-url/purl-spec/blob/main/PURL-SPECIFICATION.rst
 */
export function parsePurl(text: string): Purl | null {
  try {
    const { type, namespace, name, version, qualifiers } = PackageURL.fromString(text);
    // The types of the library do not say that what is missing stays undefined.
    if (!type || !name) return null;
    const epoch =
      qualifiers === undefined ? undefined : Object.entries(qualifiers).find(([key]) => key === 'epoch');
    return {
      type: type.toLowerCase(),
      namespace: namespace || null,
      name,
      version: version || null,
      epoch: epoch?.[1] || null,
    };
  } catch {
    return null;
  }
}
