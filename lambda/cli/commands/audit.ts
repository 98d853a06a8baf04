import { Command, Option } from 'commander';
import { hasAllPods } from '../../audit/audit-cluster.ts';
import { auditFleet } from '../../audit/audit-fleet.ts';
import type { Target } from '../../audit/target.ts';
import { CATALOGUE } from '../../checks/catalogue.ts';
import type { Config } from '../../config/config.ts';
import { selectsCluster } from '../../config/match.ts';
import { UsageError } from '../../errors.ts';
import type { ClusterResult, RunResult } from '../../findings/run-result.ts';
import type { ClusterIdentity } from '../../inventory/names.ts';
import { csvFindings } from '../../report/csv.ts';
import { jsonDocument, ndjsonFindings } from '../../report/json.ts';
import { junitDocument } from '../../report/junit.ts';
import { sarifDocument } from '../../report/sarif.ts';
import { shortNames } from '../../report/words.ts';
import { type Conclusion, comparedWithNothing, concludeRun, rankFindings } from '../../run/conclude.ts';
import { inventoryRows } from '../../run/inventory-rows.ts';
import { onePerCluster } from '../../run/one-per-cluster.ts';
import { type RecordedRun, recordRun } from '../../run/record.ts';
import { formerConfig } from '../../run/remembered.ts';
import { leftOutBy } from '../../run/run-context.ts';
import { manualRun } from '../../run/run-identity.ts';
import type { InventorySource } from '../../run/write-run.ts';
import { type InventorySpool, inventorySpool } from '../../store/inventory-spool.ts';
import { baselineFile } from '../baseline-file.ts';
import { exitCode, FAIL_ON, type FailOn } from '../exit-code.ts';
import { type Io, type Look, lookOf, pluginOutput, writeAll } from '../io.ts';
import { keepRun, openSbomsOf } from '../keep-run.ts';
import { kubectlFlags, updateKubeconfig } from '../kubectl.ts';
import { pathFrom, uriFrom } from '../location.ts';
import { type Narrowing, type NarrowingOptions, narrowingOf, withNarrowing } from '../narrowing.ts';
import {
  type CommonOptions,
  instantOf,
  outputOption,
  withCommon,
  withMeasuring,
  withSources,
} from '../options.ts';
import { recordText } from '../proof.ts';
import { progressOn } from '../render/progress.ts';
import { renderAudit } from '../render/table.ts';
import { GROUP_BY, type GroupBy, type View } from '../render/view.ts';
import { checkReports, openReports, type ReportOptions } from '../reports.ts';
import { manifestsFor, rulesOf } from '../sarif-source.ts';
import { openTargets } from '../targets.ts';
import { refuseUnknownNames } from './asked-names.ts';
import { type AskedWorkloads, askedWorkloads } from './audit-workloads.ts';
import { configOf } from './config.ts';

interface AuditOptions
  extends CommonOptions,
    NarrowingOptions,
    Pick<ReportOptions, 'out' | 'reportBucket' | 'topicArn'> {
  readonly output: (typeof FORMATS)[number];
  readonly failOn: FailOn;
  readonly allowIncomplete?: boolean;
  readonly writeExemptions?: string;
  readonly groupBy?: GroupBy;
  readonly all?: boolean;
  readonly managed?: boolean;
}

/** All of it are the findings themselves. */
const viewOf = ({ groupBy, all = false, managed = false }: AuditOptions): View => ({
  groupBy: groupBy ?? (all ? 'check' : 'cause'),
  all,
  managed,
});

const FORMATS = ['table', 'json', 'ndjson', 'csv', 'sarif', 'junit'] as const;

/** Clusters read at once: their servers work in parallel, this process does not. */
const CONCURRENCY = 4;

/** `audit`: the whole audit. */
export function auditCommand(io: Io, finish: (code: number) => void): Command {
  const command = new Command('audit')
    .description('Audit clusters, snapshots or the sample: findings, coverage, reports.')
    .argument(
      '[namespace/name...]',
      'show what concerns these workloads: why they are on the list, what to change, how to check',
    )
    .addOption(outputOption(FORMATS))
    .option('--out <folder>', 'write the reports to this folder, and compare with the last run in it')
    .option(
      '--report-bucket <name>',
      'write the reports to this S3 bucket, and compare with the last run in it',
    )
    .option(
      '--topic-arn <arn>',
      'publish the digest to this SNS topic, and the mails that digest.perOwner and digest.routes ask for',
    )
    .addOption(
      new Option('--fail-on <level>', 'exit 1 if a finding, or a new one, is as severe as this')
        .choices([...FAIL_ON])
        .default('high'),
    )
    .option(
      '--write-exemptions <file>',
      'write a baseline: an exemption of 90 days for each open finding, whose owner is to be filled in',
    )
    .option('--allow-incomplete', 'exit 0 instead of 3 if something was not evaluated')
    .addOption(
      new Option('--group-by <what>', 'list causes, workloads, checks or namespaces').choices([...GROUP_BY]),
    )
    .option('--all', 'cut no list: every finding, by check, unless --group-by says otherwise')
    .option('--managed', 'also list the findings of workloads that AWS or others manage');
  return withCommon(withMeasuring(withSources(withNarrowing(command)))).action(
    async (names: readonly string[], options: AuditOptions) => {
      const workloads = askedWorkloads(names);
      const narrowing = narrowingOf(options, names);
      const asked = instantOf(options.now);
      checkReports(options);
      const manifests = manifestsFor(options);
      const baseline = await baselineFile(options.writeExemptions);
      const config = await configOf(options, io);
      const store = await openReports(options);
      const sboms = await openSbomsOf(store, { config, sample: options.sample === true, now: asked });
      const progress = progressOn({ stream: io.stderr, color: lookOf(io, options).color, clock: Date.now });
      progress.say(options.allEks || options.eks ? 'finding clusters' : 'connecting');
      const opened = await openTargets(options, {
        now: asked,
        stdin: io.stdin,
        config,
        sbomSink: sboms.collector ?? undefined,
        onPluginOutput: pluginOutput(io, options),
      }).finally(() => progress.stop());
      // A written snapshot is audited as on the day when it was written.
      const now = options.now === undefined ? (opened.takenAt ?? asked) : asked;
      const inventories: InventorySource[] = [];
      const spools: InventorySpool[] = [];
      try {
        const isWanted = ({ identity }: Target): boolean =>
          opened.selected === true || selectsCluster(config.clusters, identity);
        const targets = opened.targets.filter(isWanted);
        if (targets.length === 0) {
          throw new UsageError(
            'The configuration excludes every cluster that was named; change clusters.include or clusters.exclude.',
          );
        }
        const nameOf = shortNames(targets.map(({ identity }) => identity));
        const read = await auditFleet(targets, {
          concurrency: CONCURRENCY,
          optionsFor: (target: Target) => {
            const { identity } = target;
            const name = nameOf(identity);
            const spool = store === null ? null : inventorySpool();
            if (spool) spools.push(spool);
            progress.start(name);
            return {
              config,
              now,
              onPage: (read) => progress.page(name, read),
              onRead: (inventory) => {
                progress.done(name);
                manifests.see(inventory);
                workloads?.see(inventory);
                narrowing.see(inventory);
                // Half a list would read as the whole inventory.
                if (spool && hasAllPods(inventory))
                  inventories.push({ cluster: identity, chunks: spool.chunks() });
              },
              ...(store === null
                ? {}
                : { formerConfig: (cluster: ClusterIdentity) => formerConfig(store, cluster, config) }),
              ...(spool ? { observer: inventoryRows(identity.name, spool) } : {}),
            };
          },
        });
        manifests.check();
        const { withGrowth = async (result: ClusterResult) => result } = opened;
        const { results, leftOut } = onePerCluster(await Promise.all(read.map(withGrowth)));
        const dropped = new Set([...leftOut].map((index) => targets[index]?.identity));
        const kept = inventories.filter(({ cluster }) => !dropped.has(cluster));
        const run = manualRun(
          now,
          config,
          targets.map(({ identity }) => identity),
        );
        const look = { ...lookOf(io, options), kubectl: kubectlFlags(options, targets) };
        const checkNames = (asked: Pick<RunResult, 'clusters'>): void => {
          workloads?.check(asked, look);
          narrowing.check(asked);
        };
        await refuseUnknownNames(checkNames, results, { store, run, now });
        if (store !== null) progress.say('writing the reports');
        const { scope = null, excluded = [] } = opened;
        const unwanted = opened.targets.filter((target) => !isWanted(target)).map(({ identity }) => identity);
        const notRead = [
          ...leftOutBy(config.clusters, [...excluded, ...unwanted]),
          ...[...dropped].flatMap((one) =>
            one === undefined ? [] : [{ name: one.name, arn: one.arn, reason: 'duplicate' as const }],
          ),
        ];
        const { topicArn } = options;
        const unrecorded = () => ({
          ...concludeRun(
            results.map((one) => comparedWithNothing(one, now)),
            { config, run, now },
          ),
          location: null,
        });
        const mail = topicArn !== undefined;
        let unwritten: unknown = null;
        const recorded =
          store === null
            ? unrecorded()
            : await recordRun(store, results, {
                config,
                run,
                now,
                inventories: kept,
                scope,
                leftOut: notRead,
                mail,
              }).catch((error) => {
                // The audit is done: what it found is printed, whatever became of the reports.
                unwritten = error;
                return unrecorded();
              });
        progress.stop();
        const exit = { failOn: options.failOn, allowIncomplete: options.allowIncomplete === true };
        const code = exitCode(recorded.run, exit);
        workloads?.know(recorded.run);
        await writeAll(
          io.stdout,
          print(recorded, { ...exit, code }, { options, look, workloads, narrowing, config, now }),
        );
        finish(code);
        await baseline.write(recorded.run, now, io);
        const { sample = false } = options;
        const onRecorded = (one: RecordedRun) => io.stderr.write(recordText(one, { ...options, ...look }));
        await keepRun(store, recorded, { topicArn, sboms, sample, unwritten, onRecorded });
      } finally {
        progress.stop();
        for (const spool of spools) spool.close();
        await opened.close();
      }
    },
  );
}

interface Printed extends Conclusion {
  readonly location: string | null;
  /** `null` when nothing of the run could be stored. */
  readonly record?: unknown;
}

interface PrintOptions {
  readonly options: AuditOptions;
  readonly look: Look;
  readonly workloads: AskedWorkloads | null;
  readonly narrowing: Narrowing;
  readonly now: number;
  readonly config: Config;
}

function print(
  { run: whole, ranked, location, record, firstRun }: Printed,
  exit: { readonly code: number; readonly failOn: FailOn; readonly allowIncomplete: boolean },
  { options, look, workloads, narrowing, config, now }: PrintOptions,
): Iterable<string> {
  const run = workloads?.narrow(whole) ?? narrowing.narrow(whole);
  switch (options.output) {
    case 'json':
      return jsonDocument(run);
    case 'ndjson':
      return ndjsonFindings(run);
    case 'csv':
      return csvFindings(run);
    case 'junit':
      return junitDocument(run, (file) => pathFrom(process.cwd(), file));
    case 'sarif':
      return sarifDocument(run, {
        rules: rulesOf(config),
        uriOf: (file) => uriFrom(process.cwd(), file),
        exitCode: exit.code,
        complete: whole.clusters.every(({ notEvaluated }) => notEvaluated.length === 0),
      });
    case 'table':
      if (workloads !== null) {
        const kubeconfigOf = (cluster: ClusterIdentity): string | null => updateKubeconfig(options, cluster);
        return [workloads.render(whole, { look, code: exit.code, kubeconfigOf, firstRun })];
      }
      return [
        renderAudit(
          {
            run,
            whole,
            ranked: run === whole ? ranked : rankFindings(run.clusters, now),
            checks: CATALOGUE,
            exit,
            reportLocation: record === null ? null : location,
            view: viewOf(options),
          },
          look,
        ),
      ];
  }
}
