import * as z from 'zod';
import {
  type Ecr,
  type EcrImage,
  type EcrImageId,
  type EcrManifest,
  IMAGE_MISSING,
  MANIFEST_MISSING,
} from '../connect/aws/ecr.ts';
import type { Inspector } from '../connect/aws/inspector.ts';
import { ReadError } from '../errors.ts';
import type { EcrPlace } from './place.ts';
import type { ReadImagesOptions } from './read-images.ts';

/** Answers of ECR among the files of a snapshot, as the AWS CLI prints them. */
export type RegistryAnswer = Readonly<Record<string, unknown>>;

/** https://docs.aws.amazon.com/cli/latest/reference/ecr: what each answer is told by. */
const MEMBERS = ['imageDetails', 'pullThroughCacheRules', 'scanningConfiguration'];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Whether a document is one of these. What Kubernetes writes has a kind. */
export function isRegistryAnswer(value: RegistryAnswer): boolean {
  if ('kind' in value || 'apiVersion' in value) return false;
  if (MEMBERS.some((member) => isObject(value[member]))) return true;
  const holds = (member: string, field: string): boolean => {
    const list = value[member];
    return Array.isArray(list) && list.some((one: unknown) => isObject(one) && field in one);
  };
  return holds('repositories', 'repositoryName') || holds('images', 'imageManifest');
}

/** The CLI prints times by RFC 3339, its first version in seconds. */
const TIME = z.union([z.string(), z.number(), z.date()]).transform((value) => {
  const time = typeof value === 'number' ? value * 1000 : new Date(value).getTime();
  return Number.isFinite(time) ? time : null;
});

const ANSWER = z.object({
  imageDetails: z
    .array(
      z.object({
        registryId: z.string(),
        repositoryName: z.string(),
        imageDigest: z.string(),
        imageTags: z.array(z.string()).default([]),
        imagePushedAt: TIME.nullish(),
        imageManifestMediaType: z.string().nullish(),
        imageScanStatus: z.object({ status: z.string() }).nullish(),
        imageScanFindingsSummary: z.object({ imageScanCompletedAt: TIME.nullish() }).nullish(),
      }),
    )
    .default([]),
  repositories: z
    .array(
      z.object({
        registryId: z.string(),
        repositoryName: z.string(),
        imageTagMutability: z.string(),
        imageTagMutabilityExclusionFilters: z.array(z.object({ filter: z.string() })).default([]),
      }),
    )
    .default([]),
  pullThroughCacheRules: z.array(z.object({ ecrRepositoryPrefix: z.string() })).optional(),
  scanningConfiguration: z.object({ scanType: z.string() }).optional(),
  /** Of a list that goes on: of the API, and of the CLI with `--max-items`. */
  nextToken: z.string().nullish(),
  NextToken: z.string().nullish(),
  images: z
    .array(
      z.object({
        registryId: z.string(),
        repositoryName: z.string(),
        imageId: z.object({ imageDigest: z.string(), imageTag: z.string().nullish() }),
        imageManifest: z.string(),
        imageManifestMediaType: z.string().default(''),
      }),
    )
    .default([]),
});

type Answers = readonly z.output<typeof ANSWER>[];

/** How images are asked about where there are only files: the same way, of what these hold. */
export function registriesInFiles(
  answers: readonly RegistryAnswer[],
): Pick<ReadImagesOptions, 'openEcr' | 'openOci'> {
  const parsed = answers.flatMap((answer) => ANSWER.safeParse(answer).data ?? []);
  return {
    openOci: async () => null,
    openEcr: async (place) => ({
      ecr: ecrInFiles(parsed, place),
      inspector: () => NO_INSPECTOR,
      asker: {
        ...place,
        partition: 'aws',
        principalArn: 'the files of the snapshot',
        ownAccountId: place.accountId,
      },
    }),
  };
}

function ecrInFiles(answers: Answers, { accountId, region }: EcrPlace): Ecr {
  const ours = <T extends { readonly registryId: string }>(one: T): boolean => one.registryId === accountId;
  const details = answers.flatMap(({ imageDetails }) => imageDetails).filter(ours);
  const repositories = answers.flatMap((answer) => answer.repositories).filter(ours);
  const manifests = answers.flatMap(({ images }) => images).filter(ours);
  const isCut = answers.some(({ nextToken, NextToken }) => Boolean(nextToken ?? NextToken));
  const refuse = (command: string): never => {
    throw notInFiles(`${command} --registry-id ${accountId} --region ${region} --output json`);
  };
  return {
    repositories: async (names) => {
      const found = repositories.filter(({ repositoryName }) => names.includes(repositoryName));
      return found.length === 0
        ? refuse('aws ecr describe-repositories')
        : found.map((one) => ({
            name: one.repositoryName,
            mutability: one.imageTagMutability,
            exclusions: one.imageTagMutabilityExclusionFilters.map(({ filter }) => filter),
          }));
    },
    images: async (repository, ids) => {
      const all = details.filter(({ repositoryName }) => repositoryName === repository).map(imageOf);
      if (all.length === 0) return refuse(`aws ecr describe-images --repository-name ${repository}`);
      if (ids.some((id) => !all.some((image) => isMeant(image, id)))) {
        // What was cut off may have it.
        if (isCut) return refuse(`aws ecr describe-images --repository-name ${repository}`);
        throw Object.assign(new Error('it is not among the files'), { name: IMAGE_MISSING });
      }
      return all.filter((image) => ids.some((id) => isMeant(image, id)));
    },
    cachePrefixes: async () => {
      const rules = answers.flatMap(({ pullThroughCacheRules }) =>
        pullThroughCacheRules === undefined ? [] : [pullThroughCacheRules],
      );
      return rules.length === 0
        ? refuse('aws ecr describe-pull-through-cache-rules')
        : rules.flat().map(({ ecrRepositoryPrefix }) => ecrRepositoryPrefix);
    },
    scanType: async () => {
      const found = answers.find(({ scanningConfiguration }) => scanningConfiguration !== undefined);
      return found?.scanningConfiguration?.scanType ?? refuse('aws ecr get-registry-scanning-configuration');
    },
    manifests: async (repository, ids) => {
      const all = manifests.filter(({ repositoryName }) => repositoryName === repository).map(manifestOf);
      if (all.length === 0) return refuse(`aws ecr batch-get-image --repository-name ${repository}`);
      const isOf = (one: EcrManifest, id: EcrImageId): boolean =>
        isMeant({ digest: one.digest, tags: [one.tag ?? ''] }, id);
      const listed = details.filter(({ repositoryName }) => repositoryName === repository).map(imageOf);
      const isListed = (id: EcrImageId): boolean => isCut || listed.some((image) => isMeant(image, id));
      if (ids.some((id) => isListed(id) && !all.some((one) => isOf(one, id)))) {
        return refuse(`aws ecr batch-get-image --repository-name ${repository}`);
      }
      return {
        found: all.filter((one) => ids.some((id) => isOf(one, id))),
        failures: ids
          .filter((id) => !all.some((one) => isOf(one, id)))
          .map((id) => ({
            digest: 'imageDigest' in id ? id.imageDigest : null,
            code: MANIFEST_MISSING,
            reason: '',
          })),
      };
    },
    referrers: async (repository, digest) => {
      // Only the manifests of all images of a repository say what refers to one of them.
      const known = new Set(manifests.map(({ imageId }) => imageId.imageDigest));
      const own = details.filter(({ repositoryName }) => repositoryName === repository);
      if (isCut || own.some(({ imageDigest }) => !known.has(imageDigest))) {
        return refuse(`aws ecr batch-get-image --repository-name ${repository}`);
      }
      return manifests
        .filter(
          ({ repositoryName, imageManifest }) =>
            repositoryName === repository && refersTo(imageManifest, digest),
        )
        .map((one) => ({
          digest: one.imageId.imageDigest,
          mediaType: one.imageManifestMediaType,
          artifactType: null,
          size: one.imageManifest.length,
          annotations: {},
          archived: false,
        }));
    },
    blobUrl: async () => refuse('aws ecr get-download-url-for-layer'),
    close: () => {},
  };
}

const isMeant = ({ digest, tags }: Pick<EcrImage, 'digest' | 'tags'>, id: EcrImageId): boolean =>
  'imageDigest' in id ? digest === id.imageDigest : tags.includes(id.imageTag);

const imageOf = (one: Answers[number]['imageDetails'][number]): EcrImage => ({
  digest: one.imageDigest,
  tags: one.imageTags,
  pushedAt: one.imagePushedAt ?? null,
  mediaType: one.imageManifestMediaType ?? null,
  scan: one.imageScanStatus
    ? {
        state: one.imageScanStatus.status,
        completedAt: one.imageScanFindingsSummary?.imageScanCompletedAt ?? null,
      }
    : null,
});

const manifestOf = (one: Answers[number]['images'][number]): EcrManifest => ({
  digest: one.imageId.imageDigest,
  tag: one.imageId.imageTag ?? null,
  mediaType: one.imageManifestMediaType,
  text: one.imageManifest,
});

function refersTo(manifest: string, digest: string): boolean {
  try {
    const { subject } = JSON.parse(manifest) as { readonly subject?: { readonly digest?: unknown } };
    return subject?.digest === digest;
  } catch {
    return false;
  }
}

const NO_INSPECTOR: Inspector = {
  coverage: () => Promise.reject(notInFiles('aws inspector2 list-coverage')),
  close: () => {},
};

const notInFiles = (command: string): ReadError =>
  new ReadError(
    'not-in-snapshot',
    'The snapshot does not hold what the registry says of these images.',
    `Add what ${command} prints, or audit the live cluster.`,
  );
