import { shellWord } from '../fixes/shell.ts';
import type { Anchor } from '../report/anchor.ts';
import { unfinishedText } from '../report/digest-shortfalls.ts';
import { terminalSafe } from '../report/escape.ts';
import { PROGRAM } from '../report/own-commands.ts';
import type { RecordedRun } from '../run/record.ts';
import type { ReportOptions } from './reports.ts';

/** Where the record is, and how the reader calls this program. */
export interface ProofOptions extends Pick<ReportOptions, 'out' | 'reportBucket'> {
  readonly program?: string;
}

/**
 * What proves the end of a record later, since nothing inside a store can. A scheduled run says it in its mail; whoever
 * records a run by hand gets it as the last lines of the standard error, of which the last is the command that verifies it.
 */
function proofText(
  { run, sequence, sha256 }: Anchor,
  { out, reportBucket = '', program = PROGRAM }: ProofOptions,
): string {
  const record = sequence === null ? 'this record' : `record ${sequence}`;
  const place = shellWord(out ?? `s3://${reportBucket}`);
  return [
    `Proof of ${record}, run ${run}, to be kept outside of its store:`,
    `${program} verify --store ${place} --expect ${sha256}`,
  ]
    .map((line) => `${terminalSafe(line)}\n`)
    .join('');
}

/** What whoever records a run by hand is to know of its record: earlier runs that did not finish, then the proof. */
export function recordText(
  { anchor, context }: Pick<RecordedRun, 'anchor' | 'context'>,
  options: ProofOptions,
): string {
  const unfinished = unfinishedText(context?.unfinished ?? []);
  const proof = anchor === null ? '' : proofText(anchor, options);
  return `${unfinished === null ? '' : `${terminalSafe(unfinished)}\n`}${proof}`;
}
