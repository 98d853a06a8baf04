import { countedFindings } from '../findings/apart.ts';
import { isNews } from '../findings/changed.ts';
import { isCompared } from '../findings/coverage.ts';
import { isActive } from '../findings/identity.ts';
import type { ClusterResult, RunResult } from '../findings/run-result.ts';
import { isAtLeast, SEVERITIES, type Severity } from '../severity.ts';

export const FAIL_ON = [
  ...SEVERITIES,
  'new-critical',
  'new-high',
  'new-medium',
  'new-low',
  'never',
] as const satisfies readonly (Severity | `new-${Severity}` | 'never')[];
export type FailOn = (typeof FAIL_ON)[number];

/** SPEC §4. */
export const EXIT = { ok: 0, findings: 1, usage: 2, incomplete: 3, noTarget: 4, unwritten: 5 } as const;

export interface ExitOptions {
  readonly failOn: FailOn;
  readonly allowIncomplete: boolean;
}

/** What the run means for whoever called the command; exempt, closed and managed ones do not count. */
export function exitCode(run: RunResult, { failOn, allowIncomplete }: ExitOptions): number {
  const { clusters } = run;
  if (clusters.every(({ outcome }) => outcome === 'failed')) return EXIT.noTarget;
  if (reachedFindings(run, failOn) > 0) return EXIT.findings;
  const incomplete = clusters.some(({ notEvaluated }) => notEvaluated.length > 0);
  return incomplete && !(allowIncomplete && clusters.every(isReadable)) ? EXIT.incomplete : EXIT.ok;
}

/** Whoever gives a file wants it to be looked at: that it was not is never allowed. */
const isReadable = ({ notEvaluated }: ClusterResult): boolean =>
  notEvaluated.every(({ reason }) => reason !== 'unreadable-file');

/** How many findings are as severe as `--fail-on` asks, of those that count. */
export function reachedFindings({ clusters }: RunResult, failOn: FailOn): number {
  const asked = levelOf(failOn);
  if (asked === null) return 0;
  const reached = clusters.map((result) => {
    // Where the last run could not be read, any finding may be a new one, and counts as such.
    const compared = isCompared(result);
    const onlyNew = asked.onlyNew && compared;
    return (compared ? countedFindings(result) : result.findings).filter(
      (finding) =>
        isAtLeast(finding.severity, asked.severity) && (onlyNew ? isNews(finding) : isActive(finding)),
    ).length;
  });
  return reached.reduce((sum, each) => sum + each, 0);
}

/** What `--fail-on` asks for; `null`: nothing. */
export function levelOf(failOn: FailOn): { readonly severity: Severity; readonly onlyNew: boolean } | null {
  const severity = SEVERITIES.find((one) => failOn === one || failOn === `new-${one}`);
  return severity === undefined ? null : { severity, onlyNew: failOn !== severity };
}
