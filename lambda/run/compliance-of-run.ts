import { CATALOGUE } from '../checks/catalogue.ts';
import type { RunResult } from '../findings/run-result.ts';
import { complianceCsv } from '../report/compliance.ts';
import { clusterObjectKey, findingsKey } from '../store/layout.ts';
import type { StoredObject } from '../store/store.ts';

/** `compliance.csv` of a run, given the objects that were stored before it. */
export const complianceOf =
  (run: RunResult) =>
  (objects: readonly StoredObject[]): Iterable<string> => {
    const stored = new Map(objects.map((object) => [object.key, object]));
    const findingsOf = (cluster: RunResult['clusters'][number]['cluster']) =>
      stored.get(findingsKey(run.run, cluster)) ??
      // Of a fleet the record of the run names the list of the cluster's objects, and that names this one.
      stored.get(clusterObjectKey(run.run.id, cluster, 'cluster-manifest.json'));
    return complianceCsv(run, { checks: CATALOGUE, findingsOf });
  };
