import { createHash } from 'node:crypto';

/** What the examples of image checks have in common: an image in ECR, and the answers of the AWS CLI about it. */

export const METADATA = 'images: { registry: metadata }';
export const SBOM_PRESENCE = 'images: { registry: sbom-presence }';

const ACCOUNT = '111122223333';
const REPOSITORY = 'shop/app';
const TAG = '1.4.2';
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const manifest = (config: string): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: blob('application/vnd.oci.image.config.v1+json', config),
    layers: [],
  });
const blob = (mediaType: string, text: string) => ({ mediaType, digest: sha256(text), size: text.length });

const RUNNING_MANIFEST = manifest('running');
const RUNNING = sha256(RUNNING_MANIFEST);
/** Another image of the same repository. */
export const MOVED = sha256('another image');

/** A container that was started on 12 February. */
export const ECR_IMAGE = `spec:
  containers:
    - name: app
      image: ${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/${REPOSITORY}:${TAG}
status:
  containerStatuses:
    - name: app
      imageID: ${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/${REPOSITORY}@${RUNNING}
      state: { running: { startedAt: 2026-02-12T00:00:00Z } }`;

interface EcrExample {
  readonly pushedAt?: string;
  /** What the tag points at; `null`: it is gone. @defaultValue what runs */
  readonly tagAt?: string | null;
  readonly mutability?: string;
  readonly exclusions?: readonly string[];
  readonly cachePrefix?: string;
  readonly scan?: { readonly status: string; readonly completedAt?: string };
  /** Media types of what is attached to the image. @defaultValue the manifests are not given */
  readonly referrers?: readonly string[];
}

/** As `aws ecr describe-images`, `describe-repositories` and the like print it, each a document. */
export function ecrExample({
  pushedAt = '2026-02-01T00:00:00Z',
  tagAt = RUNNING,
  mutability = 'IMMUTABLE',
  exclusions,
  cachePrefix,
  scan,
  referrers,
}: EcrExample): string {
  const image = { registryId: ACCOUNT, repositoryName: REPOSITORY, imageManifestMediaType: MANIFEST_TYPE };
  const running = {
    ...image,
    imageDigest: RUNNING,
    ...(tagAt === RUNNING ? { imageTags: [TAG] } : {}),
    imagePushedAt: pushedAt,
    ...(scan === undefined ? {} : { imageScanStatus: { status: scan.status } }),
    ...(scan?.completedAt === undefined
      ? {}
      : { imageScanFindingsSummary: { imageScanCompletedAt: scan.completedAt } }),
  };
  const moved = { ...image, imageDigest: tagAt, imageTags: [TAG], imagePushedAt: '2026-02-20T00:00:00Z' };
  const repository = {
    registryId: ACCOUNT,
    repositoryName: REPOSITORY,
    imageTagMutability: mutability,
    ...(exclusions === undefined
      ? {}
      : {
          imageTagMutabilityExclusionFilters: exclusions.map((filter) => ({
            filterType: 'WILDCARD',
            filter,
          })),
        }),
  };
  const answers = [
    { imageDetails: tagAt === RUNNING || tagAt === null ? [running] : [running, moved] },
    { repositories: [repository] },
    {
      pullThroughCacheRules:
        cachePrefix === undefined ? [] : [{ ecrRepositoryPrefix: cachePrefix, registryId: ACCOUNT }],
    },
    { registryId: ACCOUNT, scanningConfiguration: { scanType: 'BASIC', rules: [] } },
    ...(referrers === undefined ? [] : [{ images: manifestsOf(referrers) }]),
  ];
  return answers.map((answer) => JSON.stringify(answer)).join('\n---\n');
}

/** As `aws ecr batch-get-image` prints the image and what refers to it. */
const manifestsOf = (referrers: readonly string[]) =>
  [RUNNING_MANIFEST, ...referrers.map(referring)].map((imageManifest) => ({
    registryId: ACCOUNT,
    repositoryName: REPOSITORY,
    imageId: { imageDigest: sha256(imageManifest) },
    imageManifest,
    imageManifestMediaType: MANIFEST_TYPE,
  }));

const referring = (mediaType: string): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: blob('application/vnd.oci.empty.v1+json', '{}'),
    layers: [blob(mediaType, '{}')],
    subject: { mediaType: MANIFEST_TYPE, digest: RUNNING, size: RUNNING_MANIFEST.length },
  });
