import { createHash } from 'node:crypto';
import { ReadError } from '../../lambda/errors.ts';
import type { SbomPlace } from '../../lambda/inventory/images.ts';
import type { Descriptor, ImageRegistry, Manifest } from '../../lambda/registry/registry.ts';

export const digestOf = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export const descriptor = (
  digest: string,
  annotations: Readonly<Record<string, string>> = {},
): Descriptor => ({
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest,
  size: 1,
  artifactType: null,
  annotations,
  platform: null,
});

/** A repository of the given blobs and indexes; every other digest is an image for one platform. */
export function aRegistry() {
  const blobs = new Map<string, Uint8Array | ReadError>();
  const indexes = new Map<string, readonly Descriptor[] | ReadError | null>();
  const asked: string[] = [];
  const registry: ImageRegistry = {
    repository: 'registry.example/app',
    async manifest(reference) {
      asked.push(reference);
      const manifests = indexes.get(reference) ?? [];
      if (manifests instanceof ReadError) throw manifests;
      return indexes.get(reference) === null ? null : aManifest(reference, manifests);
    },
    async blob(digest) {
      asked.push(digest);
      const bytes = blobs.get(digest);
      if (bytes instanceof ReadError) throw bytes;
      if (bytes === undefined) throw new ReadError('not-in-registry', 'The blob is gone.', 'Push it again.');
      return bytes;
    },
    referrers: async () => [],
  };
  return {
    registry,
    /** What was asked for, in order. */
    asked,
    /** Attaches a document. @param subject the image that it describes */
    attach(subject: string, document: unknown, format: SbomPlace['format'] = 'spdx-json'): SbomPlace {
      const bytes = Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
      const digest = digestOf(bytes);
      blobs.set(digest, bytes);
      return {
        format,
        via: 'referrer',
        subject,
        manifest: digestOf(Buffer.from(`manifest of ${digest}`)),
        blob: { digest, mediaType: 'application/spdx+json', size: bytes.byteLength },
      };
    },
    index(digest: string, manifests: readonly Descriptor[] | ReadError | null): void {
      indexes.set(digest, manifests);
    },
    refuse(digest: string, error: ReadError): void {
      blobs.set(digest, error);
    },
  };
}

const aManifest = (digest: string, manifests: readonly Descriptor[]): Manifest => ({
  digest,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  artifactType: null,
  config: null,
  layers: [],
  manifests,
  subject: null,
  annotations: {},
});
