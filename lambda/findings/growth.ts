import type { Finding } from './finding.ts';
import { writtenText } from './written.ts';

/** The check of what was written, whose findings grow. */
export const MEASURED_DRIFT = 'writable-layer-drifted';

/** What a layer held when it was last measured. */
export interface FormerLayer {
  /** The start of its container, RFC 3339. */
  readonly since: string;
  /** `null` in rows of versions that did not say it. */
  readonly pod: string | null;
  readonly bytes: number;
  readonly inodes: number;
  /** RFC 3339: the run that measured it. */
  readonly at: string;
  /** The first run that measured more in it than an idle layer has; `null`: not known. */
  readonly aboveBaseSince: string | null;
}

/** `null` where the row does not say it, or is about something else. */
export function layerIn({ check, evidence, lastSeen }: Finding): FormerLayer | null {
  const { since, pod, bytes, inodes, aboveBaseSince } = evidence;
  return check === MEASURED_DRIFT &&
    typeof since === 'string' &&
    typeof bytes === 'number' &&
    typeof inodes === 'number'
    ? { since, pod: textOf(pod), bytes, inodes, at: lastSeen, aboveBaseSince: textOf(aboveBaseSince) }
    : null;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/**
 * What the layer of an idle container holds at most: directories of mounts and the files that the runtime writes, as
 * measured with a real kubelet (0 to 57 kB, 5 to 17 inodes).
 */
const BASE_BYTES = 64 * 1024;
const BASE_INODES = 20;

/** Whether more was written than an idle container has. */
export const isAboveBase = ({ bytes, inodes }: Pick<FormerLayer, 'bytes' | 'inodes'>): boolean =>
  bytes > BASE_BYTES || inodes > BASE_INODES;

/** How much more it holds now, of a container that was not restarted since: another one has another layer. */
export function withGrowth(finding: Finding, before: FormerLayer | undefined): Finding {
  const now = layerIn(finding);
  if (now === null || before === undefined || !isSameLayer(now, before)) return finding;
  const evidence = {
    ...finding.evidence,
    grownBytes: now.bytes - before.bytes,
    grownInodes: now.inodes - before.inodes,
    grownSince: before.at,
    ...(before.aboveBaseSince === null ? {} : { aboveBaseSince: before.aboveBaseSince }),
  };
  return { ...finding, evidence, message: withText(finding.message, finding.evidence, evidence) };
}

/** Replicas often start in the same second. */
const isSameLayer = (a: FormerLayer, b: FormerLayer): boolean =>
  a.since === b.since && (a.pod === null || b.pod === null || a.pod === b.pod);

/** The message as it would be by other evidence. */
function withText(message: string, before: Finding['evidence'], evidence: Finding['evidence']): string {
  const [former, text] = [writtenText(before), writtenText(evidence)];
  return former === null || text === null ? message : message.replace(former, () => text);
}
