import { rename, rm } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { hasAllPods } from '../../audit/audit-cluster.ts';
import { type RecordedCluster, recordCluster } from '../../audit/record-cluster.ts';
import type { Target } from '../../audit/target.ts';
import type { Config } from '../../config/config.ts';
import { selectsCluster } from '../../config/match.ts';
import { resourceName } from '../../connect/kube/status-errors.ts';
import { OutputError, UsageError } from '../../errors.ts';
import { terminalSafe } from '../../report/escape.ts';
import { clusterName, count } from '../../report/words.ts';
import { fileProblem } from '../../wording.ts';
import { EXIT } from '../exit-code.ts';
import { type Io, lookOf, pluginOutput } from '../io.ts';
import { type CommonOptions, instantOf, withClusters, withCommon, withMeasuring } from '../options.ts';
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
      'Read a cluster and write everything that an audit needs to a file, for audit --snapshot FILE.',
    )
    .requiredOption('--out <file>', 'write the snapshot to this file')
    .option('--allow-incomplete', 'exit 0 instead of 3 if something could not be read')
    // Known, so that the answer to it can say what to give instead.
    .addOption(new Option('--snapshot <path>').hideHelp());
  return withCommon(withMeasuring(withClusters(command))).action(async (options: SnapshotOptions) => {
    if (options.snapshot !== undefined) {
      throw new UsageError(
        'snapshot reads clusters, not files: remove --snapshot, and give --context or --eks.',
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
      const recorded = await writeClusters(targets, { path: partial, takenAt: now, config, io, options });
      for (const cluster of recorded) io.stderr.write(`${terminalSafe(summaryOf(cluster))}\n`);
      if (recorded.every(isUnreachable)) return finish(EXIT.noTarget);
      await rename(partial, options.out).catch(notWritten(options.out));
      io.stdout.write(`${options.out}\n`);
      const whole = recorded.every(
        ({ inventory, unanswered, unreadVpc, unmeasured }) =>
          inventory.gaps.length === 0 &&
          unanswered.length === 0 &&
          unreadVpc.length === 0 &&
          unmeasured.size === 0,
      );
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
  readonly config: Pick<Config, 'owners'>;
  readonly io: Io;
  readonly options: SnapshotOptions;
}

/** One after the other: they share a file. */
async function writeClusters(
  targets: readonly Target[],
  { path, takenAt, config, io, options }: WriteOptions,
): Promise<readonly RecordedCluster[]> {
  const progress = progressOn({ stream: io.stderr, color: lookOf(io, options).color, clock: Date.now });
  const file = await openGzip(path);
  const recorded: RecordedCluster[] = [];
  const { annotations } = config.owners;
  try {
    for (const target of targets) {
      const name = clusterName(target.identity);
      progress.start(name);
      const onPage = (read: { pages: number; pods: number }): void => progress.page(name, read);
      recorded.push(await recordCluster(target, { takenAt, annotations, write: file.write, onPage }));
      progress.done(name);
    }
  } finally {
    progress.stop();
    await file.close();
  }
  return recorded;
}

/** Nothing of it was read, as its audit would say. */
const isUnreachable = ({ inventory }: RecordedCluster): boolean =>
  inventory.totals.pods === 0 && !hasAllPods(inventory);

function summaryOf(recorded: RecordedCluster): string {
  const { cluster, gaps, totals } = recorded.inventory;
  const messages = [...new Set(gaps.map(({ message }) => message)), ...besidesGaps(recorded)];
  if (isUnreachable(recorded)) return `${clusterName(cluster)}: not read. ${messages.join(' ')}`;
  const found = `${clusterName(cluster)}: ${count(totals.pods, 'pod')}, ${count(totals.nodes, 'node')}`;
  return messages.length === 0
    ? `${found}.`
    : `${found}. Not read, so checks that need it are not evaluated when the snapshot is audited: ${messages.join(' ')}`;
}

/** Some reads are no gap, and are said only where they decide: settings of policy engines, owners of pods. */
function besidesGaps({ inventory, unanswered, unreadVpc, unmeasured }: RecordedCluster): readonly string[] {
  const noted = new Set(inventory.gaps.map(({ resource }) => resource as string | null));
  return [
    ...unanswered
      .filter(({ path }) => !noted.has(null) && !noted.has(resourceName(path)))
      .map(({ path, reason }) => `The API server gave no answer to ${path} (${reason}).`),
    ...unreadVpc,
    ...[...unmeasured].map(
      ([reason, kubelets]) => `${count(kubelets, 'kubelet')} gave no statistics (${reason}).`,
    ),
  ];
}

const notWritten =
  (path: string) =>
  (error: unknown): never => {
    throw new OutputError(
      `The snapshot cannot be written to "${path}": ${fileProblem(error)}. Give a file in a folder that exists and that you may write.`,
    );
  };
