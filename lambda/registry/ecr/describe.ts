import {
  type Ecr,
  type EcrImage,
  type EcrImageId,
  type EcrRepository,
  IMAGE_MISSING,
  REPOSITORY_MISSING,
} from '../../connect/aws/ecr.ts';
import { codeOf, isDenied } from '../../connect/aws/errors.ts';

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html and …/API_DescribeRepositories.html */
const MOST_IDS = 100;

/** What was heard of repositories; of one that is in neither there is none. */
export interface DescribedRepositories {
  readonly found: ReadonlyMap<string, EcrRepository>;
  /** The error by name. */
  readonly unread: ReadonlyMap<string, unknown>;
}

/** Calls more than batches, where one repository of many is denied. Where all are, it is these that are in vain. */
const MOST_HALVINGS = 40;

/**
 * The repositories of these names. One that does not exist or may not be described fails the whole call, so that the
 * others are asked for again in halves.
 */
export async function describeRepositories(
  ecr: Ecr,
  names: readonly string[],
): Promise<DescribedRepositories> {
  const found = new Map<string, EcrRepository>();
  const unread = new Map<string, unknown>();
  let halvings = 0;
  const ask = async (some: readonly string[]): Promise<void> => {
    try {
      const all = await existing(some, REPOSITORY_MISSING, (half) => ecr.repositories(half));
      for (const one of all) found.set(one.name, one);
    } catch (error) {
      if (isDenied(error) && some.length > 1 && halvings < MOST_HALVINGS) {
        halvings += 2;
        const half = Math.ceil(some.length / 2);
        await ask(some.slice(0, half));
        await ask(some.slice(half));
      } else for (const name of some) unread.set(name, error);
    }
  };
  for (let from = 0; from < names.length; from += MOST_IDS) await ask(names.slice(from, from + MOST_IDS));
  return { found, unread };
}

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
