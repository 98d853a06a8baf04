import { type EcrRepository, REPOSITORY_MISSING } from '../../connect/aws/ecr.ts';
import { codeOf } from '../../connect/aws/errors.ts';
import { inParallel } from '../../in-parallel.ts';
import type { ImageFacts, Read, Unanswered } from '../../inventory/images.ts';
import { type Asker, answered, refusal, unanswered } from '../ask.ts';
import { byRepository, type RepositoryQuestion, type Wanted } from '../wanted.ts';
import { type DescribedRepositories, describeImages, describeRepositories } from './describe.ts';
import { repositoryReading } from './read-repository.ts';
import { readCoverage, type ScanSource } from './scans.ts';
import { type Described, type EcrSource, nameOf, type RegistryFacts } from './source.ts';

/** No rate is published for these calls; the SDK waits and repeats where AWS throttles. */
const AT_ONCE = 4;

/** Asks ECR about images of one account and region: each distinct image once, repositories and rules in few calls. */
export async function readEcr(
  source: EcrSource,
  images: readonly Wanted[],
): Promise<readonly (readonly [string, ImageFacts])[]> {
  const questions = byRepository(images);
  const registry = await registryFacts(source, questions);
  const found = await inParallel(questions, AT_ONCE, async (question) => {
    const described = await describe(source, registry, question);
    return repositoryReading(source, { registry, question, described });
  });
  return found.flat();
}

async function registryFacts(
  source: EcrSource,
  questions: readonly RepositoryQuestion[],
): Promise<RegistryFacts> {
  const { ecr, asker, signal } = source;
  const names = questions.map(({ name }) => name);
  signal?.throwIfAborted();
  const [repositories, cachePrefixes, scanning] = await Promise.all([
    describeRepositories(ecr, names),
    answered(
      () => ecr.cachePrefixes(),
      (error) => refusal(error, asker, { action: 'ecr:DescribePullThroughCacheRules', repository: null }),
    ),
    readScanning(source, names),
  ]);
  return { repository: (name) => repositoryIn(repositories, name, asker), cachePrefixes, scanning };
}

function repositoryIn(
  { found, unread }: DescribedRepositories,
  name: string,
  asker: Asker,
): Read<EcrRepository | null> {
  return unread.has(name)
    ? unanswered(refusal(unread.get(name), asker, { action: 'ecr:DescribeRepositories', repository: name }))
    : { value: found.get(name) ?? null };
}

async function readScanning(
  { ecr, inspector, asker, scans }: EcrSource,
  names: readonly string[],
): Promise<ScanSource> {
  if (scans === 'off') return { type: 'basic' };
  if (asker.ownAccountId !== asker.accountId) return { type: 'unknown', why: otherAccount(asker) };
  const type = await answered(
    () => ecr.scanType(),
    (error) => refusal(error, asker, { action: 'ecr:GetRegistryScanningConfiguration', repository: null }),
  );
  if (!('value' in type)) return { type: 'unknown', why: type };
  if (type.value === 'BASIC') return { type: 'basic' };
  if (type.value === 'ENHANCED') {
    return readCoverage(inspector(), names, (error) =>
      refusal(error, asker, { action: 'inspector2:ListCoverage', repository: null }),
    );
  }
  return { type: 'unknown', why: unknownType(asker, type.value) };
}

/** GetRegistryScanningConfiguration takes no other registry than the caller's own. */
const otherAccount = ({ accountId, region, principalArn }: Asker): Unanswered => ({
  reason: 'forbidden',
  message: `How account ${accountId} scans images in ${region} is not known: ${principalArn}, of another account, cannot ask.`,
  remedy: `List account ${accountId} under accounts and deploy its member stack.`,
});

const unknownType = ({ accountId, region }: Asker, type: string | null): Unanswered => ({
  reason: 'server-error',
  message: `Account ${accountId} scans images in ${region} in a way that this version does not know (${String(type).slice(0, 40)}).`,
  remedy: 'Look for a newer version of eks-drift-auditor.',
});

/** One call for each repository, or none where all that is asked is known and cannot change. */
async function describe(
  { ecr, asker, known, signal, scans }: EcrSource,
  { scanning }: RegistryFacts,
  { name, digests, tags }: RepositoryQuestion,
): Promise<Described> {
  const isSettled = (digest: string): boolean =>
    known.of(nameOf(asker, name), digest).pushedAt !== undefined &&
    known.of(nameOf(asker, name), digest).mediaType !== undefined &&
    (scans === 'off' || scanning.type === 'inspector');
  const ids = [
    ...[...digests].filter((digest) => !isSettled(digest)).map((imageDigest) => ({ imageDigest })),
    ...[...tags].map((imageTag) => ({ imageTag })),
  ];
  try {
    signal?.throwIfAborted();
    return { images: await describeImages(ecr, name, ids) };
  } catch (error) {
    if (codeOf(error) === REPOSITORY_MISSING) return { missing: true };
    return { unread: unanswered(refusal(error, asker, { action: 'ecr:DescribeImages', repository: name })) };
  }
}
