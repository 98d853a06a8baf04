import { collectObjects } from '../../collect/collect-objects.ts';
import { NO_OBSERVER } from '../../collect/observe.ts';
import { readSnapshot } from '../../collect/snapshot/read.ts';
import { UsageError } from '../../errors.ts';
import type { PolicyObject } from '../../inventory/policy-object.ts';
import { reportChange } from '../../questions/change.ts';
import { terminalSafe } from '../../report/escape.ts';
import { count } from '../../report/words.ts';
import { type Io, lookOf, writeAll } from '../io.ts';
import { renderChange } from '../render/egress-with.ts';
import { checkFound, type EgressCall, egressExitCode, jsonRows } from './egress-mode.ts';

/** `egress --with FILE`: what would change if these policies were applied. */
export async function askChange(
  which: string | undefined,
  applied: readonly PolicyObject[],
  { io, options, config, targets, wanted }: EgressCall,
): Promise<number> {
  const report = await reportChange(targets, { config, wanted, applied });
  checkFound(which, options, report);
  await writeAll(
    io.stdout,
    options.output === 'json' ? jsonRows(report.workloads) : [renderChange(report, lookOf(io, options))],
  );
  const open = report.workloads.some(({ changed }) => changed === null);
  return egressExitCode(report, open, options);
}

/**
 * Reads policies of any kind from files, folders or standard input (`-`); what else is in them is left out,
 * and said.
 *
 * @throws UsageError when something in them cannot be read, since half a policy set has another meaning
 */
export async function readPolicyFiles(
  paths: readonly string[],
  { stdin, stderr }: Io,
): Promise<readonly PolicyObject[]> {
  const source = await readSnapshot(paths, { stdin });
  const identity = { name: 'files', arn: null, accountId: null, region: null };
  const { policies, gaps } = collectObjects(identity, source, {
    labelKeys: () => new Set(),
    observer: NO_OBSERVER,
  });
  const differing = source.objects.find(({ differs }) => differs !== undefined);
  if (differing !== undefined) {
    throw new UsageError(
      `--with: ${differing.origin} differs from another object of its name (${differing.differs}). Keep only the one that you mean.`,
    );
  }
  const [problem] = gaps;
  if (problem !== undefined) throw new UsageError(`--with: ${problem.message} ${problem.remedy}`);
  if (policies.length === 0) {
    throw new UsageError('--with takes network policies, but the input contains none.');
  }
  const others = source.objects.length - policies.length;
  const left = others === 0 ? [] : [`${count(others, 'object')} that are not network policies were ignored.`];
  for (const note of [...source.notes, ...left]) stderr.write(`--with: ${terminalSafe(note)}\n`);
  return policies;
}
