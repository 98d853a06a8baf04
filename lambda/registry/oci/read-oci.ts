import type { OciApi } from '../../connect/oci/oci-api.ts';
import { shownNeither } from '../../connect/oci/refusals.ts';
import { ReadError } from '../../errors.ts';
import {
  type ImageFacts,
  type Read,
  reaches,
  type TagFacts,
  type Unanswered,
} from '../../inventory/images.ts';
import { answered, unanswered } from '../ask.ts';
import { readContents } from '../contents.ts';
import type { EcrSource } from '../ecr/source.ts';
import type { KnownNow } from '../known.ts';
import { registryName } from '../place.ts';
import { matchOf } from '../tag-match.ts';
import { noDigest, otherRepository, type Wanted } from '../wanted.ts';
import { type OciImageRegistry, ociRepository } from './oci-registry.ts';

export type OciOptions = Pick<EcrSource, 'level' | 'scans' | 'now' | 'sbomSink'> & {
  readonly known: KnownNow;
};

/** What the API of registries has no answer to; ECR has by its own. */
const notTold = (host: string): Unanswered => ({
  reason: 'platform',
  message: `The registry ${host} does not say when images were pushed, whether tags can be overwritten, or what was scanned: its API has no such answer.`,
  remedy: 'Copy the image to ECR, for instance by a pull-through cache, where this matters.',
});

/** Asks any registry by the OCI API about its images, one after the other: their number is limited. */
export async function readOci(
  api: OciApi,
  images: readonly Wanted[],
  options: OciOptions,
): Promise<readonly (readonly [string, ImageFacts])[]> {
  const registries = new Map<string, OciImageRegistry>();
  const contents = new Map<string, ReturnType<typeof readContents>>();
  const found: (readonly [string, ImageFacts])[] = [];
  for (const wanted of images) {
    const { repository } = wanted.placed;
    const registry = registries.get(repository) ?? ociRepository(api, repository);
    registries.set(repository, registry);
    found.push([wanted.key, await factsOf(registry, wanted, { ...options, host: api.host, contents })]);
  }
  return found;
}

interface Reading extends OciOptions {
  readonly host: string;
  /** By repository and digest: each is asked for once. */
  readonly contents: Map<string, ReturnType<typeof readContents>>;
}

async function factsOf(registry: OciImageRegistry, wanted: Wanted, reading: Reading): Promise<ImageFacts> {
  const { tag } = wanted.placed;
  const told = tag === null ? undefined : await tagFacts(registry, wanted, { tag, host: reading.host });
  return {
    running: wanted.running,
    ...withoutAnswers(reading.host, reading.scans),
    ...(told === undefined ? {} : { tag: told }),
    ...(await contentsOf(registry, wanted, { reading, tag: told })),
  };
}

/** What no registry of this kind answers, whether it is listed or not. */
export function withoutAnswers(
  host: string,
  scans: OciOptions['scans'],
): Pick<ImageFacts, 'repository' | 'cached' | 'pushedAt' | 'scan'> {
  const why = notTold(host);
  return {
    repository: why,
    cached: { value: false },
    pushedAt: why,
    ...(scans === 'off' ? {} : { scan: why }),
  };
}

async function tagFacts(
  registry: OciImageRegistry,
  wanted: Wanted,
  { tag, host }: { readonly tag: string; readonly host: string },
): Promise<Read<TagFacts>> {
  const { running } = wanted;
  const tagged = await answered(() => registry.head(tag), explain(host));
  if (!('value' in tagged)) return tagged;
  if (running.form === 'none') return noDigest(wanted);
  if (tagged.value === null) return goneFacts(registry, wanted, { tag, host });
  const differs = running.form === 'repo-digest' && tagged.value.digest !== running.digest;
  // Its kind alone, which costs nothing where only manifests that are read count.
  const own = differs ? await answered(() => registry.head(running.digest), explain(host)) : null;
  if (own !== null && !('value' in own)) return own;
  return matchOf(tagged.value, running, {
    runningType: own?.value?.mediaType ?? null,
    manifest: (digest) => answered(() => registry.manifest(digest), explain(host)),
    elsewhere: otherRepository(wanted),
  });
}

/** A tag is gone where the registry shows what runs, and so that the repository is not hidden from whoever asks. */
async function goneFacts(
  registry: OciImageRegistry,
  wanted: Wanted,
  { tag, host }: { readonly tag: string; readonly host: string },
): Promise<Read<TagFacts>> {
  const { placed, running } = wanted;
  if (running.form !== 'repo-digest') return noDigest(wanted);
  const own = await answered(() => registry.head(running.digest), explain(host));
  if (!('value' in own)) return own;
  return own.value === null
    ? unanswered(shownNeither({ host, repository: placed.repository }, tag))
    : { value: { digest: null, match: 'gone' } };
}

async function contentsOf(
  registry: OciImageRegistry,
  wanted: Wanted,
  { reading, tag }: { readonly reading: Reading; readonly tag: Read<TagFacts> | undefined },
): Promise<Pick<ImageFacts, 'sbom' | 'user'>> {
  const { level, contents, host, known, now, sbomSink } = reading;
  if (!reaches(level, 'sbom-presence')) return {};
  const digest =
    tag !== undefined && 'value' in tag && tag.value.match === 'config' ? tag.value.digest : wanted.digest;
  if (digest === null) {
    const why = noDigest(wanted);
    return { sbom: why, ...(reaches(level, 'sbom-collect') ? { user: why } : {}) };
  }
  const name = `${registryName({ kind: 'oci', host })}/${wanted.placed.repository}`;
  const key = `${name}@${digest}`;
  const read =
    contents.get(key) ??
    readContents(registry, digest, {
      level,
      now,
      sbomSink,
      known: { of: () => known.of(name, digest), note: (facts) => known.note(name, digest, facts) },
      explain: explain(host),
    });
  contents.set(key, read);
  return read;
}

const explain =
  (host: string) =>
  (error: unknown): ReadError =>
    new ReadError(
      'server-error',
      `The registry ${host} could not be asked (${String(error).slice(0, 200)}).`,
      'Run again later.',
      error,
    );
