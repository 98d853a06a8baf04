import type { Config } from '../config/config.ts';
import { whyNotSelected } from '../config/match.ts';
import type { LeftOutAccount } from '../discover/target.ts';
import { compareClusters } from '../findings/order.ts';
import type { RunResult } from '../findings/run-result.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { NO_READING } from '../inventory/reading.ts';
import type { UnfinishedRun } from '../report/news.ts';
import { sortedClusters } from '../report/order.ts';
import { jsonLine, wholeIdentity } from '../report/rows.ts';

/** What started a run: its schedule, somebody who invoked the function, or the command line. */
export type RunStart = 'scheduled' | 'manual' | 'command';

/** Why a cluster that was found is no target, or an account that was found is not asked. Stable codes. */
export type LeftOutReason =
  /** No pattern of `clusters.include` fits it. */
  | 'not-included'
  /** A pattern of `clusters.exclude` fits it. */
  | 'excluded'
  /** Its tags do not fit `clusters.includeTags`, or fit `clusters.excludeTags`. */
  | 'tags'
  /** Another context leads to the same cluster, which is counted once. */
  | 'duplicate'
  /** An account of the organization, by `organization.exclude`. */
  | 'account-excluded'
  /** An account of the organization that is suspended, closed or never activated. */
  | 'account-suspended';

export interface LeftOut {
  readonly name: string;
  readonly arn: string | null;
  readonly reason: LeftOutReason;
}

/** What is known of a run beside its results. */
export interface RunContext {
  readonly start: RunStart;
  /** Of the program that decided the run; see `bundleSha256`. */
  readonly bundleSha256: string | null;
  readonly leftOut: readonly LeftOut[];
  /** Earlier runs that had no manifest when this one was decided; missing where no look was taken. */
  readonly unfinished?: readonly UnfinishedRun[];
}

/** What the configuration leaves out of the clusters that were found, with the setting that does. */
export const leftOutBy = (
  clusters: Config['clusters'],
  excluded: readonly ClusterIdentity[],
): readonly LeftOut[] =>
  excluded.map(({ name, arn }) => ({ name, arn, reason: whyNotSelected(clusters, { name, arn }) ?? 'tags' }));

/** Accounts that were found and not asked for clusters. */
export const accountsLeftOut = (accounts: readonly LeftOutAccount[]): readonly LeftOut[] =>
  accounts.map(({ accountId, reason }) => ({ name: `(account ${accountId})`, arn: null, reason }));

/** In a fixed order, each once. */
export function sortedLeftOut(all: readonly LeftOut[]): readonly LeftOut[] {
  const identity = ({ name, arn }: LeftOut): ClusterIdentity => ({
    name,
    arn,
    accountId: null,
    region: null,
  });
  const distinct = new Map(all.map((one) => [JSON.stringify([one.arn ?? one.name, one.reason]), one]));
  return [...distinct.values()].sort((a, b) => compareClusters(identity(a), identity(b)));
}

/**
 * `run.json`: who read which clusters in which version, what was left out and why, and which program did it.
 *
 * @param now Epoch milliseconds: when clusters were read of which no earlier version has noted it.
 */
export function runDocument(
  run: RunResult,
  { start, bundleSha256, leftOut, unfinished }: RunContext,
  now: number,
): string {
  const targets = sortedClusters(run).map(({ cluster, outcome, reading }) => {
    const { kubernetesVersion, principal, status } = reading ?? NO_READING;
    const readAt = reading?.readAt ?? new Date(now).toISOString();
    return { cluster: wholeIdentity({ cluster }), outcome, kubernetesVersion, principal, status, readAt };
  });
  return [
    `{\n"run": ${jsonLine(run.run.id)},`,
    `"tool": ${jsonLine({ version: run.run.version, bundleSha256 })},`,
    `"start": ${jsonLine(start)},`,
    `"targets": [${listed(targets)}],`,
    `"leftOut": [${listed(leftOut)}]${unfinished === undefined ? '' : ','}`,
    ...(unfinished === undefined ? [] : [`"unfinished": [${listed(unfinished)}]`]),
    '}\n',
  ].join('\n');
}

const listed = (rows: readonly object[]): string =>
  `${rows.map((row) => `\n${jsonLine(row)}`).join(',')}${rows.length > 0 ? '\n' : ''}`;
