import type { Finding } from '../findings/finding.ts';
import type { NotEvaluated } from '../findings/not-evaluated.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import { shareParts } from '../findings/share-parts.ts';
import { type ClusterRow, clusterRow, jsonLine, notEvaluatedRow } from '../report/rows.ts';
import { findingMembers } from '../store/finding-members.ts';
import type { GzipMembers } from '../store/gzip.ts';

/** A row of a finding stands as it is, to be one line with that in other objects; only it has a status. */
type Line = { readonly cluster: ClusterRow } | Finding | { readonly gap: NotEvaluated };

/** One cluster: a line for itself, then one for each finding and each record. */
export function* resultLines(result: ClusterResult): Generator<string | GzipMembers> {
  const line = (content: Line): string => `${jsonLine(content)}\n`;
  yield line({ cluster: clusterRow(result) });
  if (result.findings.length > 0) yield findingMembers(result.findings);
  for (const gap of result.notEvaluated) yield line({ gap: notEvaluatedRow(gap) });
}

/** What {@link resultLines} wrote, of any number of clusters. */
export async function parseResults(
  lines: AsyncIterable<string> | Iterable<string>,
): Promise<readonly ClusterResult[]> {
  const { add, results } = collectResults();
  // Whoever has all lines need not wait for each of them.
  if (Symbol.iterator in lines) for (const text of lines) add(text);
  else for await (const text of lines) add(text);
  return results;
}

function collectResults() {
  const results: (ClusterRow & { findings: Finding[]; notEvaluated: NotEvaluated[] })[] = [];
  const shared = shareParts();
  const add = (text: string): void => {
    const line = JSON.parse(text) as Line;
    const result = results.at(-1);
    if ('status' in line) result?.findings.push(shared(line));
    else if ('gap' in line) result?.notEvaluated.push(line.gap);
    else results.push({ ...line.cluster, findings: [], notEvaluated: [] });
  };
  return { add, results: results as readonly ClusterResult[] };
}
