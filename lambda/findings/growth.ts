import { formatBytes } from '../config/units.ts';
import type { Finding } from './finding.ts';

/** The check of what was written, whose findings grow. */
export const MEASURED_DRIFT = 'writable-layer-drifted';

/** What a layer held when it was last measured. */
export interface FormerLayer {
  /** The start of its container, RFC 3339. */
  readonly since: string;
  readonly bytes: number;
  readonly inodes: number;
  /** RFC 3339: the run that measured it. */
  readonly at: string;
}

/** `null` where the row does not say it, or is about something else. */
export function layerIn({ check, evidence, lastSeen }: Finding): FormerLayer | null {
  const { since, bytes, inodes } = evidence;
  return check === MEASURED_DRIFT &&
    typeof since === 'string' &&
    typeof bytes === 'number' &&
    typeof inodes === 'number'
    ? { since, bytes, inodes, at: lastSeen }
    : null;
}

/** How much more it holds now, of a container that was not restarted since: another one has another layer. */
export function withGrowth(finding: Finding, before: FormerLayer | undefined): Finding {
  const now = layerIn(finding);
  if (now === null || before === undefined || before.since !== now.since) return finding;
  const grownBytes = now.bytes - before.bytes;
  const grownInodes = now.inodes - before.inodes;
  const evidence = { ...finding.evidence, grownBytes, grownInodes, grownSince: before.at };
  const day = before.at.slice(0, 10);
  const grew = grownBytes > 0 || grownInodes > 0;
  const growth = grew
    ? `It grew by ${formatBytes(Math.max(0, grownBytes))} and ${Math.max(0, grownInodes)} inodes since ${day}.`
    : `It has not grown since ${day}.`;
  return { ...finding, evidence, message: `${finding.message} ${growth}` };
}
