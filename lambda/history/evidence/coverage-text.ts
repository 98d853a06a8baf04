import { WHY_LEFT_OUT } from '../../report/left-out.ts';
import { count, listed, thousands } from '../../report/words.ts';
import type { IndexRow, LeftOutRow } from './index-rows.ts';

const SHOWN = 5;

/**
 * What the runs of a period did not look at, one sentence each: clusters that were left out or could not be audited, clusters that some of the runs do
 * not have at all, and verdicts that are missing. What could not be read counts as not known.
 */
export function coverageTexts(rows: readonly IndexRow[]): readonly string[] {
  const failed = rows.reduce((sum, { summary }) => sum + (summary?.clusters.failed ?? 0), 0);
  const unread = rows.filter(({ summary }) => summary === null).length;
  const open = rows.filter(({ summary }) => (summary?.notEvaluated.total ?? 0) > 0);
  const most = Math.max(0, ...open.map(({ summary }) => summary?.notEvaluated.total ?? 0));
  const missing = missingClusters(rows);
  const leftOut = leftOutThings(rows);
  const silent = rows.filter((row) => row.leftOut === null).length;
  const audited = (which: string): string =>
    failed > 0
      ? `${count(failed, 'time')} a cluster could not be audited.`
      : missing.length > 0
        ? `${which} was audited in each run that has it.`
        : `${which} was audited in every ${unread > 0 ? 'other ' : ''}run.`;
  return [
    ...(leftOut.length === 0 ? [] : [`Found and left out: ${listed(leftOut, SHOWN)}.`]),
    ...(silent === 0
      ? []
      : [`What was left out is not recorded in ${count(silent, 'run')}, or cannot be read there.`]),
    ...(unread === 0
      ? []
      : [`The summary of ${count(unread, 'run')} cannot be read, so that it is not known what was audited.`]),
    ...(unread === rows.length
      ? []
      : [audited(leftOut.length > 0 ? 'Every other cluster' : 'Every cluster')]),
    ...(missing.length === 0 ? [] : [`Not in every run: ${listed(missing, SHOWN)}.`]),
    ...(open.length === 0
      ? []
      : [
          `${count(open.length, 'run')} had verdicts that were not evaluated, which are no pass (at most ${thousands(most)} in one run).`,
        ]),
  ];
}

/** Clusters and accounts that were found and not looked at, each with why, the last time, and in how many runs. */
function leftOutThings(rows: readonly IndexRow[]): readonly string[] {
  const seen = new Map<string, { readonly one: LeftOutRow; readonly runs: number }>();
  for (const { leftOut } of rows) {
    // A duplicate was audited, by the other way to it.
    const others = (leftOut ?? []).filter(({ reason }) => reason !== 'duplicate');
    for (const [key, one] of new Map(others.map((one) => [one.arn ?? one.name, one]))) {
      seen.set(key, { one, runs: (seen.get(key)?.runs ?? 0) + 1 });
    }
  }
  return [...seen.values()].map(({ one: { name, reason }, runs }) => {
    const why = Object.hasOwn(WHY_LEFT_OUT, reason)
      ? WHY_LEFT_OUT[reason as keyof typeof WHY_LEFT_OUT]
      : reason;
    return `${name} (in ${count(runs, 'run')}; ${why})`;
  });
}

/** Clusters that some runs of the period have and others do not, with how many have them and the last one that does. */
function missingClusters(rows: readonly IndexRow[]): readonly string[] {
  const known = rows.filter(({ clusters }) => clusters !== null);
  const seen = new Map<string, { readonly name: string; readonly runs: readonly string[] }>();
  for (const { record, clusters } of known) {
    for (const { key, name } of clusters ?? []) {
      const runs = seen.get(key)?.runs ?? [];
      seen.set(key, { name, runs: [...runs, record.manifest.run.startedAt.slice(0, 10)] });
    }
  }
  return [...seen.values()].flatMap(({ name, runs }) =>
    runs.length >= known.length ? [] : [`${name} (in ${count(runs.length, 'run')}, last on ${runs.at(-1)})`],
  );
}
