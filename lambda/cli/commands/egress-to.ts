import { type Destination, parseDestination } from '../../egress/answers/destination.ts';
import { UsageError } from '../../errors.ts';
import { reportDestination } from '../../questions/destination.ts';
import { lookOf, writeAll } from '../io.ts';
import { renderDestination } from '../render/egress-to.ts';
import { checkFound, type EgressCall, egressExitCode, jsonRows } from './egress-mode.ts';

/** `egress --to 8.8.8.8:443`: who can reach a destination, and by which rules. */
export async function askDestination(
  which: string | undefined,
  destination: Destination,
  { io, options, config, targets, wanted }: EgressCall,
): Promise<number> {
  const report = await reportDestination(targets, { config, wanted, destination });
  checkFound(which, options, report);
  await writeAll(
    io.stdout,
    options.output === 'json'
      ? jsonRows(report.workloads)
      : [renderDestination(report, destination, lookOf(io, options))],
  );
  const open = report.workloads.some(({ verdict }) => verdict === 'unknown');
  return egressExitCode(report, open, options);
}

/** @throws UsageError */
export function readDestination(text: string): Destination {
  const read = parseDestination(text);
  if (typeof read !== 'string') return read;
  throw new UsageError(
    `--to takes a destination such as 8.8.8.8:443, 203.0.113.0/24:443 or api.example.com:443, not "${text}": ${read}.`,
  );
}
