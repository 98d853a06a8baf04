import * as z from 'zod';
import { DAY } from '../inventory/durations.ts';
import { GAP_REASONS } from '../inventory/gap.ts';
import type { SbomPlace, Unanswered } from '../inventory/images.ts';

/**
 * What does not change of an image with its digest, kept from run to run (`state/images/`). Tags, scans and the absence of
 * SBOMs do, and are asked for again.
 */
export interface KnownImage {
  /** Epoch milliseconds. */
  readonly pushedAt?: number;
  readonly mediaType?: string;
  /** The user of its configuration. */
  readonly user?: string;
  /** Where its SBOMs are, if there are any. */
  readonly sboms?: readonly SbomPlace[];
  /** Why there may be others; `null`: all places were looked at. */
  readonly sbomsLeft?: Unanswered | null;
  /** When it was found to have none, none that can be searched, or not all of them, epoch milliseconds. */
  readonly withoutSbomAt?: number;
  /** The last run that had it, epoch milliseconds. */
  readonly seenAt: number;
}

/** By `REPOSITORY@DIGEST`. */
export type KnownImages = ReadonlyMap<string, KnownImage>;

/** Where facts are kept between runs. What it does not have is asked for again, and what it cannot keep too. */
export interface ImageMemory {
  read(): Promise<KnownImages>;
  write(known: KnownImages): Promise<void>;
}

export const NO_MEMORY: ImageMemory = { read: async () => new Map(), write: async () => {} };

const PLACE = z.object({
  format: z.enum(['spdx-json', 'cyclonedx-json', 'other', 'unknown']),
  via: z.enum(['referrer', 'buildkit', 'tag', 'cosign-tag']),
  subject: z.string(),
  manifest: z.string(),
  blob: z.object({ digest: z.string(), mediaType: z.string(), size: z.number() }),
});

const KNOWN = z.object({
  version: z.literal(1),
  images: z.record(
    z.string(),
    z.object({
      pushedAt: z.number().optional(),
      mediaType: z.string().optional(),
      user: z.string().optional(),
      sboms: z.array(PLACE).optional(),
      sbomsLeft: z.object({ reason: z.enum(GAP_REASONS), message: z.string(), remedy: z.string() }).nullish(),
      withoutSbomAt: z.number().optional(),
      seenAt: z.number(),
    }),
  ),
});

/** @returns nothing for what is of another version, or none of these */
export function parseKnown(text: string): KnownImages {
  try {
    const { images } = KNOWN.parse(JSON.parse(text));
    return new Map(Object.entries(images)) as KnownImages;
  } catch {
    return new Map();
  }
}

export const printKnown = (known: KnownImages): string =>
  JSON.stringify({ version: 1, images: Object.fromEntries(known) });

/** What is known while a run goes on. */
export interface KnownNow {
  of(repository: string, digest: string): Partial<KnownImage>;
  note(repository: string, digest: string, facts: Partial<KnownImage>): void;
  /** All that is to be kept: what no run has had for {@link KEPT_FOR_MS} is forgotten. */
  all(): KnownImages;
}

/** Longer than any pause between runs; images come and go. */
const KEPT_FOR_MS = 60 * DAY;

/** @param now epoch milliseconds */
export function openKnown(before: KnownImages, now: number): KnownNow {
  const known = new Map(before);
  return {
    of(repository, digest) {
      const key = `${repository}@${digest}`;
      const found = known.get(key);
      if (found === undefined) return {};
      if (found.seenAt !== now) known.set(key, { ...found, seenAt: now });
      return found;
    },
    note(repository, digest, facts) {
      const key = `${repository}@${digest}`;
      known.set(key, { ...known.get(key), ...facts, seenAt: now });
    },
    all: () => new Map([...known].filter(([, { seenAt }]) => now - seenAt < KEPT_FOR_MS)),
  };
}
