import {
  type Ecr,
  type EcrImage,
  type EcrImageId,
  type EcrRepository,
  IMAGE_MISSING,
  REPOSITORY_MISSING,
} from '../../connect/aws/ecr.ts';
import { codeOf } from '../../connect/aws/errors.ts';

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html and …/API_DescribeRepositories.html */
const MOST_IDS = 100;

/**
 * The repositories of these names that exist. One that does not fails the whole call, so that the others are asked for
 * again in halves.
 */
export const describeRepositories = (ecr: Ecr, names: readonly string[]): Promise<readonly EcrRepository[]> =>
  inBatches(names, (some) => existing(some, REPOSITORY_MISSING, (half) => ecr.repositories(half)));

/**
 * The images of one repository that exist, by digest or tag; likewise.
 * @throws the error of a repository that does not exist
 */
export const describeImages = (
  ecr: Ecr,
  repository: string,
  ids: readonly EcrImageId[],
): Promise<readonly EcrImage[]> =>
  inBatches(ids, (some) => existing(some, IMAGE_MISSING, (half) => ecr.images(repository, half)));

async function inBatches<Id, T>(
  ids: readonly Id[],
  ask: (some: readonly Id[]) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const found: T[] = [];
  for (let from = 0; from < ids.length; from += MOST_IDS) {
    found.push(...(await ask(ids.slice(from, from + MOST_IDS))));
  }
  return found;
}

async function existing<Id, T>(
  ids: readonly Id[],
  missing: string,
  ask: (some: readonly Id[]) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  try {
    return await ask(ids);
  } catch (error) {
    if (codeOf(error) !== missing) throw error;
    if (ids.length === 1) return [];
    const half = Math.ceil(ids.length / 2);
    return [
      ...(await existing(ids.slice(0, half), missing, ask)),
      ...(await existing(ids.slice(half), missing, ask)),
    ];
  }
}
