import { createHash } from 'node:crypto';
import { ReadError } from '../errors.ts';
import type { SbomPlace } from '../inventory/images.ts';
import type { ImageRegistry, Manifest, SbomSink } from '../registry/registry.ts';
import { type SampleSbom, SBOMS } from './sbom-documents.ts';

/**
 * Gives the SBOMs of the sample to whoever collects them, as a registry would: its images are in no registry, and the
 * sample needs no network.
 */
export async function takeSampleSboms(sink: SbomSink): Promise<void> {
  for (const sbom of SBOMS) {
    const bytes = Buffer.from(textOf(sbom), 'utf8');
    const digest = digestOf(bytes);
    const { format } = sbom;
    const place: SbomPlace = {
      format: format === 'cyclonedx-xml' ? 'other' : 'spdx-json',
      via: 'referrer',
      subject: sbom.digest,
      manifest: digestOf(Buffer.from(`manifest of ${digest}`)),
      blob: { digest, mediaType: MEDIA_TYPES[format], size: bytes.byteLength },
    };
    await sink.take(sbom.digest, { places: [place], left: null }, registryOf(sbom, digest, bytes));
  }
}

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const MEDIA_TYPES = {
  'spdx-json': 'application/spdx+json',
  'cyclonedx-xml': 'application/vnd.cyclonedx+xml',
} as const;

function textOf({ format, name, packages }: SampleSbom): string {
  if (format === 'cyclonedx-xml') return '<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"/>\n';
  const document = {
    spdxVersion: 'SPDX-2.3',
    SPDXID: 'SPDXRef-DOCUMENT',
    name,
    packages: packages.map((purl, index) => ({
      ...nameOf(purl),
      SPDXID: `SPDXRef-Package-${index}`,
      downloadLocation: 'NOASSERTION',
      externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
    })),
  };
  return `${JSON.stringify(document)}\n`;
}

/** `pkg:type/namespace/name@version`, without anything behind it. */
function nameOf(purl: string): { readonly name: string; readonly versionInfo: string } {
  const at = purl.lastIndexOf('@');
  const path = purl.slice(0, at);
  return { name: path.slice(path.lastIndexOf('/') + 1), versionInfo: decodeURIComponent(purl.slice(at + 1)) };
}

function registryOf({ name, digest }: SampleSbom, blob: string, bytes: Uint8Array): ImageRegistry {
  const missing = (what: string): ReadError =>
    new ReadError('not-in-registry', `The sample has no ${what}.`, 'Ask for another one.');
  const image: Manifest = {
    digest,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: null,
    config: null,
    layers: [],
    manifests: [],
    subject: null,
    annotations: {},
  };
  return {
    repository: name,
    manifest: async (reference) => (reference === digest ? image : null),
    async blob(asked) {
      if (asked !== blob) throw missing(asked);
      return bytes;
    },
    referrers: async () => null,
  };
}
