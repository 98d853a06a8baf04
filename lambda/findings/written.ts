import { formatBytes } from '../config/units.ts';
import { dayText } from '../inventory/instant.ts';

/** What the evidence of a measured layer says, as far as it can be read. */
interface Written {
  readonly bytes: number;
  readonly inodes: number;
  /** Epoch milliseconds: the start of the container. */
  readonly since: number;
  readonly sampledAt: number;
  readonly isOverBytes: boolean;
  readonly isOverInodes: boolean;
}

type Evidence = Readonly<Record<string, unknown>>;

/**
 * What was measured in a writable layer, for people: `wrote 48 MiB since 12 Nov (31 MiB since 22 Nov), smallest sibling
 * 307 KiB`. Days instead of "last week", since a row may be read weeks later.
 *
 * @returns `null` where the evidence does not hold it, as in rows of other versions
 */
export function writtenText(evidence: Evidence): string | null {
  const written = readWritten(evidence);
  if (written === null) return null;
  const since = dayText(written.since, written.sampledAt);
  return `wrote ${amountText(written)} since ${since}${growthText(evidence, written)}${siblingText(evidence, written)}`;
}

function readWritten({ bytes, inodes, since, sampledAt, limitBytes, limitInodes }: Evidence): Written | null {
  const [from, at] = [instantOf(since), instantOf(sampledAt)];
  if (typeof bytes !== 'number' || typeof inodes !== 'number' || from === null || at === null) return null;
  const isOver = (value: number, limit: unknown): boolean => typeof limit === 'number' && value > limit;
  return {
    bytes,
    inodes,
    since: from,
    sampledAt: at,
    isOverBytes: isOver(bytes, limitBytes),
    isOverInodes: isOver(inodes, limitInodes),
  };
}

/** Sizes are said in what is above its limit: 28 KiB in a thousand files look like nothing. */
const inInodes = ({ isOverBytes, isOverInodes }: Written): boolean => isOverInodes && !isOverBytes;

function amountText(written: Written): string {
  const { bytes, inodes, isOverInodes } = written;
  if (inInodes(written)) return `${inodesText(inodes)}${bytes === 0 ? '' : ` (${formatBytes(bytes)})`}`;
  return isOverInodes ? `${formatBytes(bytes)} in ${inodesText(inodes)}` : formatBytes(bytes);
}

function growthText({ grownBytes, grownInodes, grownSince }: Evidence, written: Written): string {
  const before = instantOf(grownSince);
  if (typeof grownBytes !== 'number' || typeof grownInodes !== 'number' || before === null) return '';
  const day = dayText(before, written.sampledAt);
  const bytes = grownBytes > 0 ? formatBytes(grownBytes) : null;
  const inodes = grownInodes > 0 ? inodesText(grownInodes) : null;
  const grown = inInodes(written) ? (inodes ?? bytes) : (bytes ?? inodes);
  return grown === null ? ` (no more than on ${day})` : ` (${grown} since ${day})`;
}

/** Replicas of one image differ only by what was written. */
function siblingText({ smallestBytes, smallestInodes, measured }: Evidence, written: Written): string {
  if (typeof smallestBytes !== 'number' || typeof smallestInodes !== 'number') return '';
  const least = inInodes(written) ? inodesText(smallestInodes) : formatBytes(smallestBytes);
  return measured === 2 ? `, its sibling ${least}` : `, smallest sibling ${least}`;
}

const inodesText = (inodes: number): string => `${inodes} ${inodes === 1 ? 'inode' : 'inodes'}`;

function instantOf(value: unknown): number | null {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
