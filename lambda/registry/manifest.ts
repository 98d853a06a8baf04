import { createHash } from 'node:crypto';
import * as z from 'zod';
import { ReadError } from '../errors.ts';
import type { Descriptor, Manifest } from './registry.ts';

/** Manifests are small; whatever is larger is not one to be read. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests */
export const MOST_MANIFEST_BYTES = 4 * 1024 * 1024;

const DIGEST = z.string().regex(/^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/);

const DESCRIPTOR = z
  .object({
    mediaType: z.string().default(''),
    digest: DIGEST,
    size: z.number().default(0),
    artifactType: z.string().nullish(),
    annotations: z.record(z.string(), z.string()).nullish(),
    platform: z.object({ os: z.string().default(''), architecture: z.string().default('') }).nullish(),
  })
  .transform(
    ({ artifactType, annotations, platform, ...rest }): Descriptor => ({
      ...rest,
      artifactType: artifactType ?? null,
      annotations: annotations ?? {},
      platform: platform ?? null,
    }),
  );

/** https://github.com/opencontainers/image-spec: manifest.md and image-index.md; Docker's schema 2 has the same fields. */
const MANIFEST = z.object({
  mediaType: z.string().nullish(),
  artifactType: z.string().nullish(),
  config: DESCRIPTOR.nullish(),
  layers: z.array(DESCRIPTOR).nullish(),
  manifests: z.array(DESCRIPTOR).nullish(),
  subject: DESCRIPTOR.nullish(),
  annotations: z.record(z.string(), z.string()).nullish(),
});

export const descriptors = (value: unknown): readonly Descriptor[] =>
  z.object({ manifests: z.array(DESCRIPTOR).nullish() }).parse(value).manifests ?? [];

/**
 * Reads a manifest or an index.
 * @param mediaType as the registry says; what the document itself says comes first
 * @throws Error for what is neither
 */
export function parseManifest(bytes: Uint8Array | string, mediaType: string | null): Manifest {
  const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8');
  const found = MANIFEST.parse(JSON.parse(text));
  return {
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    mediaType: found.mediaType ?? mediaType ?? '',
    artifactType: found.artifactType ?? null,
    config: found.config ?? null,
    layers: found.layers ?? [],
    manifests: found.manifests ?? [],
    subject: found.subject?.digest ?? null,
    annotations: found.annotations ?? {},
  };
}

const INDEXES: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]);

/** Headers may have parameters, such as `;charset=utf-8`, and any case (RFC 9110 §8.3.1). */
export const isIndex = (mediaType: string): boolean =>
  INDEXES.has((mediaType.split(';')[0] ?? '').trim().toLowerCase());

/** Official images are for ten platforms and some versions of Windows; indexes of thousands are made to take time. */
export const MOST_IMAGES = 50;

export const tooManyImages = (what: string): ReadError =>
  new ReadError(
    'too-large',
    `The index ${what} lists more than ${MOST_IMAGES} images, which were not looked at.`,
    'Leave out those that no node runs.',
  );

/**
 * The images of an index, without what BuildKit adds about them.
 * Source: https://docs.docker.com/build/metadata/attestations/attestation-storage/
 */
export const imagesOf = ({ manifests }: Manifest): readonly Descriptor[] =>
  manifests.filter(
    ({ annotations, platform }) =>
      annotations['vnd.docker.reference.type'] !== 'attestation-manifest' && platform?.os !== 'unknown',
  );
