import {
  BatchGetImageCommand,
  DescribeImagesCommand,
  DescribePullThroughCacheRulesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetDownloadUrlForLayerCommand,
  GetRegistryScanningConfigurationCommand,
  ListImageReferrersCommand,
} from '@aws-sdk/client-ecr';
import { type AwsSettings, bounded, type CredentialsProvider, serviceConfig } from './client.ts';

/** A digest or a tag. */
export type EcrImageId = { readonly imageDigest: string } | { readonly imageTag: string };

export interface EcrRepository {
  readonly name: string;
  /** Such as `IMMUTABLE_WITH_EXCLUSION`; ECR adds settings from time to time. */
  readonly mutability: string;
  /** Patterns with `*`. */
  readonly exclusions: readonly string[];
}

export interface EcrImage {
  readonly digest: string;
  readonly tags: readonly string[];
  /** Epoch milliseconds. */
  readonly pushedAt: number | null;
  readonly mediaType: string | null;
  /** Of basic scanning alone; `null`: none is known. */
  readonly scan: { readonly state: string; readonly completedAt: number | null } | null;
}

export interface EcrManifest {
  readonly digest: string;
  readonly tag: string | null;
  readonly mediaType: string;
  readonly text: string;
}

/** That a manifest was not handed out; `code` is of https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageFailure.html */
export interface EcrFailure {
  readonly digest: string | null;
  readonly code: string;
  readonly reason: string;
}

export interface EcrManifests {
  readonly found: readonly EcrManifest[];
  /** Of those that do not exist, and of those that exist and are not handed out. */
  readonly failures: readonly EcrFailure[];
}

export interface EcrReferrer {
  readonly digest: string;
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly size: number;
  readonly annotations: Readonly<Record<string, string>>;
  /** In the archive of ECR, or on its way out of it: it is listed, and cannot be had. */
  readonly archived: boolean;
}

/**
 * One account's registry in one region. What fails is thrown as the SDK throws it; see `awsError`. Nothing is read that
 * was not named, apart from the rules of the registry.
 */
export interface Ecr {
  /** At most 100. An error where one does not exist. */
  repositories(names: readonly string[]): Promise<readonly EcrRepository[]>;
  /** At most 100. An error where one does not exist. */
  images(repository: string, ids: readonly EcrImageId[]): Promise<readonly EcrImage[]>;
  /** The prefixes of repositories that pull-through caches fill. */
  cachePrefixes(): Promise<readonly string[]>;
  /** Of the caller's own registry, whichever this one is: the API takes no other. */
  scanType(): Promise<string | null>;
  /** At most 100. */
  manifests(repository: string, ids: readonly EcrImageId[]): Promise<EcrManifests>;
  referrers(repository: string, digest: string): Promise<readonly EcrReferrer[]>;
  /** Where a layer or configuration can be fetched for some minutes, without credentials. */
  blobUrl(repository: string, digest: string): Promise<string>;
  close(): void;
}

/** What ECR may hand out: without this list it converts indexes to a manifest of one platform. */
const MEDIA_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** Guards against a list without end. */
const MOST_PAGES = 100;

/** As ECR names what is not there. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html#API_DescribeImages_Errors */
export const IMAGE_MISSING = 'ImageNotFoundException';
/** The same of one manifest among others. */
export const MANIFEST_MISSING = 'ImageNotFound';
export const REPOSITORY_MISSING = 'RepositoryNotFoundException';
export const LAYER_MISSING: readonly string[] = ['LayersNotFoundException', 'LayerInaccessibleException'];

export type EcrSettings = AwsSettings & {
  readonly credentials: CredentialsProvider;
  /** The account whose registry it is; the credentials may be of another one. */
  readonly registryId: string;
};

/** Opens the registry of an account in the region of the settings. */
export function openEcr(settings: EcrSettings): Ecr {
  const { registryId } = settings;
  const client = bounded(new ECRClient(serviceConfig('ecr', settings)), settings.signal);
  return {
    async repositories(names) {
      const { repositories = [] } = await client.send(
        new DescribeRepositoriesCommand({ registryId, repositoryNames: [...names] }),
      );
      return repositories.map(
        ({ repositoryName = '', imageTagMutability = '', imageTagMutabilityExclusionFilters = [] }) => ({
          name: repositoryName,
          mutability: imageTagMutability,
          exclusions: imageTagMutabilityExclusionFilters.flatMap(({ filter }) => filter ?? []),
        }),
      );
    },
    async images(repositoryName, ids) {
      const { imageDetails = [] } = await client.send(
        new DescribeImagesCommand({ registryId, repositoryName, imageIds: [...ids] }),
      );
      return imageDetails.flatMap((detail): EcrImage | readonly [] => {
        const { imageDigest, imageTags = [], imagePushedAt, imageManifestMediaType } = detail;
        const { imageScanStatus, imageScanFindingsSummary } = detail;
        if (imageDigest === undefined) return [];
        return {
          digest: imageDigest,
          tags: imageTags,
          pushedAt: imagePushedAt?.getTime() ?? null,
          mediaType: imageManifestMediaType ?? null,
          scan:
            imageScanStatus?.status === undefined
              ? null
              : {
                  state: imageScanStatus.status,
                  completedAt: imageScanFindingsSummary?.imageScanCompletedAt?.getTime() ?? null,
                },
        };
      });
    },
    async cachePrefixes() {
      const rules = await pages(async (nextToken) => {
        const answer = await client.send(
          new DescribePullThroughCacheRulesCommand({ registryId, maxResults: 1000, ...nextToken }),
        );
        return { items: answer.pullThroughCacheRules, next: answer.nextToken };
      });
      return rules.flatMap(({ ecrRepositoryPrefix }) => ecrRepositoryPrefix ?? []);
    },
    async scanType() {
      const { scanningConfiguration } = await client.send(new GetRegistryScanningConfigurationCommand({}));
      return scanningConfiguration?.scanType ?? null;
    },
    async manifests(repositoryName, ids) {
      const { images = [], failures = [] } = await client.send(
        new BatchGetImageCommand({
          registryId,
          repositoryName,
          imageIds: [...ids],
          acceptedMediaTypes: MEDIA_TYPES,
        }),
      );
      const found = images.flatMap(
        ({ imageId, imageManifest, imageManifestMediaType }): EcrManifest | readonly [] =>
          imageId?.imageDigest === undefined || imageManifest === undefined
            ? []
            : {
                digest: imageId.imageDigest,
                tag: imageId.imageTag ?? null,
                mediaType: imageManifestMediaType ?? '',
                text: imageManifest,
              },
      );
      return {
        found,
        failures: failures.map(({ imageId, failureCode = '', failureReason = '' }) => ({
          digest: imageId?.imageDigest ?? null,
          code: failureCode,
          reason: failureReason,
        })),
      };
    },
    async referrers(repositoryName, imageDigest) {
      const found = await pages(async (nextToken) => {
        const answer = await client.send(
          new ListImageReferrersCommand({
            registryId,
            repositoryName,
            subjectId: { imageDigest },
            // Otherwise those in the archive look as if they did not exist.
            filter: { artifactStatus: 'ANY' },
            maxResults: 50,
            ...nextToken,
          }),
        );
        return { items: answer.referrers, next: answer.nextToken };
      });
      return found.flatMap(
        ({ digest, mediaType = '', artifactType = null, size = 0, annotations = {}, artifactStatus }) => {
          const archived = artifactStatus !== undefined && artifactStatus !== 'ACTIVE';
          return digest === undefined ? [] : { digest, mediaType, artifactType, size, annotations, archived };
        },
      );
    },
    async blobUrl(repositoryName, layerDigest) {
      const { downloadUrl } = await client.send(
        new GetDownloadUrlForLayerCommand({ registryId, repositoryName, layerDigest }),
      );
      if (downloadUrl === undefined) throw new Error('ECR gave no address of the layer');
      return downloadUrl;
    },
    close: () => client.destroy(),
  };
}

async function pages<T>(
  ask: (token: { readonly nextToken?: string }) => Promise<{
    readonly items: readonly T[] | undefined;
    readonly next: string | undefined;
  }>,
): Promise<readonly T[]> {
  const found: T[] = [];
  const seen = new Set<string>();
  let token: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { items = [], next } = await ask(token === undefined ? {} : { nextToken: token });
    found.push(...items);
    if (next === undefined || next === '') return found;
    if (seen.has(next)) break;
    seen.add(next);
    token = next;
  }
  throw new Error('the list does not end');
}
