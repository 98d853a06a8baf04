import type { Target } from '../../audit/target.ts';
import type { Config } from '../../config/config.ts';
import { UsageError } from '../../errors.ts';
import type { EgressReport } from '../../questions/report.ts';
import { asCalled, PROGRAM } from '../../report/own-commands.ts';
import { jsonLine } from '../../report/rows.ts';
import { EXIT } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { type CommonOptions, sourceFlags } from '../options.ts';
import type { Wanted } from '../workload-argument.ts';

export interface EgressOptions extends CommonOptions {
  readonly output: 'table' | 'json';
  readonly explain?: boolean;
  readonly to?: string;
  readonly with?: readonly string[];
  readonly suggest?: string;
  readonly allowIncomplete?: boolean;
}

/** What each question of `egress` is answered with. */
export interface EgressCall {
  readonly io: Io;
  readonly options: EgressOptions;
  readonly config: Config;
  readonly targets: readonly Target[];
  readonly wanted: Wanted;
}

/** One row a line, so that a long array can be read by people, too. */
export function* jsonRows(rows: Iterable<object>): Generator<string> {
  let separator = '[\n';
  for (const row of rows) {
    yield `${separator}${jsonLine(row)}`;
    separator = ',\n';
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}

interface Answered {
  readonly workloads: readonly unknown[];
  readonly gaps: EgressReport['gaps'];
}

const hidesPods = ({ resource }: EgressReport['gaps'][number]['gap']): boolean =>
  resource === null || resource === 'pods';

/** SPEC §4. @param open whether some answer is not known */
export function egressExitCode(
  { workloads, gaps }: Answered,
  open: boolean,
  { allowIncomplete = false }: Pick<EgressOptions, 'allowIncomplete'>,
): number {
  const whole = gaps.filter(({ gap }) => gap.scope === undefined && hidesPods(gap));
  if (workloads.length === 0 && whole.length > 0) return EXIT.noTarget;
  // Whoever gives a file wants it to be looked at: that it was not is never allowed.
  const accepted = allowIncomplete && gaps.every(({ gap }) => gap.reason !== 'unreadable-file');
  return (open || gaps.length > 0) && !accepted ? EXIT.incomplete : EXIT.ok;
}

/** @throws UsageError when a workload was named and is not there */
export function checkFound(
  which: string | undefined,
  options: CommonOptions,
  { workloads, gaps }: Answered,
): void {
  if (which === undefined || workloads.length > 0 || gaps.some(({ gap }) => hidesPods(gap))) return;
  throw new UsageError(
    `No workload ${which} was read; ${asCalled(`${PROGRAM} egress`, { source: sourceFlags(options) })} lists all workloads.`,
  );
}
