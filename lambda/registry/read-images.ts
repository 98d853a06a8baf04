import type { OciApi } from '../connect/oci/oci-api.ts';
import { ReadError } from '../errors.ts';
import { inParallel } from '../in-parallel.ts';
import type {
  ImageFacts,
  ImageInUse,
  ImagesReading,
  RegistryLevel,
  Unanswered,
} from '../inventory/images.ts';
import { unlistedRegistry } from '../inventory/unlisted-registry.ts';
import { unanswered } from './ask.ts';
import { readEcr } from './ecr/read-ecr.ts';
import type { EcrSource } from './ecr/source.ts';
import { type ImageMemory, openKnown } from './known.ts';
import { readOci, withoutAnswers } from './oci/read-oci.ts';
import { type EcrPlace, registryName } from './place.ts';
import { type Wanted, wantedImages } from './wanted.ts';

type Opened = Pick<EcrSource, 'ecr' | 'inspector' | 'asker'>;

export interface ReadImagesOptions
  extends Pick<EcrSource, 'level' | 'scans' | 'now' | 'signal' | 'sbomSink'> {
  readonly level: RegistryLevel;
  /**
   * @returns `null` for accounts of AWS, which let others pull and nothing else
   * @throws ReadError where there are no credentials to ask with
   */
  readonly openEcr: (place: EcrPlace, signal: AbortSignal | undefined) => Promise<Opened | null>;
  /** @returns `null` for a registry that the configuration does not list. @throws ReadError likewise */
  readonly openOci: (host: string, signal: AbortSignal | undefined) => Promise<OciApi | null>;
  readonly memory: ImageMemory;
}

/** Registries at once; each has its own number of calls at once. */
const REGISTRIES_AT_ONCE = 4;

/**
 * Asks the registries of images that are in use: by distinct image, and each account and region once. What cannot be
 * read is said for each image it concerns; nothing but a defect is thrown.
 */
export async function readImages(
  images: Iterable<ImageInUse>,
  { memory, ...options }: ReadImagesOptions,
): Promise<ImagesReading> {
  const wanted = wantedImages(images);
  // Also where nothing of the cluster could be read: nothing of it is stored then.
  if (wanted.length === 0) return { level: options.level, facts: new Map() };
  const known = openKnown(await memory.read(), options.now);
  const places = [...Map.groupBy(wanted, ({ placed }) => registryName(placed.place)).values()];
  const found = await inParallel(places, REGISTRIES_AT_ONCE, async (of) => {
    const place = of[0]?.placed.place;
    if (place === undefined) return [];
    try {
      if (place.kind === 'oci') {
        const api = await options.openOci(place.host, options.signal);
        return api === null
          ? unreadAll(of, unlistedRegistry(place.host), options)
          : await readOci(api, of, { ...options, known });
      }
      const opened = await options.openEcr(place, options.signal);
      if (opened === null) return unreadAll(of, ofAws(place), options);
      try {
        return await readEcr({ ...options, ...opened, known }, of);
      } finally {
        opened.ecr.close();
      }
    } catch (error) {
      if (!(error instanceof ReadError)) throw error;
      return unreadAll(of, unanswered(error), options);
    }
  });
  await memory.write(known.all());
  return { level: options.level, facts: new Map(found.flat()) };
}

type Entries = readonly (readonly [string, ImageFacts])[];

const ofAws = ({ accountId, region }: EcrPlace): Unanswered => ({
  reason: 'platform',
  message: `Account ${accountId} in ${region} is one of AWS's own, which lets others pull its images and gives no facts about them.`,
  remedy: 'Nothing: AWS maintains these images; keep the add-ons that use them up to date.',
});

function unreadAll(
  images: readonly Wanted[],
  why: Unanswered,
  { level, scans }: Pick<ReadImagesOptions, 'level' | 'scans'>,
): Entries {
  return images.map(({ key, running, placed }) => [
    key,
    {
      running,
      ...(placed.place.kind === 'oci'
        ? withoutAnswers(placed.place.host, scans)
        : { repository: why, cached: why, pushedAt: why, ...(scans === 'off' ? {} : { scan: why }) }),
      ...(placed.tag === null ? {} : { tag: why }),
      ...(level === 'metadata' ? {} : { sbom: why }),
      ...(level === 'sbom-collect' ? { user: why } : {}),
    },
  ]);
}
