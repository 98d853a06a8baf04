import { Command } from 'commander';
import { type EgressReport, reportEgress, type WorkloadEgress } from '../../audit/egress-report.ts';
import { UsageError } from '../../errors.ts';
import { jsonLine } from '../../report/rows.ts';
import { EXIT } from '../exit-code.ts';
import { type Io, lookOf, writeAll } from '../io.ts';
import { type CommonOptions, instantOf, outputOption, withCommon, withSources } from '../options.ts';
import { renderEgress } from '../render/egress.ts';
import { openTargets } from '../targets.ts';
import { readConfig } from './config.ts';

interface EgressOptions extends CommonOptions {
  readonly output: 'table' | 'json';
  readonly explain?: boolean;
  readonly allowIncomplete?: boolean;
}

/** `egress [NAMESPACE/NAME]`: what workloads may reach outside the cluster, and why. */
export function egressCommand(io: Io, finish: (code: number) => void): Command {
  const command = new Command('egress')
    .description('Show what workloads may reach outside the cluster, and with --explain why.')
    .argument('[namespace/name]', 'only this workload; NAMESPACE/ for a whole namespace')
    .addOption(outputOption(['table', 'json']))
    .option('--explain', 'the policy and rule behind every range')
    .option('--allow-incomplete', 'exit 0 where something could not be evaluated');
  return withCommon(withSources(command)).action(
    async (which: string | undefined, options: EgressOptions) => {
      const config = await readConfig(options.config);
      const opened = await openTargets(options, { now: instantOf(options.now), stdin: io.stdin, config });
      try {
        const report = await reportEgress(opened.targets, { config, wanted: wantedBy(which) });
        if (which !== undefined && report.workloads.length === 0 && report.gaps.length === 0) {
          throw new UsageError(
            `There is no workload ${which} in what was read; egress without an argument lists all.`,
          );
        }
        await writeAll(io.stdout, print(report, options, io));
        finish(exitCodeOf(report, options.allowIncomplete === true));
      } finally {
        await opened.close();
      }
    },
  );
}

function wantedBy(which: string | undefined): (workload: { namespace: string; name: string }) => boolean {
  if (which === undefined) return () => true;
  const [namespace, name, ...rest] = which.split('/');
  if (!namespace || name === undefined || rest.length > 0) {
    throw new UsageError(
      `"${which}" does not name a workload: write NAMESPACE/NAME, or NAMESPACE/ for all of a namespace.`,
    );
  }
  return (workload) => workload.namespace === namespace && (name === '' || workload.name === name);
}

function* print(report: EgressReport, options: EgressOptions, io: Io): Generator<string> {
  if (options.output === 'table') {
    yield renderEgress(report, { ...lookOf(io, options), explain: options.explain === true });
    return;
  }
  let separator = '[\n';
  for (const workload of report.workloads) {
    yield `${separator}${jsonLine(row(workload, options.explain === true))}`;
    separator = ',\n';
  }
  yield report.workloads.length === 0 ? '[]\n' : '\n]\n';
}

/** The fields of SPEC §4, and with `--explain` the rules behind each range. */
function row({ explanations, ...answer }: WorkloadEgress, explain: boolean): object {
  return explain ? { ...answer, explanations: explanations.flat() } : answer;
}

function exitCodeOf({ workloads, gaps }: EgressReport, allowIncomplete: boolean): number {
  const whole = gaps.filter(
    ({ gap }) => gap.scope === undefined && (gap.resource === null || gap.resource === 'pods'),
  );
  if (workloads.length === 0 && whole.length > 0) return EXIT.noTarget;
  const open = gaps.length > 0 || workloads.some(({ declared }) => 'unknown' in declared);
  return open && !allowIncomplete ? EXIT.incomplete : EXIT.ok;
}
