import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { onLoopback } from './on-loopback.ts';

/** An image as a repository has it. Times are epoch milliseconds. */
export interface StoredImage {
  /** Its digest is that of its manifest, where there is one. */
  readonly digest: string;
  readonly tags?: readonly string[];
  readonly pushedAt?: number;
  readonly mediaType?: string;
  readonly scan?: { readonly status: string; readonly completedAt?: number };
  /** @defaultValue none: BatchGetImage does not find it */
  readonly manifest?: string;
  /** The code with which BatchGetImage gives no manifest although the image is there. */
  readonly failure?: string;
  /** Archived: the list of referrers has it only where it is asked for, and BatchGetImage does not find it. */
  readonly archived?: true;
}

export interface StoredRepository {
  readonly mutability?: string;
  readonly exclusions?: readonly string[];
  readonly images: readonly StoredImage[];
  /** By digest. */
  readonly blobs?: ReadonlyMap<string, string>;
}

export interface StoredRegistry {
  readonly repositories: Readonly<Record<string, StoredRepository>>;
  readonly cachePrefixes?: readonly string[];
  /** @defaultValue BASIC */
  readonly scanType?: string;
  /** What Inspector covers, by repository and digest: `app@sha256:…`. */
  readonly coverage?: Readonly<
    Record<string, { readonly status: string; readonly reason: string; readonly lastScannedAt?: number }>
  >;
}

export interface EcrCall {
  /** Such as `ecr:DescribeImages`. */
  readonly action: string;
  readonly registry: string;
  readonly repository: string | null;
  /** Of a call about several. */
  readonly repositories: readonly string[];
  readonly accessKey: string;
}

export interface EcrServerOptions {
  /** By account and region: `111122223333/eu-west-1`. */
  readonly registries: Readonly<Record<string, StoredRegistry>>;
  /** The account of an access key: what is asked without a registryId is about it. */
  readonly accountOf?: (accessKey: string) => string;
  /** Refuses a call in the place of an answer. */
  readonly fail?: (call: EcrCall) => { readonly status: number; readonly code: string } | null;
  /** Milliseconds until a call is answered. @defaultValue none */
  readonly delayMs?: (call: EcrCall) => number;
}

export interface EcrServer {
  readonly url: string;
  readonly calls: readonly EcrCall[];
  count(action?: string): number;
  close(): Promise<void>;
}

export const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

export const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** A manifest with the image that has it. */
export function imageOf(
  manifest: object,
  rest: Omit<StoredImage, 'digest' | 'manifest'> = {},
): StoredImage & { readonly manifest: string } {
  const text = JSON.stringify(manifest);
  const mediaType = (manifest as { mediaType?: string }).mediaType ?? OCI_IMAGE;
  return { mediaType, ...rest, digest: sha256(text), manifest: text };
}

/**
 * ECR and the one action of Inspector that is asked, on loopback, with answers in the form that the SDK's types give.
 * As ECR does, a name or id that does not exist fails the whole call.
 */
export async function startEcrServer(options: EcrServerOptions): Promise<EcrServer> {
  const calls: EcrCall[] = [];
  let url = '';
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    if (request.method === 'GET') return sendBlob(options, request, response);
    const question = JSON.parse(body || '{}') as Question;
    const [, accessKey = '', region = ''] =
      /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
    const own = options.accountOf?.(accessKey) ?? '111122223333';
    const registry = `${question.registryId ?? own}/${region}`;
    const action = actionOf(request);
    const { repositoryName = null, repositoryNames = [] } = question;
    const call = { action, registry, repository: repositoryName, repositories: repositoryNames, accessKey };
    calls.push(call);
    await late(call, options);
    const failure = options.fail?.(call) ?? null;
    if (failure !== null) return refuse(response, failure.status, failure.code);
    const stored = options.registries[registry] ?? { repositories: {} };
    const answer = ANSWERS[action]?.(stored, question, { registry, url });
    if (answer === undefined) return refuse(response, 400, 'InvalidAction');
    if (typeof answer === 'string') return refuse(response, 400, answer);
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
  });
  const listening = await onLoopback(server);
  url = listening.url;
  return {
    url,
    calls,
    count: (action) => calls.filter((call) => action === undefined || call.action === action).length,
    close: listening.close,
  };
}

const late = async (call: EcrCall, { delayMs }: EcrServerOptions): Promise<void> => {
  if (delayMs !== undefined) await sleep(delayMs(call));
};

interface Question {
  readonly registryId?: string;
  readonly repositoryName?: string;
  readonly repositoryNames?: readonly string[];
  readonly imageIds?: readonly { readonly imageDigest?: string; readonly imageTag?: string }[];
  readonly subjectId?: { readonly imageDigest: string };
  readonly layerDigest?: string;
  readonly filter?: { readonly artifactStatus?: string };
  readonly filterCriteria?: { readonly ecrRepositoryName?: readonly { readonly value: string }[] };
}

const actionOf = ({ url, headers }: IncomingMessage): string =>
  url === '/coverage/list'
    ? 'inspector2:ListCoverage'
    : `ecr:${String(headers['x-amz-target'] ?? '').replace(/^.*\./, '')}`;

const seconds = (milliseconds: number): number => milliseconds / 1000;

type Place = { readonly registry: string; readonly url: string };
/** The body, or the code of an error. */
type Answer = (stored: StoredRegistry, question: Question, place: Place) => object | string;

const ANSWERS: Readonly<Record<string, Answer>> = {
  'ecr:DescribeRepositories': ({ repositories }, { repositoryNames = [] }) => {
    if (repositoryNames.some((name) => repositories[name] === undefined))
      return 'RepositoryNotFoundException';
    return {
      repositories: repositoryNames.map((repositoryName) => ({
        repositoryName,
        imageTagMutability: repositories[repositoryName]?.mutability ?? 'MUTABLE',
        ...(repositories[repositoryName]?.exclusions && {
          imageTagMutabilityExclusionFilters: repositories[repositoryName]?.exclusions?.map((filter) => ({
            filterType: 'WILDCARD',
            filter,
          })),
        }),
      })),
    };
  },
  'ecr:DescribeImages': ({ repositories }, { repositoryName = '', imageIds = [] }) => {
    const repository = repositories[repositoryName];
    if (repository === undefined) return 'RepositoryNotFoundException';
    const found = imageIds.map((id) => find(repository, id));
    if (found.includes(null)) return 'ImageNotFoundException';
    const images = new Set(found.flatMap((image) => image ?? []));
    return {
      imageDetails: [...images].map(({ digest, tags, pushedAt, mediaType, scan }) => ({
        repositoryName,
        imageDigest: digest,
        ...(tags === undefined ? {} : { imageTags: tags }),
        ...(pushedAt === undefined ? {} : { imagePushedAt: seconds(pushedAt) }),
        imageManifestMediaType: mediaType ?? OCI_IMAGE,
        ...(scan && { imageScanStatus: { status: scan.status } }),
        ...(scan?.completedAt && {
          imageScanFindingsSummary: { imageScanCompletedAt: seconds(scan.completedAt) },
        }),
      })),
    };
  },
  'ecr:DescribePullThroughCacheRules': ({ cachePrefixes = [] }) => ({
    pullThroughCacheRules: cachePrefixes.map((ecrRepositoryPrefix) => ({ ecrRepositoryPrefix })),
  }),
  'ecr:GetRegistryScanningConfiguration': ({ scanType = 'BASIC' }) => ({
    scanningConfiguration: { scanType, rules: [] },
  }),
  'ecr:BatchGetImage': ({ repositories }, { repositoryName = '', imageIds = [] }) => {
    const repository = repositories[repositoryName];
    if (repository === undefined) return 'RepositoryNotFoundException';
    const found = imageIds.map((imageId) => ({ imageId, image: find(repository, imageId) }));
    const isGiven = (image: StoredImage | null): boolean =>
      image?.manifest !== undefined && image.failure === undefined && image.archived === undefined;
    return {
      images: found.flatMap(({ imageId, image }) =>
        image === null || !isGiven(image)
          ? []
          : {
              imageId: { ...imageId, imageDigest: image.digest },
              imageManifest: image.manifest,
              imageManifestMediaType: image.mediaType ?? OCI_IMAGE,
            },
      ),
      failures: found.flatMap(({ imageId, image }) =>
        isGiven(image)
          ? []
          : { imageId, failureCode: image?.failure ?? 'ImageNotFound', failureReason: 'as planned' },
      ),
    };
  },
  'ecr:ListImageReferrers': ({ repositories }, { repositoryName = '', subjectId, filter }) => {
    const repository = repositories[repositoryName];
    if (repository === undefined) return 'RepositoryNotFoundException';
    return {
      referrers: repository.images.flatMap(({ digest, manifest, archived }) => {
        if (archived && filter?.artifactStatus !== 'ANY') return [];
        const parsed = JSON.parse(manifest ?? '{}') as { subject?: { digest?: string }; mediaType?: string };
        return parsed.subject?.digest === subjectId?.imageDigest
          ? {
              digest,
              mediaType: OCI_IMAGE,
              artifactType: 'application/vnd.oci.empty.v1+json',
              size: 1,
              artifactStatus: archived ? 'ARCHIVED' : 'ACTIVE',
            }
          : [];
      }),
    };
  },
  'ecr:GetDownloadUrlForLayer': ({ repositories }, { repositoryName = '', layerDigest = '' }, place) =>
    repositories[repositoryName]?.blobs?.has(layerDigest)
      ? { downloadUrl: `${place.url}/${place.registry}/${repositoryName}/${layerDigest}`, layerDigest }
      : 'LayersNotFoundException',
  'inspector2:ListCoverage': ({ coverage = {} }, { filterCriteria }, { registry }) => {
    const [account, region] = registry.split('/');
    const wanted = new Set(filterCriteria?.ecrRepositoryName?.map(({ value }) => value));
    return {
      coveredResources: Object.entries(coverage)
        .filter(([image]) => wanted.has(image.split('@')[0] ?? ''))
        .map(([image, { status, reason, lastScannedAt }]) => ({
          resourceId: `arn:aws:ecr:${region}:${account}:repository/${image.replace('@', '/')}`,
          resourceType: 'AWS_ECR_CONTAINER_IMAGE',
          accountId: account,
          scanType: 'PACKAGE',
          scanStatus: { statusCode: status, reason },
          ...(lastScannedAt === undefined ? {} : { lastScannedAt: seconds(lastScannedAt) }),
        })),
    };
  },
};

const find = (
  { images }: StoredRepository,
  { imageDigest, imageTag }: { readonly imageDigest?: string; readonly imageTag?: string },
): StoredImage | null =>
  images.find(({ digest, tags = [] }) =>
    imageDigest === undefined ? tags.includes(imageTag ?? '') : digest === imageDigest,
  ) ?? null;

function sendBlob(
  { registries }: EcrServerOptions,
  { url = '' }: IncomingMessage,
  response: ServerResponse,
): void {
  const [, registry = '', repository = '', digest = ''] =
    /^\/(\d+\/[^/]+)\/(.+)\/(sha256:[0-9a-f]+)$/.exec(url) ?? [];
  const blob = registries[registry]?.repositories[repository]?.blobs?.get(digest);
  if (blob === undefined) response.writeHead(404).end();
  else response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(blob);
}

/** https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization */
function refuse(response: ServerResponse, status: number, code: string): void {
  response
    .writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': code })
    .end(JSON.stringify({ __type: code, message: 'as planned' }));
}
