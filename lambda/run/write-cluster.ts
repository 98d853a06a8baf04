import { AuditorError } from '../errors.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { csvFindings } from '../report/csv.ts';
import { ndjsonNotEvaluated } from '../report/json.ts';
import type { Shortfall } from '../report/news.ts';
import { clusterManifestText } from '../store/cluster-manifest.ts';
import { gzipLines } from '../store/gzip.ts';
import { type ClusterObject, clusterObjectKey } from '../store/layout.ts';
import { sha256Of } from '../store/manifest.ts';
import { orShortfall } from '../store/shortfall.ts';
import type { ReportStore, StoredObject } from '../store/store.ts';
import type { CommittedRun } from './decided-run.ts';
import { ocsfOf } from './ocsf-of-run.ts';
import { pageOf } from './page-of-run.ts';
import { effectiveConfig } from './remembered.ts';
import { CSV, findingsParts, GZIP, HTML, JSON_TYPE, type Part, putText } from './write-run.ts';

/**
 * Stores the record of one cluster of a fleet: its findings, what was not evaluated, and the list of its objects, which
 * the manifest of the run names. Repeating it gives the same bytes, and the first list stays.
 *
 * @returns the list; `null` where an object is missing
 */
export async function writeCluster(
  store: ReportStore,
  cluster: ClusterIdentity,
  decided: CommittedRun,
  shortfalls: Shortfall[],
): Promise<StoredObject | null> {
  const { run, record, stored } = decided;
  // Nothing follows from a decision that is not stored.
  if (record === null) return null;
  const { id } = run.run;
  const missing: Shortfall[] = [];
  const objects: StoredObject[] = [record, ...stored];
  const part = (object: ClusterObject, write: (key: string) => Promise<StoredObject>): Part => ({
    name: `${object} of cluster ${cluster.name}`,
    write: () => write(clusterObjectKey(id, cluster, object)),
  });
  const page = (location: string) =>
    pageOf(decided, {
      trend: [],
      config: effectiveConfig(decided.config, decided.accounts, run.run.config),
      location,
      ofCluster: true,
    });
  const parts = [
    ...findingsParts(store, run),
    part('findings.csv', (key) => putText(store, key, csvFindings(run), CSV)),
    part('findings.ocsf.ndjson.gz', (key) => store.put(key, gzipLines(ocsfOf(run)), GZIP)),
    part('not-evaluated.ndjson.gz', (key) => store.put(key, gzipLines(ndjsonNotEvaluated(run)), GZIP)),
    // It names the hashes of all others.
    part('report.html', (key) => putText(store, key, page(store.location(key))(objects), HTML)),
  ];
  for (const { name, write } of parts) {
    const object = await orShortfall(name, missing, write);
    if (object !== null) objects.push(object);
  }
  shortfalls.push(...missing);
  if (missing.length > 0) return null;
  return orShortfall(`the list of the objects of cluster ${cluster.name}`, shortfalls, () =>
    putOnce(store, clusterObjectKey(id, cluster, 'cluster-manifest.json'), clusterManifestText(id, objects)),
  );
}

async function putOnce(store: ReportStore, key: string, text: string): Promise<StoredObject> {
  const content = Buffer.from(text, 'utf8');
  const written = await store.putIf(key, [content], { ...JSON_TYPE, expected: null });
  if (written !== null) return written;
  const first = await store.get(key);
  if (first === null)
    throw new AuditorError(`${store.location(key)} was deleted while it was stored; run again.`);
  return { key, bytes: first.byteLength, sha256: sha256Of(first) };
}
