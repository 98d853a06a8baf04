import {
  CreateRepositoryCommand,
  ECRClient,
  PutImageCommand,
  PutRegistryScanningConfigurationCommand,
} from '@aws-sdk/client-ecr';
import { dsse, spdx2, statement } from '../../sbom/documents.ts';
import {
  imageOf,
  OCI_IMAGE,
  OCI_INDEX,
  type StoredImage,
  type StoredRegistry,
  type StoredRepository,
  sha256,
} from '../../support/ecr-server.ts';
import type { AwsServices } from '../environment/aws-services.ts';
import type { RunningImage } from './image-pods.ts';

export const BASIC_REGION = 'eu-west-1';
/** Where Inspector scans. */
const ENHANCED_REGION = 'eu-central-1';

/** What ECR and Inspector hold, by account and region, and the images that run, by the name of the pod. */
export interface EcrImages {
  readonly registries: Readonly<Record<string, StoredRegistry>>;
  readonly runs: ReadonlyMap<string, RunningImage>;
}

const DAY = 86_400_000;
const SPDX = 'application/spdx+json';

/** Images that pass and fail each check of images, and those that stay open, in an account's two regions. */
export function ecrImages(accountId: string, now: number): EcrImages {
  const young = now - 3 * DAY;
  const old = now - 400 * DAY;
  const scan = { status: 'COMPLETE', completedAt: now - DAY };
  const runs = new Map<string, RunningImage>();
  const host = (region: string): string => `${accountId}.dkr.ecr.${region}.amazonaws.com`;
  const run = (name: string, region: string, repository: string, digest: string): void => {
    const image = `${host(region)}/${repository}`;
    runs.set(name, { image: `${image}:1`, imageId: `${image}@${digest}` });
  };

  const fresh = anImage('fresh', '101', { tags: ['1'], pushedAt: young, scan });
  run('fresh', BASIC_REGION, 'e2e/fresh', fresh.image.digest);
  const scannedAt = now - 70 * DAY;
  const aged = anImage('aged', '101', {
    tags: ['1'],
    pushedAt: scannedAt,
    scan: { status: 'COMPLETE', completedAt: scannedAt },
  });
  run('aged', BASIC_REGION, 'e2e/aged', aged.image.digest);
  const stale = anImage('stale', '', { pushedAt: old });
  const newer = anImage('newer', '', { tags: ['1'], pushedAt: young });
  run('stale', BASIC_REGION, 'e2e/stale', stale.image.digest);
  const amd64 = anImage('amd64', '101', { pushedAt: young, scan });
  const arm64 = anImage('arm64', '101', { pushedAt: young, scan });
  const index = anIndex([amd64.image, arm64.image], { tags: ['1'], pushedAt: young });
  run('child', BASIC_REGION, 'e2e/multi', amd64.image.digest);
  run('index', BASIC_REGION, 'e2e/multi', index.digest);
  const unnamed = anImage('unnamed', '101', { tags: ['1'], pushedAt: young, scan });
  run('unnamed', BASIC_REGION, 'e2e/unnamed', unnamed.image.digest);
  const redis = anImage('redis', '999', { tags: ['1'], pushedAt: young, scan });
  run('cached', BASIC_REGION, 'cache/redis', redis.image.digest);
  const covered = anImage('covered', '101', { tags: ['1'], pushedAt: young });
  run('covered', ENHANCED_REGION, 'e2e/covered', covered.image.digest);
  const uncovered = anImage('uncovered', '101', { tags: ['1'], pushedAt: young });
  run('uncovered', ENHANCED_REGION, 'e2e/uncovered', uncovered.image.digest);

  return {
    runs,
    registries: {
      [`${accountId}/${BASIC_REGION}`]: {
        cachePrefixes: ['cache'],
        repositories: {
          'e2e/fresh': aRepository([fresh, attached(fresh.image, SPDX, spdx2([{ name: 'in-fresh' }]))]),
          'e2e/aged': aRepository([aged, attached(aged.image, SPDX, spdx2([{ name: 'in-aged' }]))]),
          'e2e/stale': aRepository([stale, newer], 'MUTABLE'),
          'e2e/multi': aRepository([
            amd64,
            arm64,
            { image: index, blobs: [] },
            attached(index, SPDX, spdx2([{ name: 'in-multi' }])),
            attached(amd64.image, SPDX, spdx2([{ name: 'in-amd64' }])),
          ]),
          // Only the document says that it is an SBOM.
          'e2e/unnamed': aRepository([
            unnamed,
            attached(
              unnamed.image,
              'application/vnd.dsse.envelope.v1+json',
              dsse(statement(spdx2([{ name: 'in-unnamed' }]), unnamed.image.digest.replace('sha256:', ''))),
            ),
          ]),
          'cache/redis': aRepository([redis, attached(redis.image, SPDX, spdx2([{ name: 'in-redis' }]))]),
        },
      },
      [`${accountId}/${ENHANCED_REGION}`]: {
        scanType: 'ENHANCED',
        coverage: {
          [`e2e/covered@${covered.image.digest}`]: {
            status: 'ACTIVE',
            reason: 'SUCCESSFUL',
            lastScannedAt: now - DAY,
          },
        },
        repositories: {
          'e2e/covered': aRepository([
            covered,
            attached(covered.image, SPDX, spdx2([{ name: 'in-covered' }])),
          ]),
          'e2e/uncovered': aRepository([
            uncovered,
            attached(uncovered.image, SPDX, spdx2([{ name: 'in-uncovered' }])),
          ]),
        },
      },
    },
  };
}

interface Pushed {
  readonly image: StoredImage & { readonly manifest: string };
  readonly blobs: readonly string[];
}

type Rest = Omit<StoredImage, 'digest' | 'manifest'>;

const blob = (mediaType: string, text: string) => ({ mediaType, digest: sha256(text), size: text.length });

function anImage(name: string, user: string, rest: Rest): Pushed {
  const config = JSON.stringify({ config: { User: user, Labels: { name } } });
  const image = imageOf(
    {
      schemaVersion: 2,
      mediaType: OCI_IMAGE,
      config: blob('application/vnd.oci.image.config.v1+json', config),
      layers: [blob('application/vnd.oci.image.layer.v1.tar', name)],
    },
    rest,
  );
  return { image, blobs: [config] };
}

function anIndex(images: readonly Pushed['image'][], rest: Rest): Pushed['image'] {
  const manifests = images.map(({ digest, manifest }, at) => ({
    mediaType: OCI_IMAGE,
    digest,
    size: manifest.length,
    platform: { os: 'linux', architecture: at === 0 ? 'amd64' : 'arm64' },
  }));
  return imageOf({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }, { mediaType: OCI_INDEX, ...rest });
}

function attached({ digest, manifest }: Pushed['image'], mediaType: string, document: object): Pushed {
  const text = JSON.stringify(document);
  const image = imageOf({
    schemaVersion: 2,
    mediaType: OCI_IMAGE,
    config: blob('application/vnd.oci.empty.v1+json', '{}'),
    layers: [blob(mediaType, text)],
    subject: { mediaType: OCI_IMAGE, digest, size: manifest.length },
  });
  return { image, blobs: [text, '{}'] };
}

const aRepository = (pushed: readonly Pushed[], mutability = 'IMMUTABLE'): StoredRepository => ({
  mutability,
  images: pushed.map(({ image }) => image),
  blobs: new Map(pushed.flatMap(({ blobs }) => blobs.map((text) => [sha256(text), text]))),
});

/** Pushes them to moto's ECR, which then answers for them. */
export async function pushToEcr(aws: AwsServices, { registries }: EcrImages): Promise<void> {
  for (const [place, { repositories, scanType }] of Object.entries(registries)) {
    const [, region = ''] = place.split('/');
    const client = new ECRClient({
      region,
      endpoint: aws.url,
      credentials: await aws.assumeRole(`arn:aws:iam::${aws.accountId}:role/build`),
    });
    for (const [repositoryName, { images, mutability }] of Object.entries(repositories)) {
      await client.send(
        new CreateRepositoryCommand({
          repositoryName,
          imageTagMutability: mutability === 'MUTABLE' ? 'MUTABLE' : 'IMMUTABLE',
        }),
      );
      for (const { digest, manifest, mediaType, tags = [] } of images) {
        const [imageTag] = tags;
        await client.send(
          new PutImageCommand({
            repositoryName,
            imageManifest: manifest,
            imageManifestMediaType: mediaType,
            imageDigest: digest,
            ...(imageTag === undefined ? {} : { imageTag }),
          }),
        );
      }
    }
    if (scanType === 'ENHANCED')
      await client.send(new PutRegistryScanningConfigurationCommand({ scanType, rules: [] }));
    client.destroy();
  }
}
