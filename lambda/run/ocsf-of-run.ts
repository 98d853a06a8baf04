import { CATALOGUE } from '../checks/catalogue.ts';
import type { RunResult } from '../findings/run-result.ts';
import { ocsfEvents } from '../report/ocsf.ts';

/** The lines of `findings.ocsf.ndjson.gz`. */
export const ocsfOf = (run: RunResult): Iterable<string> => ocsfEvents(run, CATALOGUE);
