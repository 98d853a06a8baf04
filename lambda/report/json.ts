import type { Finding } from '../findings/finding.ts';
import { compareFindings } from '../findings/order.ts';
import type { ClusterResult, RunResult } from '../findings/run-result.ts';
import { compareNotEvaluated, sortedClusters, sortedFindings, sortedNotEvaluated } from './order.ts';
import { type ClusterRow, clusterRow, findingRow, jsonLine, notEvaluatedRow, runRow } from './rows.ts';
import { summarize } from './summary.ts';

/**
 * `audit -o json`: one document, given out line by line so that it is never in memory as a whole.
 *
 * Shape: `{run, clusters, summary, findings, notEvaluated}`; every cluster, finding and not-evaluated row
 * has a separate line. Each piece ends with a line break; together they are the document.
 */
export function* jsonDocument(run: RunResult): Generator<string> {
  yield `{\n"run": ${jsonLine(runRow(run))},\n`;
  yield* jsonArray('clusters', sortedClusters(run), withoutReading);
  yield `,\n"summary": ${jsonLine(summarize(run))},\n`;
  yield* jsonArray('findings', sortedFindings(run), findingRow);
  yield ',\n';
  yield* jsonArray('notEvaluated', sortedNotEvaluated(run), notEvaluatedRow);
  yield '\n}\n';
}

/**
 * Who has read a cluster is for the record (`run.json`): a snapshot gives the same document as the cluster. Patches are for
 * the page, and written by `fixes --write`.
 */
function withoutReading(result: ClusterResult): Omit<ClusterRow, 'reading' | 'patches'> {
  const { reading: _, patches: __, ...row } = clusterRow(result);
  return row;
}

function* jsonArray<T>(key: string, items: Iterable<T>, row: (item: T) => unknown): Generator<string> {
  let separator = '\n';
  yield `"${key}": [`;
  for (const item of items) {
    yield `${separator}${jsonLine(row(item))}`;
    separator = ',\n';
  }
  yield separator === '\n' ? ']' : '\n]';
}

/** `audit -o ndjson`: one finding a line, all clusters in report order. */
export function* ndjsonFindings(run: RunResult): Generator<string> {
  for (const finding of sortedFindings(run)) yield `${jsonLine(findingRow(finding))}\n`;
}

/** The findings of one cluster, one a line: its object under `findings/`. */
export function* ndjsonClusterFindings(findings: readonly Finding[]): Generator<string> {
  for (const finding of findings.toSorted(compareFindings)) yield `${jsonLine(findingRow(finding))}\n`;
}

/** What could not be decided in the run, one row a line. */
export function* ndjsonNotEvaluated(run: RunResult): Generator<string> {
  for (const { notEvaluated } of sortedClusters(run)) {
    for (const row of notEvaluated.toSorted(compareNotEvaluated)) yield `${jsonLine(notEvaluatedRow(row))}\n`;
  }
}
