import type { EcrImage } from '../../connect/aws/ecr.ts';
import { type CoveredImage, type Inspector, MOST_REPOSITORIES } from '../../connect/aws/inspector.ts';
import type { ReadError } from '../../errors.ts';
import type { Read, ScanFacts, Unanswered } from '../../inventory/images.ts';
import { answered } from '../ask.ts';

/** How a registry scans; ECR names a type that this version does not know otherwise. */
export type ScanSource =
  | { readonly type: 'basic' }
  | {
      readonly type: 'inspector';
      readonly covered: (repository: string, digest: string) => Read<ScanFacts | null>;
    }
  /** Whether Inspector scans is not known. */
  | { readonly type: 'unknown'; readonly why: Unanswered };

const NONE = { state: 'NONE', completedAt: null } as const;

/** The scan of an image of one platform; of an index there is none. */
export function scanOf(
  source: ScanSource,
  { repository, digest, image }: { repository: string; digest: string; image: EcrImage | null },
): Read<ScanFacts | null> {
  const basic = image?.scan ? { value: { ...image.scan, source: 'basic' as const } } : { value: null };
  if (source.type === 'inspector') {
    const covered = source.covered(repository, digest);
    return 'value' in covered && covered.value === null ? basic : covered;
  }
  if (source.type !== 'unknown') return basic;
  return basic.value === null ? source.why : { value: { ...basic.value, unsure: source.why } };
}

/** The scan of what runs, where it is an index: which of its images that is depends on the node. */
export function scanOfIndex(
  scans: readonly Read<ScanFacts | null>[],
  { source, what }: { readonly source: ScanSource['type']; readonly what: string },
): Read<ScanFacts> {
  const open = scans.find((scan): scan is Unanswered => !('value' in scan));
  if (open !== undefined) return open;
  const known = scans.flatMap((scan) => ('value' in scan ? (scan.value ?? []) : []));
  const by = source === 'inspector' ? 'inspector' : 'basic';
  const [first] = known;
  if (first === undefined) return { value: { ...NONE, source: by } };
  if (known.length < scans.length) {
    return {
      reason: 'scan-unsettled',
      message: `Of the ${scans.length} images in the index ${what}, ${known.length} were scanned, and which of them a node runs depends on its architecture.`,
      remedy: 'Have all images of the index scanned, or leave out those that no node runs.',
    };
  }
  const unsettled = known.find(({ state }) => !SETTLED.has(state));
  const oldest = known.reduce((least, scan) =>
    (scan.completedAt ?? 0) < (least.completedAt ?? 0) ? scan : least,
  );
  return { value: unsettled ?? oldest };
}

const SETTLED: ReadonlySet<string> = new Set(['COMPLETE', 'ACTIVE']);

/** Asks Inspector which images of these repositories it covers. */
export async function readCoverage(
  inspector: Inspector,
  repositories: readonly string[],
  explain: (error: unknown) => ReadError,
): Promise<ScanSource> {
  const found = new Map<string, ScanFacts>();
  const unread = new Map<string, Unanswered>();
  for (let from = 0; from < repositories.length; from += MOST_REPOSITORIES) {
    const some = repositories.slice(from, from + MOST_REPOSITORIES);
    const covered = await answered(() => inspector.coverage(some), explain);
    if (!('value' in covered)) for (const name of some) unread.set(name, covered);
    else for (const image of covered.value) found.set(`${image.repository}@${image.digest}`, factsOf(image));
  }
  return {
    type: 'inspector',
    covered: (repository, digest) =>
      unread.get(repository) ?? { value: found.get(`${repository}@${digest}`) ?? null },
  };
}

/**
 * An active one is scanned again whenever something new is known; others have ended for their reason.
 * https://docs.aws.amazon.com/inspector/v2/APIReference/API_ScanStatus.html
 */
function factsOf({ status, reason, lastScannedAt }: CoveredImage): ScanFacts {
  const facts = { completedAt: lastScannedAt, source: 'inspector' } as const;
  if (status === 'ACTIVE' && reason === 'SUCCESSFUL') return { ...facts, state: 'ACTIVE' };
  const unscanned = UNSCANNED[reason];
  if (unscanned !== undefined) return { ...facts, state: lastScannedAt === null ? unscanned : 'COMPLETE' };
  return { ...facts, state: STATES[reason] ?? reason };
}

/** Of repositories that are scanned once or by hand, and what it means where no scan is known. */
const UNSCANNED: Readonly<Record<string, string>> = {
  SCAN_FREQUENCY_SCAN_ON_PUSH: 'PENDING',
  SCAN_FREQUENCY_MANUAL: 'NONE',
};

/** As ECR names the same. */
const STATES: Readonly<Record<string, string>> = {
  PENDING_INITIAL_SCAN: 'PENDING',
  SCAN_IN_PROGRESS: 'IN_PROGRESS',
  UNSUPPORTED_OS: 'UNSUPPORTED_IMAGE',
  UNSUPPORTED_MEDIA_TYPE: 'UNSUPPORTED_IMAGE',
  IMAGE_SIZE_EXCEEDED: 'LIMIT_EXCEEDED',
  INTERNAL_ERROR: 'FAILED',
  ACCESS_DENIED: 'FAILED',
};
