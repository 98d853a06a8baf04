import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { ReadError } from '../errors.ts';
import type { Finding } from '../findings/model.ts';
import type { ClusterIdentity } from '../inventory/model.ts';
import { stateKey } from '../report/layout.ts';
import { findingRow, jsonLine } from '../report/rows.ts';
import { gzipLines } from './gzip.ts';
import type { ReportStore, StoredObject } from './store.ts';

/** Of the format below; a state of another version is not compared with. */
const STATE_VERSION = 1;

const HEADER = z.object({
  stateVersion: z.number(),
  run: z.string(),
  cluster: z.object({ name: z.string(), arn: z.string().nullable() }),
});

/**
 * What the last run left behind of a cluster: the findings that were not resolved. `null` when there is
 * no state yet.
 *
 * @throws ReadError when there is one that cannot be understood: everything would look new.
 */
export async function readState(
  store: ReportStore,
  cluster: ClusterIdentity,
): Promise<readonly Finding[] | null> {
  const key = stateKey(cluster);
  const bytes = await store.get(key);
  if (bytes === null) return null;
  try {
    const [first = '', ...rows] = gunzipSync(bytes).toString('utf8').trimEnd().split('\n');
    const header = HEADER.parse(JSON.parse(first));
    if (header.stateVersion !== STATE_VERSION) {
      throw new Error(`it has version ${header.stateVersion}, this program reads version ${STATE_VERSION}`);
    }
    return rows.map((row) => JSON.parse(row) as Finding);
  } catch (error) {
    throw new ReadError(
      'malformed-object',
      `The state of cluster ${cluster.name} in ${store.location(key)} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      'Restore an earlier version of the object, or delete it to begin anew, with every finding counted as new.',
    );
  }
}

/** Writes the state of one cluster: a header line, then a line for each finding that is not resolved. */
export function writeState(
  store: ReportStore,
  {
    run,
    cluster,
    findings,
  }: { readonly run: string; readonly cluster: ClusterIdentity; readonly findings: readonly Finding[] },
): Promise<StoredObject> {
  function* lines(): Generator<string> {
    yield `${jsonLine({ stateVersion: STATE_VERSION, run, cluster })}\n`;
    for (const finding of findings) {
      if (finding.status !== 'resolved') yield `${jsonLine(findingRow(finding))}\n`;
    }
  }
  return store.put(stateKey(cluster), gzipLines(lines()), { contentType: 'application/gzip' });
}
