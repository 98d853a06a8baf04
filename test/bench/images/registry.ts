import type { ImageInUse } from '../../../lambda/inventory/images.ts';
import type { StoredRegistry } from '../../support/ecr-server.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';
export const NOW = Date.parse('2026-03-01T12:00:00Z');

const IMAGES_OF_REPOSITORY = 10;
const DAY = 86_400_000;

const digestOf = (image: number): string => `sha256:${image.toString(16).padStart(64, '0')}`;
const nameOf = (repository: number): string => `team/app-${repository}`;
/** A fifth of the repositories is deployed by digest alone. */
const isPinned = (repository: number): boolean => repository % 5 === 0;

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

/** Repositories with ten images each, scanned by Inspector. */
export function storedRegistry(images: number): StoredRegistry {
  const repositories = numbers(images / IMAGES_OF_REPOSITORY);
  return {
    scanType: 'ENHANCED',
    coverage: Object.fromEntries(
      numbers(images).map((image) => [
        `${nameOf(Math.floor(image / IMAGES_OF_REPOSITORY))}@${digestOf(image)}`,
        { status: 'ACTIVE', reason: 'SUCCESSFUL', lastScannedAt: NOW - DAY },
      ]),
    ),
    repositories: Object.fromEntries(
      repositories.map((repository) => [
        nameOf(repository),
        {
          images: numbers(IMAGES_OF_REPOSITORY).map((at) => ({
            digest: digestOf(repository * IMAGES_OF_REPOSITORY + at),
            tags: [String(at)],
            pushedAt: NOW - 40 * DAY,
          })),
        },
      ]),
    ),
  };
}

/** All of them, as pods name them and nodes run them. */
export function imagesInUse(images: number): readonly ImageInUse[] {
  return numbers(images).map((image) => {
    const repository = Math.floor(image / IMAGES_OF_REPOSITORY);
    const name = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/${nameOf(repository)}`;
    const digest = `${name}@${digestOf(image)}`;
    return {
      image: isPinned(repository) ? digest : `${name}:${image % IMAGES_OF_REPOSITORY}`,
      imageId: digest,
    };
  });
}

/** What has to be asked about a repository, whoever asks. */
export interface RepositoryIds {
  readonly name: string;
  readonly digests: readonly string[];
  readonly tags: readonly string[];
}

export const idsByRepository = (images: number): readonly RepositoryIds[] =>
  numbers(images / IMAGES_OF_REPOSITORY).map((repository) => ({
    name: nameOf(repository),
    digests: numbers(IMAGES_OF_REPOSITORY).map((at) => digestOf(repository * IMAGES_OF_REPOSITORY + at)),
    tags: isPinned(repository) ? [] : numbers(IMAGES_OF_REPOSITORY).map(String),
  }));
