import type { Target } from '../../audit/target.ts';
import type { Config } from '../../config/config.ts';
import { UsageError } from '../../errors.ts';
import type { WorkloadRef } from '../../inventory/names.ts';
import type { EgressReport } from '../../questions/report.ts';
import { jsonLine } from '../../report/rows.ts';
import { EXIT } from '../exit-code.ts';
import type { Io } from '../io.ts';
import type { CommonOptions } from '../options.ts';

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
  readonly wanted: (workload: WorkloadRef) => boolean;
}

/** `NAMESPACE/NAME`, `NAMESPACE/KIND/NAME`, or `NAMESPACE/` for a whole namespace; nothing for all. */
export function wantedBy(which: string | undefined): (workload: WorkloadRef) => boolean {
  if (which === undefined) return () => true;
  const parts = which.split('/');
  const [namespace = '', first = '', second] = parts;
  if (namespace === '' || parts.length < 2 || parts.length > 3 || second === '' || (second && !first)) {
    throw new UsageError(
      `"${which}" does not name a workload: write NAMESPACE/NAME, NAMESPACE/KIND/NAME, or NAMESPACE/ for all of a namespace.`,
    );
  }
  return (workload) =>
    workload.namespace === namespace &&
    (second === undefined
      ? first === '' || workload.name === first
      : workload.kind === first && workload.name === second);
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

/** SPEC §4. @param open whether some answer is not known */
export function egressExitCode(
  { workloads, gaps }: { readonly workloads: readonly unknown[]; readonly gaps: EgressReport['gaps'] },
  open: boolean,
  { allowIncomplete = false }: Pick<EgressOptions, 'allowIncomplete'>,
): number {
  const whole = gaps.filter(
    ({ gap }) => gap.scope === undefined && (gap.resource === null || gap.resource === 'pods'),
  );
  if (workloads.length === 0 && whole.length > 0) return EXIT.noTarget;
  return (open || gaps.length > 0) && !allowIncomplete ? EXIT.incomplete : EXIT.ok;
}

/** @throws UsageError when a workload was named and is not there */
export function checkFound(
  which: string | undefined,
  { workloads, gaps }: { readonly workloads: readonly unknown[]; readonly gaps: readonly unknown[] },
): void {
  if (which === undefined || workloads.length > 0 || gaps.length > 0) return;
  throw new UsageError(`No workload ${which} was read; egress without an argument lists all workloads.`);
}
