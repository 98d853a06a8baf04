import type { EcrImage } from '../../connect/aws/ecr.ts';
import type {
  ImageFacts,
  Read,
  RepositoryFacts,
  ScanFacts,
  TagFacts,
  Unanswered,
} from '../../inventory/images.ts';
import { reaches } from '../../inventory/images.ts';
import { answered, refusal, unanswered } from '../ask.ts';
import { readContents } from '../contents.ts';
import { notThere } from '../download.ts';
import { imagesOf, isIndex, MOST_IMAGES, tooManyImages } from '../manifest.ts';
import type { Manifest } from '../registry.ts';
import { matchOf } from '../tag-match.ts';
import { noDigest, otherRepository, type RepositoryQuestion, type Wanted } from '../wanted.ts';
import { isCached } from './caches.ts';
import { describeImages } from './describe.ts';
import { type EcrImageRegistry, ecrRepository } from './ecr-registry.ts';
import { mutabilityOf } from './mutability.ts';
import { scanOf, scanOfIndex } from './scans.ts';
import { type Described, type EcrSource, nameOf, type RegistryFacts, readsManifests } from './source.ts';

interface Repository {
  readonly source: EcrSource;
  readonly registry: RegistryFacts;
  readonly name: string;
  readonly described: Described;
  /** By digest; more are added when the images of an index are asked for. */
  readonly images: Map<string, EcrImage>;
  /** Images of an index that could not be asked for, and why. */
  readonly unread: Map<string, Unanswered>;
  readonly tagged: ReadonlyMap<string, EcrImage>;
  readonly pull: EcrImageRegistry;
  /** By digest: `null` where it is not there, or its reason. */
  readonly manifest: (digest: string) => Promise<Read<Manifest | null>>;
}

/** What is known of the images of one repository. */
export async function repositoryReading(
  source: EcrSource,
  {
    registry,
    question,
    described,
  }: { registry: RegistryFacts; question: RepositoryQuestion; described: Described },
): Promise<readonly (readonly [string, ImageFacts])[]> {
  const repository = openRepository(source, { registry, question, described });
  const { images } = repository;
  for (const { digest, pushedAt, mediaType } of images.values()) {
    if (question.digests.has(digest) && pushedAt !== null && mediaType !== null) {
      source.known.note(nameOf(source.asker, question.name), digest, { pushedAt, mediaType });
    }
  }
  if (readsManifests(source)) await prefetch(repository, question);
  await describeChildren(repository, question);
  const contents = new Map<string, ReturnType<typeof readContents>>();
  const facts: (readonly [string, ImageFacts])[] = [];
  for (const wanted of question.images) facts.push([wanted.key, await factsOf(repository, wanted, contents)]);
  return facts;
}

function openRepository(
  source: EcrSource,
  {
    registry,
    question,
    described,
  }: { registry: RegistryFacts; question: RepositoryQuestion; described: Described },
): Repository {
  const { ecr, asker, signal } = source;
  const { name } = question;
  const found = 'images' in described ? described.images : [];
  const host = question.images[0]?.image.split('/')[0] ?? '';
  const pull = ecrRepository({
    ecr,
    asker,
    name,
    repository: `${host}/${name}`,
    signal,
  });
  return {
    source,
    registry,
    name,
    described,
    images: new Map(found.map((image) => [image.digest, image])),
    unread: new Map(),
    tagged: new Map(found.flatMap((image) => image.tags.map((tag) => [tag, image] as const))),
    pull,
    manifest: async (digest) =>
      readsManifests(source)
        ? answered(
            () => pull.manifest(digest),
            (error) => refusal(error, asker, { action: 'ecr:BatchGetImage', repository: name }),
          )
        : NO_MANIFESTS,
  };
}

const NO_MANIFESTS: Unanswered = {
  reason: 'registry-not-read',
  message: 'Which images an index contains is not read at the level images.registry: metadata.',
  remedy: 'Set images.registry: sbom-presence, which may pull images, and deploy again.',
};

const typeOf = ({ source, name, images }: Repository, digest: string): string | null =>
  images.get(digest)?.mediaType ?? source.known.of(nameOf(source.asker, name), digest).mediaType ?? null;

const isIndexDigest = (repository: Repository, digest: string): boolean =>
  isIndex(typeOf(repository, digest) ?? '');

/** In one call what would be asked for one by one. */
async function prefetch(repository: Repository, { images }: RepositoryQuestion): Promise<void> {
  const { tagged, pull } = repository;
  const wanted = images.flatMap(({ digest, placed, running }) => {
    const tag = placed.tag === null ? undefined : tagged.get(placed.tag)?.digest;
    const differs = tag !== undefined && tag !== digest;
    return [
      ...(digest !== null && isIndexDigest(repository, digest) ? [digest] : []),
      ...(differs && (running.form === 'config-id' || isIndexDigest(repository, tag)) ? [tag] : []),
    ];
  });
  await pull.prefetch([...new Set(wanted)]);
}

/** Scans are those of the images of an index: basic scanning knows no index. */
async function describeChildren(repository: Repository, { digests }: RepositoryQuestion): Promise<void> {
  const { source, name, images, unread, registry, manifest } = repository;
  if (source.scans === 'off' || registry.scanning.type === 'inspector' || !readsManifests(source)) return;
  const children: string[] = [];
  for (const digest of digests) {
    if (!isIndexDigest(repository, digest) || images.get(digest)?.scan) continue;
    const index = await manifest(digest);
    const inside = 'value' in index && index.value ? imagesOf(index.value) : [];
    if (inside.length <= MOST_IMAGES) children.push(...inside.map((one) => one.digest));
  }
  const wanted = [...new Set(children)].filter((digest) => !images.has(digest));
  if (wanted.length === 0) return;
  const found = await answered(
    () =>
      describeImages(
        source.ecr,
        name,
        wanted.map((imageDigest) => ({ imageDigest })),
      ),
    (error) => refusal(error, source.asker, { action: 'ecr:DescribeImages', repository: name }),
  );
  if ('value' in found) for (const image of found.value) images.set(image.digest, image);
  else for (const digest of wanted) unread.set(digest, found);
}

async function factsOf(
  repository: Repository,
  wanted: Wanted,
  contents: Map<string, ReturnType<typeof readContents>>,
): Promise<ImageFacts> {
  const { source } = repository;
  const tag = wanted.placed.tag === null ? undefined : await tagFacts(repository, wanted, wanted.placed.tag);
  const running = runningDigest(wanted, tag);
  const scan = source.scans === 'off' ? undefined : await scanFacts(repository, wanted, running);
  return {
    running: wanted.running,
    repository: repositoryFacts(repository, wanted),
    cached: cachedFact(repository),
    ...(tag === undefined ? {} : { tag }),
    pushedAt: pushedAt(repository, wanted, running),
    ...(scan === undefined ? {} : { scan }),
    ...(await contentsOf(repository, wanted, { running, contents })),
  };
}

/** A configuration that is the tag's says which image runs. */
const runningDigest = ({ digest, running }: Wanted, tag: Read<TagFacts> | undefined): string | null =>
  running.form === 'config-id' && tag !== undefined && 'value' in tag && tag.value.match === 'config'
    ? tag.value.digest
    : digest;

function repositoryFacts(
  { registry, name, source }: Repository,
  { placed, image }: Wanted,
): Read<RepositoryFacts> {
  const read = registry.repository(name);
  if (!('value' in read)) return read;
  const found = read.value;
  if (found === null)
    return unanswered(notThere(`the repository of ${image} in account ${source.asker.accountId}`));
  return {
    value: {
      tags: placed.tag === null ? 'unknown' : mutabilityOf(found, placed.tag),
      setting: found.mutability,
    },
  };
}

function cachedFact({ registry: { cachePrefixes }, name }: Repository): Read<boolean> {
  return 'value' in cachePrefixes ? { value: isCached(name, cachePrefixes.value) } : cachePrefixes;
}

async function tagFacts(repository: Repository, wanted: Wanted, tag: string): Promise<Read<TagFacts>> {
  const { described, tagged, registry, name, manifest } = repository;
  if ('unread' in described) return described.unread;
  const found = tagged.get(tag);
  if (found === undefined) {
    const { cachePrefixes } = registry;
    if (!('value' in cachePrefixes)) return cachePrefixes;
    return isCached(name, cachePrefixes.value)
      ? notInCache(wanted)
      : { value: { digest: null, match: 'gone' } };
  }
  const { running } = wanted;
  if (running.form === 'none') return noDigest(wanted);
  return matchOf(found, running, {
    runningType: typeOf(repository, running.digest),
    manifest,
    elsewhere: otherRepository(wanted),
  });
}

/** The next start fetches it from upstream. */
const notInCache = ({ image }: Wanted): Unanswered => ({
  reason: 'cache-time-only',
  message: `The pull-through cache does not have the tag of ${image}; what it points at upstream is not read.`,
  remedy: 'Name the image by digest.',
});

function pushedAt(repository: Repository, wanted: Wanted, digest: string | null): Read<number> {
  const { source, name, images, described } = repository;
  if (digest === null) return noDigest(wanted);
  const found = images.get(digest)?.pushedAt ?? source.known.of(nameOf(source.asker, name), digest).pushedAt;
  if (typeof found === 'number') return { value: found };
  if ('unread' in described) return described.unread;
  if (!images.has(digest)) return unanswered(notThere(`${wanted.placed.repository}@${digest}`));
  return {
    reason: 'field-missing',
    message: `ECR does not say when ${wanted.placed.repository}@${digest} was pushed.`,
    remedy: 'Look at it with aws ecr describe-images.',
  };
}

async function scanFacts(
  repository: Repository,
  wanted: Wanted,
  digest: string | null,
): Promise<Read<ScanFacts>> {
  const { images, unread, described, registry, name, manifest, source } = repository;
  const { scanning } = registry;
  if (digest === null) return noDigest(wanted);
  if ('unread' in described) return described.unread;
  const known = source.known.of(nameOf(source.asker, name), digest).pushedAt !== undefined;
  if (!images.has(digest) && !(known && scanning.type === 'inspector')) {
    return unanswered(notThere(`${wanted.placed.repository}@${digest}`));
  }
  const of = (one: string) =>
    unread.get(one) ?? scanOf(scanning, { repository: name, digest: one, image: images.get(one) ?? null });
  const own = of(digest);
  const by = scanning.type === 'inspector' ? 'inspector' : 'basic';
  if (!('value' in own)) return own;
  if (own.value !== null) return { value: own.value };
  if (!isIndexDigest(repository, digest)) return { value: { state: 'NONE', completedAt: null, source: by } };
  const index = await manifest(digest);
  if (!('value' in index)) return index;
  const what = `${wanted.placed.repository}@${digest}`;
  // It was there a moment ago.
  if (index.value === null) return unanswered(notThere(what));
  const children = imagesOf(index.value);
  if (children.length > MOST_IMAGES) return unanswered(tooManyImages(what));
  return scanOfIndex(
    children.map((child) => of(child.digest)),
    { source: scanning.type, what },
  );
}

async function contentsOf(
  { source, name, pull }: Repository,
  wanted: Wanted,
  { running, contents }: { running: string | null; contents: Map<string, ReturnType<typeof readContents>> },
): Promise<Pick<ImageFacts, 'sbom' | 'user'>> {
  const { level, known, now, asker, sbomSink } = source;
  if (!readsManifests(source)) return {};
  if (running === null) {
    const why = noDigest(wanted);
    return { sbom: why, ...(reaches(level, 'sbom-collect') && { user: why }) };
  }
  const read =
    contents.get(running) ??
    readContents(pull, running, {
      level,
      now,
      sbomSink,
      known: {
        of: () => known.of(nameOf(asker, name), running),
        note: (facts) => known.note(nameOf(asker, name), running, facts),
      },
      explain: (error) => refusal(error, asker, { action: 'ecr:BatchGetImage', repository: name }),
    });
  contents.set(running, read);
  return read;
}
