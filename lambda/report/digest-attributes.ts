import type { Finding } from '../findings/finding.ts';
import type { RunResult } from '../findings/run-result.ts';
import { compareText } from '../inventory/workload.ts';
import type { DigestAttributes } from './digest-message.ts';
import { sortedClusters } from './order.ts';
import { ownerCounts, ownersOfGaps } from './owner-counts.ts';
import type { Summary } from './summary.ts';

/** What a list of names in the attributes may take from the body. */
const CLUSTER_NAME_BYTES = 128 * 1024;
const OWNER_BYTES = 32 * 1024;

/**
 * @param fresh the new findings that the mail reports, as far as the run holds them
 * @param newFindings how many there are
 */
export function attributesOf(
  run: RunResult,
  summary: Summary,
  fresh: readonly Finding[],
  newFindings: number = fresh.length,
): DigestAttributes {
  return {
    maxSeverity: summary.findings.maxSeverity ?? 'none',
    newFindings,
    clusters: within(
      CLUSTER_NAME_BYTES,
      sortedClusters(run).map(({ cluster }) => cluster.name),
    ),
    complete: summary.coverage.complete,
    owners: ownersOf(run, fresh),
  };
}

/** The bytes that the lists take. */
export const attributeBytes = ({ clusters, owners = [] }: DigestAttributes): number =>
  Buffer.byteLength(JSON.stringify(clusters)) + Buffer.byteLength(JSON.stringify(owners));

/**
 * Of news, of what asks somebody to act, and of what is not decided. Where not all have room, the worst do: whoever may
 * set a label could name hundreds.
 */
function ownersOf(run: RunResult, fresh: readonly Finding[]): readonly string[] {
  const ofNews = new Set(fresh.flatMap(({ owner }) => owner ?? []));
  const counted = ownerCounts(run).flatMap(({ owner }) => owner ?? []);
  const worst = [
    ...counted.filter((owner) => ofNews.has(owner)),
    ...ofNews,
    ...counted,
    ...ownersOfGaps(run),
  ];
  const kept = within(OWNER_BYTES, worst);
  const ofFindings = new Set(counted);
  const place = (owner: string): number => (ofNews.has(owner) ? 0 : ofFindings.has(owner) ? 1 : 2);
  return kept.toSorted((a, b) => place(a) - place(b) || compareText(a, b));
}

/** Each once, as many as there is room for. */
function within(limit: number, names: readonly string[]): readonly string[] {
  const found: string[] = [];
  let bytes = 0;
  for (const name of new Set(names)) {
    bytes += Buffer.byteLength(JSON.stringify(name)) + 1;
    if (bytes > limit) break;
    found.push(name);
  }
  return found;
}
