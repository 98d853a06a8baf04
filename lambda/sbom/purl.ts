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
  /** Of an image: its architecture. */
  readonly arch: string | null;
  /** The source package from which a distribution built it, where it has another name: `libssl3` is of `openssl`. */
  readonly upstream: string | null;
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
    const qualifier = (asked: string): string =>
      Object.entries(qualifiers ?? {}).find(([key]) => key === asked)?.[1] ?? '';
    return {
      type: type.toLowerCase(),
      namespace: namespace || null,
      name,
      version: version || null,
      epoch: qualifier('epoch') || null,
      arch: qualifier('arch') || null,
      upstream: upstreamName(qualifier('upstream')),
    };
  } catch {
    return null;
  }
}

/**
 * As Syft writes it: `openssl`, `openssl@3.0.11`, or for RPM `openssl-3.0.7-1.el9.src.rpm`.
 * https://github.com/anchore/syft/blob/main/syft/pkg/url.go (`PURLQualifierUpstream`)
 */
function upstreamName(text: string): string | null {
  const name = text.replace(/-[^-]+-[^-]+\.src\.rpm$/, '').replace(/@.*$/, '');
  return name === '' ? null : name;
}
