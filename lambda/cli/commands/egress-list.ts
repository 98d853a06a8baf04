import { reportEgress, type WorkloadEgress } from '../../questions/report.ts';
import { lookOf, writeAll } from '../io.ts';
import { renderEgress } from '../render/egress.ts';
import { checkFound, type EgressCall, egressExitCode, jsonRows } from './egress-mode.ts';

/** What workloads may reach; with `--explain` by which rules. */
export async function listEgress(which: string | undefined, call: EgressCall): Promise<number> {
  const { io, options, config, targets, wanted } = call;
  const explain = options.explain === true;
  const report = await reportEgress(targets, { config, wanted });
  checkFound(which, options, report);
  await writeAll(
    io.stdout,
    options.output === 'json'
      ? jsonRows(report.workloads.map((workload) => row(workload, explain)))
      : [renderEgress(report, { ...lookOf(io, options), explain })],
  );
  const open = report.workloads.some(({ declared }) => 'unknown' in declared);
  return egressExitCode(report, open, options);
}

/** The fields of SPEC §4, and with `--explain` the rules behind each name and range. */
function row({ explanations, ...answer }: WorkloadEgress, explain: boolean): object {
  return explain ? { ...answer, explanations: explanations.flat() } : answer;
}
