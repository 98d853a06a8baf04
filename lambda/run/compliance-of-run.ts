import { CATALOGUE } from '../checks/catalogue.ts';
import type { RunResult } from '../findings/run-result.ts';
import { complianceCsv, complianceLines } from '../report/compliance.ts';
import { clusterObjectKey, findingsKey } from '../store/layout.ts';
import type { StoredObject } from '../store/store.ts';

/** What a run says of controls, as a person opens it and as queries read it. */
export interface ComplianceTexts {
  readonly csv: Iterable<string>;
  readonly lines: Iterable<string>;
}

/** `compliance.csv` of a run and its rows, given the objects that were stored before it. */
export const complianceOf =
  (run: RunResult) =>
  (objects: readonly StoredObject[]): ComplianceTexts => {
    const stored = new Map(objects.map((object) => [object.key, object]));
    const findingsOf = (cluster: RunResult['clusters'][number]['cluster']) =>
      stored.get(findingsKey(run.run, cluster)) ??
      // Of a fleet the record of the run names the list of the cluster's objects, and that names this one.
      stored.get(clusterObjectKey(run.run.id, cluster, 'cluster-manifest.json'));
    const options = { checks: CATALOGUE, findingsOf };
    return { csv: complianceCsv(run, options), lines: complianceLines(run, options) };
  };
