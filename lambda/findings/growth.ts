import type { Finding } from './finding.ts';
import { writtenText } from './written.ts';

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
  return { ...finding, evidence, message: withText(finding.message, finding.evidence, evidence) };
}

/** The message as it would be by other evidence. */
function withText(message: string, before: Finding['evidence'], evidence: Finding['evidence']): string {
  const [former, text] = [writtenText(before), writtenText(evidence)];
  return former === null || text === null ? message : message.replace(former, () => text);
}
