import { hash } from 'node:crypto';
import type { WorkloadRef } from '../inventory/names.ts';
import { type ClusterName, clusterKey } from './cluster-key.ts';
import type { Finding } from './finding.ts';

export { clusterKey } from './cluster-key.ts';

/** What makes a finding the same one in every run. */
export interface FindingKey {
  readonly cluster: ClusterName;
  readonly check: string;
  readonly workload: WorkloadRef;
  readonly container: string | null;
}

/**
 * SHA-256, in hexadecimal, of the JSON array `[cluster, check, namespace, kind, name, container]`.
 *
 * JSON quotes every part, so no two keys share a text whatever characters their names hold, and
 * `container` null differs from one named "null" or "". Permanent: compliance records refer to it.
 */
export function findingId({ cluster, check, workload, container }: FindingKey): string {
  const { namespace, kind, name } = workload;
  return sha256(JSON.stringify([clusterKey(cluster), check, namespace, kind, name, container]));
}

/**
 * The id of a run, as `20261121T230000Z-1f0c9a3e`: its start in UTC, to the second, and eight digits of a hash.
 *
 * Ids sort by time as text, and hold only characters that are safe in S3 keys, file names (also on
 * Windows, hence no colons), URLs and shells. The same start and seed give the same id, so that a
 * schedule that delivers twice names one run, and `--now` gives equal output. The milliseconds of the
 * start go into the hash: two runs by hand in one second stay two.
 *
 * @param startedAt Epoch milliseconds. A scheduled run gives the time of its schedule, not of the clock.
 * @param seed What the run is about: the hash of the configuration and the targets.
 * @throws RangeError when the time is none, or not between the years 0 and 9999, which would not sort.
 */
export function runId(startedAt: number, seed: string): string {
  const instant = new Date(startedAt).toISOString();
  if (!/^[0-9]{4}-/.test(instant)) throw new RangeError(`A run cannot start at ${instant}.`);
  const digest = sha256(JSON.stringify([startedAt, seed]));
  return `${instant.slice(0, 19).replaceAll(/[-:]/g, '')}Z-${digest.slice(0, 8)}`;
}

const sha256 = (text: string): string => hash('sha256', text, 'hex');

/** Whether a finding counts against its workload now: not closed, and not accepted. */
export const isActive = ({ status }: Pick<Finding, 'status'>): boolean =>
  status === 'new' || status === 'open';

/** Whether a finding is a thing of the past: its row is written once and asks nobody to act. */
export const isClosed = ({ status }: Pick<Finding, 'status'>): boolean =>
  status === 'fixed' || status === 'gone' || status === 'withdrawn' || status === 'resolved';
