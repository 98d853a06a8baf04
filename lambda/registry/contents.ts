import * as z from 'zod';
import { ReadError } from '../errors.ts';
import { DAY } from '../inventory/durations.ts';
import {
  type ImageFacts,
  type Read,
  type RegistryLevel,
  reaches,
  type SbomFormat,
  type SbomPlace,
} from '../inventory/images.ts';
import { SBOM_LIMITS } from '../sbom/package.ts';
import { readSbom } from '../sbom/read-sbom.ts';
import { answered } from './ask.ts';
import { notThere } from './download.ts';
import type { KnownImage } from './known.ts';
import { imagesOf, MOST_IMAGES, tooManyImages } from './manifest.ts';
import type { FoundSboms, ImageRegistry, Manifest, SbomSink } from './registry.ts';
import { findSboms } from './sboms.ts';

export interface ContentsOptions {
  readonly level: RegistryLevel;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly known: { of(): Partial<KnownImage>; note(facts: Partial<KnownImage>): void };
  readonly sbomSink?: SbomSink | undefined;
  readonly explain: (error: unknown) => ReadError;
}

/** That an image has no SBOM, or none that can be searched, may change: it is looked for again after a week. */
const ABSENT_FOR_MS = 7 * DAY;

const SEARCHABLE: ReadonlySet<SbomFormat> = new Set(['spdx-json', 'cyclonedx-json']);
const isSearchable = ({ format }: SbomPlace): boolean => SEARCHABLE.has(format);

/** What only those may read who may pull the image: its SBOMs, and at the last level its configuration. */
export async function readContents(
  registry: ImageRegistry,
  digest: string,
  options: ContentsOptions,
): Promise<Pick<ImageFacts, 'sbom' | 'user'>> {
  const { level, explain, sbomSink } = options;
  const read = await answered(() => sbomsOf(registry, digest, options), explain);
  const sbom = 'value' in read ? { value: read.value.places } : read;
  if (!reaches(level, 'sbom-collect')) return { sbom };
  if (sbomSink !== undefined && 'value' in read && read.value.places.length > 0) {
    const { places, left } = read.value;
    await sbomSink.take(digest, { places, left: left?.message ?? null }, registry);
  }
  return { sbom, user: await userOf(registry, digest, options) };
}

async function sbomsOf(
  registry: ImageRegistry,
  digest: string,
  { known, now, level }: ContentsOptions,
): Promise<FoundSboms> {
  const { sboms = [], withoutSbomAt, sbomsLeft = null } = known.of();
  const isLate = withoutSbomAt === undefined || now - withoutSbomAt >= ABSENT_FOR_MS;
  const looks = isLate && (sbomsLeft !== null || !sboms.some(isSearchable));
  const { places, left } = looks ? await findSboms(registry, digest) : { places: sboms, left: sbomsLeft };
  const found = reaches(level, 'sbom-collect') ? await opened(registry, places) : places;
  // What was not looked at may be one.
  if (found.length === 0 && left !== null) throw new ReadError(left.reason, left.message, left.remedy);
  const settled = left === null && found.some(isSearchable);
  known.note({ sboms: found, sbomsLeft: left, ...(looks && !settled ? { withoutSbomAt: now } : {}) });
  return { places: found, left };
}

/** Opens what does not say what it is: it may be an SBOM, or anything else that was attested. */
async function opened(registry: ImageRegistry, places: readonly SbomPlace[]): Promise<readonly SbomPlace[]> {
  const found: SbomPlace[] = [];
  for (const place of places) {
    if (place.format !== 'unknown') {
      found.push(place);
      continue;
    }
    const { format, packages, problem } = readSbom(
      await registry.blob(place.blob.digest, { mostBytes: SBOM_LIMITS.bytes }),
    );
    if (format !== null)
      found.push({ ...place, format: format === 'cyclonedx' ? 'cyclonedx-json' : 'spdx-json' });
    else if (packages.length > 0 || problem?.kind !== 'unknown-format')
      found.push({ ...place, format: 'other' });
  }
  return found;
}

/** Configurations have the history of every layer; ten times the largest that is common. */
const MOST_CONFIG_BYTES = 1024 * 1024;

/** https://github.com/opencontainers/image-spec/blob/main/config.md: `User` is a name or a number, with a group perhaps. */
const CONFIG = z.object({ config: z.object({ User: z.string().nullish() }).nullish() });

/**
 * The user that an image runs as unless its pod says otherwise. Images of one index that differ in it leave it open.
 */
async function userOf(
  registry: ImageRegistry,
  digest: string,
  { known, explain }: ContentsOptions,
): Promise<Read<string>> {
  const { user } = known.of();
  if (user !== undefined) return { value: user };
  const read = await answered(() => usersIn(registry, digest), explain);
  if (!('value' in read)) return read;
  const [one, ...others] = [...new Set(read.value)];
  if (one === undefined || others.length > 0) {
    return {
      reason: 'field-missing',
      message: `The images of ${registry.repository}@${digest} name ${one === undefined ? 'no configuration' : 'different users'}.`,
      remedy: 'Set runAsNonRoot or runAsUser in the pod.',
    };
  }
  known.note({ user: one });
  return { value: one };
}

async function usersIn(registry: ImageRegistry, digest: string): Promise<readonly string[]> {
  const manifest = await registry.manifest(digest);
  const what = `${registry.repository}@${digest}`;
  if (manifest === null) throw notThere(what);
  const children = manifest.config ? [] : imagesOf(manifest);
  if (children.length > MOST_IMAGES) throw tooManyImages(what);
  const images: readonly Manifest[] = manifest.config
    ? [manifest]
    : (await Promise.all(children.map((child) => registry.manifest(child.digest)))).flatMap(
        (one) => one ?? [],
      );
  const users: string[] = [];
  for (const { config } of images) {
    if (config === null) continue;
    const bytes = await registry.blob(config.digest, { mostBytes: MOST_CONFIG_BYTES });
    users.push(parseUser(bytes, `${registry.repository}@${config.digest}`));
  }
  return users;
}

function parseUser(bytes: Uint8Array, what: string): string {
  try {
    return CONFIG.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).config?.User ?? '';
  } catch {
    throw new ReadError(
      'malformed-object',
      `The configuration ${what} is not that of an image.`,
      'Look at it with crane config.',
    );
  }
}
