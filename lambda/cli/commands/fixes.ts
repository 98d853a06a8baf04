import { Command } from 'commander';
import { auditFleet } from '../../audit/audit-fleet.ts';
import type { Target } from '../../audit/target.ts';
import type { Config } from '../../config/config.ts';
import { selectsCluster } from '../../config/match.ts';
import { OutputError, UsageError } from '../../errors.ts';
import { apartFindings, countedFindings } from '../../findings/apart.ts';
import { clusterKey } from '../../findings/cluster-key.ts';
import { type FoldedCause, foldCauses } from '../../findings/fold-causes.ts';
import { isActive } from '../../findings/identity.ts';
import type { RunResult } from '../../findings/run-result.ts';
import { groupAlike } from '../../fixes/alike.ts';
import { rankChanges } from '../../fixes/changes.ts';
import type { ClusterIdentity, WorkloadRef } from '../../inventory/names.ts';
import { observeAllLabels } from '../../questions/all-labels.ts';
import { PROGRAM } from '../../report/own-commands.ts';
import { shortNames } from '../../report/words.ts';
import { comparedWithNothing, concludeRun } from '../../run/conclude.ts';
import { onePerCluster } from '../../run/one-per-cluster.ts';
import { manualRun } from '../../run/run-identity.ts';
import { exitCode } from '../exit-code.ts';
import { type Io, type Look, lookOf, pluginOutput, writeAll } from '../io.ts';
import { kubectlFlags, updateKubeconfig } from '../kubectl.ts';
import {
  type CommonOptions,
  instantOf,
  outputOption,
  withCommon,
  withMeasuring,
  withSources,
} from '../options.ts';
import { createPlanner, filesOf, type PlannedFile, type ReadCluster } from '../plan-fixes.ts';
import { renderFixes } from '../render/fixes.ts';
import { progressOn } from '../render/progress.ts';
import { openTargets } from '../targets.ts';
import { wantedBy } from '../workload-argument.ts';
import { writeFixes } from '../write-fixes.ts';
import { type AskedWorkloads, askedWorkloads } from './audit-workloads.ts';
import { configOf } from './config.ts';
import { jsonRows } from './egress-mode.ts';
import { type ChangeRow, changeRow, type FixesPage } from './fixes-page.ts';

interface FixesOptions extends CommonOptions {
  readonly output: 'table' | 'json';
  readonly write?: string;
  readonly all?: boolean;
  readonly allowIncomplete?: boolean;
}

/** So many are read at once, as by `audit`. */
const CONCURRENCY = 4;
/** So many changes are shown on a terminal; more are for files and programs. */
const SHOWN = 20;

/** `fixes`: the changes that resolve most findings, over all clusters, and as files. */
export function fixesCommand(io: Io, finish: (code: number) => void): Command {
  const command = new Command('fixes')
    .description('List the changes that resolve most findings, and write them as patches and draft policies.')
    .argument('[namespace/name]', 'only changes for this workload; NAMESPACE/ for a whole namespace')
    .addOption(outputOption(['table', 'json']))
    .option('--write <folder>', 'write patches and draft policies into this folder')
    .option('--all', `show every change on its own, not only the first ${SHOWN} and equal ones together`)
    .option('--allow-incomplete', 'exit 0 instead of 3 if something was not evaluated');
  return withCommon(withMeasuring(withSources(command))).action(
    async (which: string | undefined, options: FixesOptions) => {
      const asked = askedWorkloads(which === undefined ? [] : [which]);
      const config = await configOf(options, io);
      const instant = instantOf(options.now);
      const opened = await openTargets(options, {
        now: instant,
        stdin: io.stdin,
        config,
        onPluginOutput: pluginOutput(io, options),
      });
      // A written snapshot is judged as on the day when it was written.
      const now = options.now === undefined ? (opened.takenAt ?? instant) : instant;
      try {
        const targets = opened.targets.filter(
          ({ identity }) => opened.selected || selectsCluster(config.clusters, identity),
        );
        if (targets.length === 0) {
          throw new UsageError(
            'The configuration excludes every cluster that was named; change clusters.include or clusters.exclude.',
          );
        }
        const { run, read } = await auditAll(targets, { config, now, options, io, asked });
        const look = { ...lookOf(io, options), kubectl: kubectlFlags(options, targets) };
        // A misspelt name must not read as a workload that needs no change.
        asked?.check(run, look);
        const page = pageOf(run, wantedBy(which), { read, config, now, options, look });
        // What was found is printed also where it cannot be written.
        const written = await writePage(page, options.write);
        await writeAll(
          io.stdout,
          options.output === 'json' ? jsonRows(page.rows.map(changeRow)) : [renderFixes(page, look)],
        );
        finish(exitCode(run, { failOn: 'never', allowIncomplete: options.allowIncomplete === true }));
        if (written !== null) throw written;
      } finally {
        await opened.close();
      }
    },
  );
}

interface Asked {
  readonly config: Config;
  readonly now: number;
  readonly options: FixesOptions;
  readonly io: Io;
  readonly asked: AskedWorkloads | null;
}

interface Audited {
  readonly run: RunResult;
  /** By cluster; only where files are written, since it takes the memory of all clusters at once. */
  readonly read: ReadonlyMap<string, ReadCluster>;
}

async function auditAll(
  targets: readonly Target[],
  { config, now, options, io, asked }: Asked,
): Promise<Audited> {
  const read = new Map<string, ReadCluster>();
  const nameOf = shortNames(targets.map(({ identity }) => identity));
  const progress = progressOn({ stream: io.stderr, color: lookOf(io, options).color, clock: Date.now });
  try {
    const all = await auditFleet(targets, {
      concurrency: CONCURRENCY,
      optionsFor: ({ identity }) => {
        const name = nameOf(identity);
        const labels = options.write === undefined ? null : observeAllLabels();
        progress.start(name);
        return {
          config,
          now,
          onPage: (pages) => progress.page(name, pages),
          onRead: (inventory) => {
            progress.done(name);
            asked?.see(inventory);
            // Its own list of classes is emptied while they are judged.
            const kept = { ...inventory, classes: [...inventory.classes] };
            if (labels !== null) read.set(clusterKey(inventory.cluster), { inventory: kept, labels });
          },
          ...(labels === null ? {} : { observer: labels }),
        };
      },
    });
    const { results } = onePerCluster(all);
    const identities = targets.map(({ identity }) => identity);
    const { run } = concludeRun(
      results.map((one) => comparedWithNothing(one, now)),
      { config, run: manualRun(now, config, identities), now },
    );
    return { run, read };
  } finally {
    progress.stop();
  }
}

function pageOf(
  { clusters }: RunResult,
  wanted: (workload: WorkloadRef) => boolean,
  {
    read,
    config,
    now,
    options,
    look,
  }: Omit<Asked, 'io' | 'asked'> & Pick<Audited, 'read'> & { readonly look: Look },
): FixesPage {
  const kubeconfigOf = (cluster: ClusterIdentity): string | null => updateKubeconfig(options, cluster);
  const folder = options.write ?? '';
  const plan = createPlanner({ folder, config, now, look, kubeconfigOf });
  const fileOf = (folded: FoldedCause): PlannedFile | null => {
    const of = read.get(clusterKey(folded.cluster));
    return of === undefined ? null : plan(folded, of);
  };
  const findings = clusters.flatMap((result) => countedFindings(result).filter(isActive));
  const folded = foldCauses(findings).filter(({ findings: of }) => of.some((one) => wanted(one.workload)));
  const nameOf = shortNames(clusters.map(({ cluster }) => cluster));
  const rows = rankChanges(folded).map(
    (change, index): ChangeRow => ({
      rank: index + 1,
      change,
      clusters: change.causes.map(({ cluster }) => nameOf(cluster)),
      files: filesOf(change, fileOf),
    }),
  );
  const all = options.all === true;
  const groups = all ? rows.map((row) => [row] as const) : groupAlike(rows, ({ change }) => change);
  const shown = all ? groups.length : Math.min(groups.length, SHOWN);
  const hidden = shown < groups.length || groups.length < rows.length;
  return {
    rows,
    groups,
    shown,
    manyClusters: clusters.length > 1,
    findings: folded.reduce((sum, one) => sum + one.findings.length, 0),
    apart: clusters.reduce((sum, result) => sum + apartFindings(result).length, 0),
    open: clusters.reduce((sum, { notEvaluated }) => sum + notEvaluated.length, 0),
    kubeconfig: [
      ...new Set(
        rows
          .filter(usesKubectl)
          .flatMap(({ change }) => change.causes.flatMap(({ cluster }) => kubeconfigOf(cluster) ?? [])),
      ),
    ],
    next: [
      ...(hidden ? [`${PROGRAM} fixes --all`] : []),
      ...(options.write !== undefined || rows.length === 0 ? [] : [`${PROGRAM} fixes --write fixes`]),
    ],
  };
}

/** Whether a command of kubectl is printed for it. */
const usesKubectl = ({ change: { fix }, files }: ChangeRow): boolean =>
  files.length > 0
    ? files.some(({ planned: { command, draft } }) => draft === null && command !== null)
    : fix?.command?.startsWith('kubectl ') === true;

/** What went wrong, if it is known to people. */
async function writePage(page: FixesPage, folder: string | undefined): Promise<OutputError | null> {
  if (folder === undefined) return null;
  const files = page.rows.flatMap((row) => row.files.map(({ planned }) => planned));
  try {
    await writeFixes(folder, files);
    return null;
  } catch (error) {
    if (error instanceof OutputError) return error;
    throw error;
  }
}
