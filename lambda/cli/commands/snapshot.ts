import { rename, rm } from 'node:fs/promises';
import { Command } from 'commander';
import { hasAllPods } from '../../audit/audit-cluster.ts';
import { recordCluster } from '../../audit/record-cluster.ts';
import type { Target } from '../../audit/target.ts';
import { selectsCluster } from '../../config/match.ts';
import { OutputError, UsageError } from '../../errors.ts';
import type { Inventory } from '../../inventory/model.ts';
import { terminalSafe } from '../../report/escape.ts';
import { clusterName, count } from '../../report/words.ts';
import { EXIT } from '../exit-code.ts';
import { type Io, lookOf, pluginOutput } from '../io.ts';
import { type CommonOptions, instantOf, withCommon, withSources } from '../options.ts';
import { progressOn } from '../render/progress.ts';
import { openTargets } from '../targets.ts';
import { openGzip } from '../write-gzip.ts';
import { readConfig } from './config.ts';

interface SnapshotOptions extends CommonOptions {
  readonly out: string;
  readonly allowIncomplete?: boolean;
}

/** `snapshot --out FILE`: reads clusters once, for audits without them. */
export function snapshotCommand(io: Io, finish: (code: number) => void): Command {
  const command = new Command('snapshot')
    .description(
      'Read a cluster once and write all that an audit needs to a file, for audit --snapshot FILE.',
    )
    .requiredOption('--out <file>', 'write the snapshot to this file')
    .option('--allow-incomplete', 'exit 0 instead of 3 where something could not be read');
  return withCommon(withSources(command)).action(async (options: SnapshotOptions) => {
    if (options.snapshot !== undefined) {
      throw new UsageError(
        'snapshot reads clusters, not files: leave --snapshot out, and give --context or --eks.',
      );
    }
    const now = instantOf(options.now);
    const config = await readConfig(options.config, io);
    const onPluginOutput = pluginOutput(io, options);
    const opened = await openTargets(options, { now, stdin: io.stdin, config, onPluginOutput });
    // Only a whole snapshot gets the name.
    const partial = `${options.out}.partial`;
    try {
      const targets = opened.targets.filter(
        ({ identity }) => opened.selected || selectsCluster(config.clusters, identity),
      );
      if (targets.length === 0) {
        throw new UsageError('The configuration excludes every cluster that was named.');
      }
      const inventories = await writeClusters(targets, { path: partial, takenAt: now, io, options });
      for (const inventory of inventories) io.stderr.write(`${terminalSafe(summaryOf(inventory))}\n`);
      if (inventories.every(isUnreachable)) return finish(EXIT.noTarget);
      await rename(partial, options.out).catch(notWritten(options.out));
      io.stdout.write(`${options.out}\n`);
      const whole = inventories.every(({ gaps }) => gaps.length === 0);
      finish(whole || options.allowIncomplete ? EXIT.ok : EXIT.incomplete);
    } finally {
      await rm(partial, { force: true });
      await opened.close();
    }
  });
}

interface WriteOptions {
  readonly path: string;
  readonly takenAt: number;
  readonly io: Io;
  readonly options: SnapshotOptions;
}

/** One after the other: they share a file. */
async function writeClusters(
  targets: readonly Target[],
  { path, takenAt, io, options }: WriteOptions,
): Promise<readonly Inventory[]> {
  const progress = progressOn({ stream: io.stderr, color: lookOf(io, options).color, clock: Date.now });
  const file = await openGzip(path);
  const inventories: Inventory[] = [];
  try {
    for (const target of targets) {
      const name = clusterName(target.identity);
      progress.start(name);
      const onPage = (read: { pages: number; pods: number }): void => progress.page(name, read);
      inventories.push(await recordCluster(target, { takenAt, write: file.write, onPage }));
      progress.done(name);
    }
  } finally {
    progress.stop();
    await file.close();
  }
  return inventories;
}

/** Nothing of it was read, as its audit would say. */
const isUnreachable = (inventory: Inventory): boolean =>
  inventory.totals.pods === 0 && !hasAllPods(inventory);

function summaryOf(inventory: Inventory): string {
  const { cluster, gaps, totals } = inventory;
  const messages = [...new Set(gaps.map(({ message }) => message))];
  if (isUnreachable(inventory)) return `${clusterName(cluster)}: not read. ${messages.join(' ')}`;
  const found = `${clusterName(cluster)}: ${count(totals.pods, 'pod')}, ${count(totals.nodes, 'node')}`;
  return messages.length === 0
    ? `${found}.`
    : `${found}; not read, and not evaluated in audits of the snapshot: ${messages.join(' ')}`;
}

const notWritten =
  (path: string) =>
  (error: unknown): never => {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new OutputError(`The snapshot cannot be written to "${path}" (${code}).`);
  };
