import { createHash } from 'node:crypto';
import type { ClusterIdentity } from '../inventory/model.ts';

/**
 * Where everything is kept: the one home of keys, the same in S3 and on disk. SPEC §9. Partitions are Hive
 * style, so that Athena finds account, region, cluster and date without opening an object.
 */

/** Stands for an account or region that is not known, as for a cluster that is read from files. */
const UNKNOWN = 'none';

/** File systems take names of 255 bytes; the partition's key and temporary suffixes need some of them. */
const LONGEST_VALUE = 180;

/** What a key needs to know of a run. */
export interface RunKey {
  readonly id: string;
  /** RFC 3339; the day in UTC is the partition. */
  readonly startedAt: string;
}

export const findingsKey = (run: RunKey, cluster: ClusterIdentity): string =>
  `findings/${clusterPath(cluster)}/date=${day(run)}/${keySafe(run.id)}.ndjson.gz`;

export const inventoryKey = (run: RunKey, cluster: ClusterIdentity): string =>
  `inventory/${clusterPath(cluster)}/date=${day(run)}/${keySafe(run.id)}.ndjson.gz`;

/** What the next run compares with. */
export const stateKey = (cluster: ClusterIdentity): string => `state/${clusterPath(cluster)}/state.json.gz`;

/** Objects of one run that cover all its clusters. */
export type RunObject =
  | 'report.html'
  | 'findings.csv'
  | 'findings.sarif'
  | 'findings.ocsf.ndjson.gz'
  | 'compliance.csv'
  | 'not-evaluated.ndjson.gz'
  | 'digest.txt'
  | 'summary.json'
  | 'manifest.json';

export const runFolder = (runId: string): string => `runs/${keySafe(runId)}`;

export const runKey = (runId: string, object: RunObject): string => `${runFolder(runId)}/${object}`;

export const latestKey = (object: 'summary.json' | 'report.html'): string => `latest/${object}`;

const day = ({ startedAt }: RunKey): string => keySafe(startedAt.slice(0, 10));

/** `account=…/region=…/cluster=…` */
export const clusterPath = ({ accountId, region, name }: ClusterIdentity): string =>
  `account=${keySafe(accountId ?? UNKNOWN)}/region=${keySafe(region ?? UNKNOWN)}/cluster=${keySafe(name)}`;

/**
 * Any text as one segment of a key: everything but ASCII letters, digits, `.`, `_` and `-` percent-encoded
 * as UTF-8, which Hive and Glue undo in partition values (Hive's FileUtils.escapePathName) and which can
 * neither leave the folder nor start a new partition. Kubeconfig contexts may hold `/`, `:` and `=`. What
 * would be too long for a file name ends in its SHA-256 instead, so that two names never share a key.
 */
export function keySafe(text: string): string {
  if (text === '') return UNKNOWN;
  let safe = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const char = String.fromCharCode(byte);
    safe += /[A-Za-z0-9._-]/.test(char) ? char : percent(byte);
  }
  if (/^\.+$/.test(safe)) safe = safe.replaceAll('.', '%2E');
  if (safe.length <= LONGEST_VALUE) return safe;
  const head = safe.slice(0, LONGEST_VALUE - 66).replace(/%.?$/, '');
  return `${head}~${createHash('sha256').update(text).digest('hex')}`;
}

const percent = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
