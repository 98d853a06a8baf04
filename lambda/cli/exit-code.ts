import { countedFindings } from '../findings/apart.ts';
import { isActive } from '../findings/identity.ts';
import type { RunResult } from '../findings/run-result.ts';
import { isAtLeast, SEVERITIES, type Severity } from '../severity.ts';

export const FAIL_ON = [...SEVERITIES, 'never'] as const;
export type FailOn = Severity | 'never';

/** SPEC §4. */
export const EXIT = { ok: 0, findings: 1, usage: 2, incomplete: 3, noTarget: 4, unwritten: 5 } as const;

export interface ExitOptions {
  readonly failOn: FailOn;
  readonly allowIncomplete: boolean;
}

/** What the run means for whoever called the command; exempt, closed and managed ones do not count. */
export function exitCode({ clusters }: RunResult, options: ExitOptions): number {
  if (clusters.every(({ outcome }) => outcome === 'failed')) return EXIT.noTarget;
  const counts = (severity: Severity): boolean =>
    options.failOn !== 'never' && isAtLeast(severity, options.failOn);
  const reached = clusters.some((result) =>
    countedFindings(result).some((finding) => isActive(finding) && counts(finding.severity)),
  );
  if (reached) return EXIT.findings;
  const incomplete = clusters.some(({ notEvaluated }) => notEvaluated.length > 0);
  return incomplete && !(options.allowIncomplete && clusters.every(isReadable)) ? EXIT.incomplete : EXIT.ok;
}

/** Whoever gives a file wants it to be looked at: that it was not is never allowed. */
const isReadable = ({ notEvaluated }: RunResult['clusters'][number]): boolean =>
  notEvaluated.every(({ reason }) => reason !== 'unreadable-file');
