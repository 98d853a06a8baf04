import { countedFindings } from '../findings/apart.ts';
import type { Finding } from '../findings/finding.ts';
import { isActive } from '../findings/identity.ts';
import type { RunResult } from '../findings/run-result.ts';
import { compareText } from '../inventory/workload.ts';
import type { DigestAttributes } from './digest-message.ts';
import { sortedClusters } from './order.ts';
import type { Summary } from './summary.ts';

/** What a list of names in the attributes may take from the body. */
const CLUSTER_NAME_BYTES = 128 * 1024;
const OWNER_BYTES = 32 * 1024;

/** @param fresh the new findings that the mail reports */
export function attributesOf(run: RunResult, summary: Summary, fresh: readonly Finding[]): DigestAttributes {
  return {
    maxSeverity: summary.findings.maxSeverity ?? 'none',
    newFindings: fresh.length,
    clusters: within(
      CLUSTER_NAME_BYTES,
      sortedClusters(run).map(({ cluster }) => cluster.name),
    ),
    complete: summary.coverage.complete,
    owners: within(OWNER_BYTES, ownersOf(run, fresh)),
  };
}

/** The bytes that the lists take. */
export const attributeBytes = ({ clusters, owners = [] }: DigestAttributes): number =>
  Buffer.byteLength(JSON.stringify(clusters)) + Buffer.byteLength(JSON.stringify(owners));

/** Of what asks somebody to act, and of news: where not all have room, those of news do. */
function ownersOf(run: RunResult, fresh: readonly Finding[]): readonly string[] {
  const names = (findings: Iterable<Finding>): readonly string[] => {
    const found = new Set<string>();
    for (const { owner } of findings) if (owner != null) found.add(owner);
    return [...found].sort(compareText);
  };
  const active = run.clusters.flatMap((result) => countedFindings(result).filter(isActive));
  return [...names(fresh), ...names(active)];
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
