import { isDeepStrictEqual } from 'node:util';
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
  return egressExitCode(report, report.workloads.some(isOpen), options);
}

/** Whether it is not known what its pods reach: what is declared, or what of it is enforced where that matters. */
const isOpen = ({ declared, effective: { external, hosts, definite } }: WorkloadEgress): boolean =>
  'unknown' in declared || (definite !== undefined && !isDeepStrictEqual(definite, { external, hosts }));

/** The fields of SPEC §4, and with `--explain` the rules behind each name and range. */
function row({ explanations, ...answer }: WorkloadEgress, explain: boolean): object {
  return explain ? { ...answer, explanations: explanations.flat() } : answer;
}
