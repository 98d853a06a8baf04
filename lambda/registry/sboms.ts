import type { SbomFormat, SbomPlace, SbomVia, Unanswered } from '../inventory/images.ts';
import { notThere } from './download.ts';
import { imagesOf, isIndex, MOST_IMAGES, tooManyImages } from './manifest.ts';
import type { Descriptor, FoundSboms, ImageRegistry, Manifest } from './registry.ts';

/** As it is opened: an image may have many referrers that are no SBOMs, such as signatures. */
const MOST_CANDIDATES = 50;

/** Manifests may name thousands of documents; an image for all platforms has some twenty. */
const MOST_PLACES = 100;

/**
 * Finds the SBOMs of what runs, and of the images of its index, in the four places where tools put them. Every
 * candidate is opened: lists of referrers give media types of empty configurations for what they list.
 * @throws ReadError where a place could not be read
 */
export async function findSboms(registry: ImageRegistry, digest: string): Promise<FoundSboms> {
  const manifest = await registry.manifest(digest);
  // Of an image that is gone, what was attached to it may be gone, too.
  const what = `${registry.repository}@${digest}`;
  if (manifest === null) throw notThere(what);
  const images = isIndex(manifest.mediaType) ? imagesOf(manifest) : [];
  if (images.length > MOST_IMAGES) throw tooManyImages(what);
  const subjects = [digest, ...images.map((image) => image.digest)];
  const found: SbomPlace[] = await inBuildKit(registry, manifest);
  let left: Unanswered | null = null;
  for (const subject of subjects) {
    const referrers = await amongReferrers(registry, subject);
    left ??= referrers.left;
    found.push(...referrers.places, ...(await atTags(registry, subject)));
  }
  const places = [
    ...new Map(found.map((place) => [`${place.subject} ${place.blob.digest}`, place])).values(),
  ];
  return places.length > MOST_PLACES
    ? { places: places.slice(0, MOST_PLACES), left: left ?? tooManyPlaces(what) }
    : { places, left };
}

const tooManyPlaces = (what: string): Unanswered => ({
  reason: 'too-large',
  message: `More than ${MOST_PLACES} SBOMs were found of ${what}; the others were not opened.`,
  remedy: 'Remove those that are no longer needed.',
});

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
async function amongReferrers(registry: ImageRegistry, subject: string): Promise<FoundSboms> {
  const listed = await registry.referrers(subject);
  const via = listed === null ? 'tag' : 'referrer';
  const candidates =
    listed ??
    (await registry.manifest(subject.replace(':', '-')))?.manifests ??
    ([] as readonly Descriptor[]);
  const what = `${registry.repository}@${subject}`;
  const [archived, others] = partition(candidates);
  const places: SbomPlace[] = [];
  for (const { digest } of others.slice(0, MOST_CANDIDATES)) {
    const candidate = await registry.manifest(digest);
    // Only what says itself that it refers to the image does.
    if (candidate?.subject === subject) places.push(...placesIn(candidate, { via, subject }));
  }
  if (others.length > MOST_CANDIDATES) return { places, left: tooMany(what) };
  return { places, left: archived.length > 0 ? inArchive(what) : null };
}

/** Those that cannot be had and may be SBOMs, and those that can be opened. */
function partition(all: readonly Descriptor[]): readonly [readonly Descriptor[], readonly Descriptor[]] {
  const { archived = [], others = [] } = Object.groupBy(all, (one) =>
    one.archived === true ? 'archived' : 'others',
  );
  return [archived, others];
}

const tooMany = (what: string): Unanswered => ({
  reason: 'too-large',
  message: `More than ${MOST_CANDIDATES} artifacts refer to ${what}, and only the first ${MOST_CANDIDATES} were opened.`,
  remedy: 'Remove artifacts that are no longer needed, such as old signatures.',
});

const inArchive = (what: string): Unanswered => ({
  reason: 'not-in-registry',
  message: `An artifact that refers to ${what} is in the archive of ECR, from where it is not handed out; it may be an SBOM.`,
  remedy: 'Restore it with aws ecr update-image-storage-class, or attach the SBOM again.',
});

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
  const types = artifactType === null ? [mediaType] : [mediaType, artifactType];
  const found = types.flatMap((type) => documentFormat(type) ?? [])[0];
  // `sbom/example` and the like say what it is for, and not what it is.
  return found ?? (types.some((type) => /sbom/i.test(type)) ? 'unknown' : null);
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
