import { ReadError } from '../errors.ts';
import type { SbomFormat, SbomPlace, SbomVia } from '../inventory/images.ts';
import { notThere } from './download.ts';
import { imagesOf, isIndex } from './manifest.ts';
import type { Descriptor, ImageRegistry, Manifest } from './registry.ts';

/** As it is opened: an image may have many referrers that are no SBOMs, such as signatures. */
const MOST_CANDIDATES = 50;

/**
 * Finds the SBOMs of what runs, and of the images of its index, in the four places where tools put them. Every
 * candidate is opened: lists of referrers give media types of empty configurations for what they list.
 * @throws ReadError where a place could not be read
 */
export async function findSboms(registry: ImageRegistry, digest: string): Promise<readonly SbomPlace[]> {
  const manifest = await registry.manifest(digest);
  // Of an image that is gone, what was attached to it may be gone, too.
  if (manifest === null) throw notThere(`${registry.repository}@${digest}`);
  const images = isIndex(manifest.mediaType) ? imagesOf(manifest) : [];
  const subjects = [digest, ...images.map((image) => image.digest)];
  const found: SbomPlace[] = await inBuildKit(registry, manifest);
  for (const subject of subjects) {
    found.push(...(await amongReferrers(registry, subject)));
    found.push(...(await atTags(registry, subject)));
  }
  return [...new Map(found.map((place) => [`${place.subject} ${place.blob.digest}`, place])).values()];
}

/** https://docs.docker.com/build/metadata/attestations/attestation-storage/ */
async function inBuildKit(registry: ImageRegistry, { manifests }: Manifest): Promise<SbomPlace[]> {
  const found: SbomPlace[] = [];
  for (const { annotations, digest } of manifests) {
    const subject = annotations['vnd.docker.reference.digest'];
    if (annotations['vnd.docker.reference.type'] !== 'attestation-manifest' || subject === undefined)
      continue;
    const attestations = await registry.manifest(digest);
    if (attestations !== null) found.push(...placesIn(attestations, { via: 'buildkit', subject }));
  }
  return found;
}

/** The list of the distribution specification, or its fallback tag; https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers */
async function amongReferrers(registry: ImageRegistry, subject: string): Promise<SbomPlace[]> {
  const listed = await registry.referrers(subject);
  const via = listed === null ? 'tag' : 'referrer';
  const candidates =
    listed ??
    (await registry.manifest(subject.replace(':', '-')))?.manifests ??
    ([] as readonly Descriptor[]);
  const found: SbomPlace[] = [];
  for (const { digest } of candidates.slice(0, MOST_CANDIDATES)) {
    const candidate = await registry.manifest(digest);
    // Only what says itself that it refers to the image does.
    if (candidate?.subject === subject) found.push(...placesIn(candidate, { via, subject }));
  }
  if (found.length === 0 && candidates.length > MOST_CANDIDATES) throw tooMany(registry, subject);
  return found;
}

const tooMany = ({ repository }: ImageRegistry, subject: string): ReadError =>
  new ReadError(
    'too-large',
    `More than ${MOST_CANDIDATES} artifacts refer to ${repository}@${subject}, and the first ${MOST_CANDIDATES} contain no SBOM; the others were not opened.`,
    'Remove artifacts that are no longer needed, such as old signatures.',
  );

/** Tags of cosign before version 3: https://github.com/sigstore/cosign/blob/main/specs/SBOM_SPEC.md and ATTESTATION_SPEC.md */
async function atTags(registry: ImageRegistry, subject: string): Promise<SbomPlace[]> {
  const found: SbomPlace[] = [];
  for (const suffix of ['.att', '.sbom']) {
    const manifest = await registry.manifest(`${subject.replace(':', '-')}${suffix}`);
    if (manifest !== null) found.push(...placesIn(manifest, { via: 'cosign-tag', subject }));
  }
  return found;
}

function placesIn(
  manifest: Manifest,
  { via, subject }: { readonly via: SbomVia; readonly subject: string },
): readonly SbomPlace[] {
  return manifest.layers.flatMap(({ digest, mediaType, size, annotations }) => {
    const format = formatOf(mediaType, { ...manifest.annotations, ...annotations }, manifest.artifactType);
    return format === null
      ? []
      : { format, via, subject, manifest: manifest.digest, blob: { digest, mediaType, size } };
  });
}

/** Where a manifest names the predicate of an attestation: BuildKit, cosign before 3, bundles of cosign 3. */
const PREDICATE_KEYS = ['in-toto.io/predicate-type', 'predicateType', 'dev.sigstore.bundle.predicateType'];

/** Media types of attestations, whose predicate may be an SBOM or anything else. */
const ENVELOPES =
  /^application\/(?:vnd\.in-toto(?:\+json|\.[\w.+-]+)|vnd\.dsse\.envelope\.v1\+json|vnd\.dev\.sigstore\.bundle(?:\.v[\d.]+)?\+json(?:;version=[\d.]+)?)$/;

/**
 * What a layer is by its media type, and of an envelope by its predicate.
 * @returns `null` for what is no SBOM, such as a signature or provenance
 */
function formatOf(
  mediaType: string,
  annotations: Readonly<Record<string, string>>,
  artifactType: string | null,
): SbomFormat | null {
  if (ENVELOPES.test(mediaType)) {
    const predicate = PREDICATE_KEYS.flatMap((key) => annotations[key] ?? [])[0];
    return predicate === undefined ? 'unknown' : predicateFormat(predicate);
  }
  return documentFormat(mediaType) ?? (artifactType === null ? null : documentFormat(artifactType));
}

/** https://github.com/in-toto/attestation/tree/main/spec/predicates (spdx.md, cyclonedx.md) */
function predicateFormat(predicate: string): SbomFormat | null {
  if (/^https:\/\/spdx\.dev\/Document(?:\/|$)/i.test(predicate)) return 'spdx-json';
  if (/^https:\/\/cyclonedx\.org\/bom(?:\/|$)/i.test(predicate)) return 'cyclonedx-json';
  return /syft|sbom/i.test(predicate) ? 'other' : null;
}

/** Registered and customary ones; with parameters such as `;version=1.5`. */
function documentFormat(mediaType: string): SbomFormat | null {
  const [type = ''] = mediaType.split(';');
  if (/^(?:application|text)\/(?:vnd\.)?spdx\+json$/.test(type)) return 'spdx-json';
  if (/^application\/vnd\.cyclonedx\+json$/.test(type)) return 'cyclonedx-json';
  return /spdx|cyclonedx|syft/.test(type) ? 'other' : null;
}
