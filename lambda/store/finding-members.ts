import type { Finding } from '../findings/finding.ts';
import { ndjsonClusterFindings } from '../report/json.ts';
import { type GzipMembers, gzipLines } from './gzip.ts';

const made = new WeakMap<readonly Finding[], GzipMembers>();

/**
 * The findings of a cluster as lines in report order, compressed: most of three objects (the conclusion of a
 * run, its findings, the state of the cluster), and most of the work of writing each. Made once, and kept as
 * long as the findings are: about 90 bytes for each.
 */
export function findingMembers(findings: readonly Finding[]): GzipMembers {
  const known = made.get(findings);
  if (known !== undefined) return known;
  const members = [...gzipLines(ndjsonClusterFindings(findings))];
  made.set(findings, members);
  return members;
}
