import { bundle, cycloneDx, dsse, type Listed, spdx2, spdx3, statement } from '../../sbom/documents.ts';
import { type Attachment, type Blob, OCI, type Pusher } from '../support/oras.ts';
import type { RunningImage } from './image-pods.ts';
import type { Filled } from './registry-images.ts';

/** An image with an SBOM of one shape, and the version of {@link SHARED} by which a search tells it from the others. */
export interface SbomImage extends RunningImage {
  readonly version: string;
}

/** The package that all SBOMs of {@link pushSbomImages} list, each in another version. */
export const SHARED = 'shared-lib';

const SPDX = 'application/spdx+json';
const CYCLONEDX = 'application/vnd.cyclonedx+json';
const IN_TOTO = 'application/vnd.in-toto+json';
const DSSE = 'application/vnd.dsse.envelope.v1+json';
const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const SPDX_PREDICATE = 'https://spdx.dev/Document';
const CYCLONEDX_PREDICATE = 'https://cyclonedx.org/bom';

type Shape = (packages: readonly Listed[], digest: string) => Attachment;

/** What is attached as a referrer, by the name of its pod. */
const REFERRERS: Readonly<Record<string, Shape>> = {
  'spdx-2': (packages) => ({ document: spdx2(packages), mediaType: SPDX }),
  'spdx-3': (packages) => ({ document: spdx3(packages), mediaType: SPDX }),
  cyclonedx: (packages) => ({ document: cycloneDx(packages), mediaType: CYCLONEDX }),
  'in-toto': (packages, digest) => ({
    document: statement(spdx2(packages), digest),
    mediaType: IN_TOTO,
    annotations: { 'in-toto.io/predicate-type': SPDX_PREDICATE },
  }),
  // Its manifest does not say what was attested: the document has to be opened.
  'in-toto-unnamed': (packages, digest) => ({
    document: statement(cycloneDx(packages), digest),
    mediaType: IN_TOTO,
  }),
  dsse: (packages, digest) => ({
    document: dsse(statement(cycloneDx(packages), digest)),
    mediaType: DSSE,
    annotations: { predicateType: CYCLONEDX_PREDICATE },
  }),
  // https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md
  bundle: (packages, digest) => ({
    document: bundle(dsse(statement(spdx2(packages), digest))),
    mediaType: BUNDLE,
    annotations: {
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType': SPDX_PREDICATE,
    },
  }),
};

/** Pushes an image for each shape of SBOM and each place where tools put it. */
export async function pushSbomImages(filled: Filled): Promise<ReadonlyMap<string, SbomImage>> {
  const { host, push } = filled;
  const found = new Map<string, SbomImage>();
  const versions = Object.keys(REFERRERS).length;
  const listed = (version: string): readonly Listed[] => [
    { name: SHARED, version, purl: `pkg:npm/${SHARED}@${version}` },
  ];
  const add = (name: string, digest: string, version: string): void => {
    const repository = `${host}/sboms/${name}`;
    found.set(name, { image: `${repository}:1`, imageId: `${repository}@${digest}`, version });
  };
  for (const [index, [name, shape]] of Object.entries(REFERRERS).entries()) {
    const version = `1.0.${index}`;
    const digest = await push.image(`sboms/${name}:1`);
    await push.attach(`sboms/${name}@${digest}`, shape(listed(version), digest.replace('sha256:', '')));
    add(name, digest, version);
  }
  const others = { buildkit: pushBuildKit, 'cosign-att': pushAttestation, 'cosign-sbom': pushCosignSbom };
  for (const [index, [name, pushShape]] of Object.entries(others).entries()) {
    const version = `1.0.${versions + index}`;
    add(name, await pushShape(push, `sboms/${name}`, listed(version)), version);
  }
  return found;
}

type PushShape = (push: Pusher, repository: string, packages: readonly Listed[]) => Promise<string>;

const hexOf = (digest: string): string => digest.replace('sha256:', '');
const empty = (push: Pusher, repository: string): Promise<Blob> => push.blob(repository, '{}', OCI.empty);

/** As buildx stores attestations: https://docs.docker.com/build/metadata/attestations/attestation-storage/ */
const pushBuildKit: PushShape = async (push, repository, packages) => {
  const amd64 = await push.image(`${repository}:amd64`);
  const sbom = statement(spdx2(packages), hexOf(amd64));
  const provenance = {
    ...statement({ buildType: 'x' }, hexOf(amd64)),
    predicateType: 'https://slsa.dev/provenance/v0.2',
  };
  const layer = async (document: object, predicate: string) => ({
    ...(await push.blob(repository, document, IN_TOTO)),
    annotations: { 'in-toto.io/predicate-type': predicate },
  });
  const attestations = await push.manifest(repository, {
    schemaVersion: 2,
    mediaType: OCI.image,
    config: await push.blob(
      repository,
      { architecture: 'unknown', os: 'unknown', config: {}, rootfs: { type: 'layers', diff_ids: [] } },
      OCI.config,
    ),
    layers: [await layer(sbom, SPDX_PREDICATE), await layer(provenance, 'https://slsa.dev/provenance/v0.2')],
  });
  const image = await push.describe(`${repository}@${amd64}`);
  const { digest } = await push.manifest(`${repository}:1`, {
    schemaVersion: 2,
    mediaType: OCI.index,
    manifests: [
      { ...image, platform: { architecture: 'amd64', os: 'linux' } },
      {
        ...attestations,
        annotations: {
          'vnd.docker.reference.digest': amd64,
          'vnd.docker.reference.type': 'attestation-manifest',
        },
        platform: { architecture: 'unknown', os: 'unknown' },
      },
    ],
  });
  return digest;
};

/** https://github.com/sigstore/cosign/blob/main/specs/ATTESTATION_SPEC.md */
const pushAttestation: PushShape = async (push, repository, packages) => {
  const digest = await push.image(`${repository}:1`);
  const envelope = await push.blob(repository, dsse(statement(spdx2(packages), hexOf(digest))), DSSE);
  await push.manifest(`${repository}:sha256-${hexOf(digest)}.att`, {
    schemaVersion: 2,
    mediaType: OCI.image,
    config: await empty(push, repository),
    layers: [
      {
        ...envelope,
        annotations: { 'dev.cosignproject.cosign/signature': '', predicateType: SPDX_PREDICATE },
      },
    ],
  });
  return digest;
};

/** https://github.com/sigstore/cosign/blob/main/specs/SBOM_SPEC.md */
const pushCosignSbom: PushShape = async (push, repository, packages) => {
  const digest = await push.image(`${repository}:1`);
  await push.manifest(`${repository}:sha256-${hexOf(digest)}.sbom`, {
    schemaVersion: 2,
    mediaType: OCI.image,
    config: await empty(push, repository),
    layers: [await push.blob(repository, cycloneDx(packages), CYCLONEDX)],
  });
  return digest;
};
