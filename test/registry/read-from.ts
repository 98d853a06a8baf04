import { openEcr } from '../../lambda/connect/aws/ecr.ts';
import { openInspector } from '../../lambda/connect/aws/inspector.ts';
import {
  type ImageFacts,
  type ImageInUse,
  type ImagesReading,
  imageKey,
  type RegistryLevel,
} from '../../lambda/inventory/images.ts';
import { type KnownImages, NO_MEMORY } from '../../lambda/registry/known.ts';
import { type ReadImagesOptions, readImages } from '../../lambda/registry/read-images.ts';
import { hubCredentials } from '../support/aws-server.ts';
import {
  type EcrServer,
  type EcrServerOptions,
  type StoredRegistry,
  startEcrServer,
} from '../support/ecr-server.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';
export const HOST = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
export const NOW = Date.parse('2026-03-01T12:00:00Z');
export const DAY = 86_400_000;

export const digestOf = (letter: string): string => `sha256:${letter.repeat(64)}`;

/** `REPOSITORY:TAG` as it runs with a digest. */
export const running = (name: string, digest: string): ImageInUse => {
  const image = `${HOST}/${name}`;
  return { image, imageId: `${image.replace(/(:[^/]*)?(@.*)?$/, '')}@${digest}` };
};

export interface Read {
  readonly reading: ImagesReading;
  readonly server: EcrServer;
  readonly known: KnownImages;
  of(image: ImageInUse): ImageFacts;
}

interface Options extends Partial<ReadImagesOptions>, Pick<EcrServerOptions, 'fail'> {
  readonly level?: RegistryLevel;
  readonly known?: KnownImages;
  /** The account of the credentials. @defaultValue that of the registry */
  readonly as?: string;
}

/** Asks the server of one registry about images, as the audit does. */
export async function read(
  registry: StoredRegistry,
  images: readonly ImageInUse[],
  { known = new Map(), fail, as = ACCOUNT, ...options }: Options = {},
): Promise<Read> {
  const server = await startEcrServer({
    registries: { [`${ACCOUNT}/${REGION}`]: registry },
    accountOf: () => as,
    ...(fail === undefined ? {} : { fail }),
  });
  let kept: KnownImages = new Map();
  try {
    const reading = await readImages(images, {
      level: 'metadata',
      scans: 'auto',
      now: NOW,
      openOci: async () => null,
      openEcr: async ({ accountId, region }) => {
        const settings = { region, endpoint: server.url, credentials: hubCredentials, maxAttempts: 1 };
        return {
          ecr: openEcr({ ...settings, registryId: accountId }),
          inspector: () => openInspector(settings),
          asker: {
            accountId,
            region,
            partition: 'aws',
            principalArn: `arn:aws:iam::${as}:role/Auditor`,
            ownAccountId: as,
          },
        };
      },
      memory: {
        ...NO_MEMORY,
        read: async () => known,
        write: async (all) => {
          kept = all;
        },
      },
      ...options,
    });
    return {
      reading,
      server,
      known: kept,
      of(image) {
        const facts = reading.facts.get(imageKey(image));
        if (facts === undefined) throw new Error(`${image.image} was not asked about`);
        return facts;
      },
    };
  } finally {
    await server.close();
  }
}
