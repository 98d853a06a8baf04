import type { ClusterIdentity } from '../inventory/names.ts';
import type { Shard } from '../inventory/shard.ts';
import { clusterPath, keySafe, partitionOf, percentDecoded, shardSuffix, UNKNOWN } from './key-segments.ts';

/**
 * Where everything is kept, the same in S3 and on disk: the one home of keys, but for what a run notes for itself
 * (`run-notes.ts`). SPEC §9. Partitions are Hive
 * style, so that Athena finds account, region, cluster and date without opening an object.
 */

/** What a key needs to know of a run. */
export interface RunKey {
  readonly id: string;
  /** RFC 3339; the day in UTC is the partition. */
  readonly startedAt: string;
}

export const findingsKey = (run: RunKey, cluster: ClusterIdentity): string =>
  `findings/${clusterPath(cluster)}/date=${day(run)}/${keySafe(run.id)}.ndjson.gz`;

/** The rows of `compliance.csv` of a run, for queries: below `runs/` they would be among its other objects, which Athena reads, too. */
export const complianceKey = (run: RunKey): string =>
  `compliance/date=${day(run)}/${keySafe(run.id)}.ndjson.gz`;

/** @param shard Of a cluster that is read in parts, each writes its own object: `<run>-shard-03-of-08.ndjson.gz`. */
export const inventoryKey = (run: RunKey, cluster: ClusterIdentity, shard: Shard | null = null): string =>
  `inventory/${clusterPath(cluster)}/date=${day(run)}/${keySafe(run.id)}${shardSuffix(shard)}.ndjson.gz`;

export const STATE_FOLDER = 'state/';

/** Below it: those of clusters that are not known by an ARN. */
export const STATES_WITHOUT_ACCOUNT = `${STATE_FOLDER}account=${UNKNOWN}/`;

const STATE_FILE = 'state.json.gz';
const LAYERS_FILE = 'layers.json.gz';

/** What the next run compares with. Where no ARN does, the uid tells clusters of one name apart. */
export function stateKey(cluster: ClusterIdentity): string {
  const { arn, uid } = cluster;
  const own = arn === null && uid ? `/uid=${keySafe(uid)}` : '';
  return `${STATE_FOLDER}${clusterPath(cluster)}${own}/${STATE_FILE}`;
}

/** Beside a state: what the last run measured in the layers of its cluster. */
export const layersKey = (state: string): string => `${folderOf(state)}/${LAYERS_FILE}`;

/** What is known of the images of a cluster, or of one part of it, by their digests; whoever loses it asks again. */
export const imagesKey = (cluster: ClusterIdentity, shard: Shard | null = null): string =>
  `${STATE_FOLDER}images/${clusterPath(cluster)}/images${shardSuffix(shard)}.json.gz`;

const folderOf = (key: string): string => key.slice(0, key.lastIndexOf('/'));

/** Whether a key below {@link STATE_FOLDER} is the state of a cluster. */
export const isStateKey = (key: string): boolean =>
  key.startsWith(STATE_FOLDER) && key.endsWith(`/${STATE_FILE}`);

/** Whose state a key is, as far as the key tells: the ARN is not in it. */
export function clusterOfStateKey(key: string): ClusterIdentity {
  const value = (partition: string): string | null => partitionOf(key, partition);
  return { name: value('cluster') ?? key, arn: null, accountId: value('account'), region: value('region') };
}

/** The uid in the path of a state; `null` where its cluster is distinguished without it. */
export const uidOfStateKey = (key: string): string | null => partitionOf(key, 'uid');

/** Where it is kept what Security Hub holds as active. */
export const HUB_LEDGER_FOLDER = `${STATE_FOLDER}security-hub/`;

/** An account and region of Security Hub. */
export interface HubPlaceKey {
  readonly partition: string;
  readonly accountId: string;
  readonly region: string;
}

export const hubLedgerKey = ({ partition, accountId, region }: HubPlaceKey): string =>
  `${HUB_LEDGER_FOLDER}partition=${keySafe(partition)}/account=${keySafe(accountId)}/region=${keySafe(region)}/imported.ndjson.gz`;

/** `null` for other keys. */
export function placeOfHubLedger(key: string): HubPlaceKey | null {
  const found =
    /\/partition=(?<partition>[^/]+)\/account=(?<accountId>[^/]+)\/region=(?<region>[^/]+)\/imported\.ndjson\.gz$/.exec(
      key,
    )?.groups;
  if (found === undefined) return null;
  const { partition = '', accountId = '', region = '' } = found;
  return { partition, accountId, region };
}

/** Names the last manifest of the chain. */
export const MANIFEST_HEAD = `${STATE_FOLDER}manifest-head.json`;

/** Names the runs whose mail was not accepted yet, for all that is known. */
export const UNTOLD_RUNS = `${STATE_FOLDER}untold-runs.json`;

/** Likewise, of messages to the chat. */
export const UNTOLD_CHATS = `${STATE_FOLDER}untold-chats.json`;

/** The numbers of the last runs, a line each. */
export const TREND = `${STATE_FOLDER}trend.ndjson.gz`;

/** Objects of one run that cover all its clusters. */
export type RunObject =
  | 'conclusion.ndjson.gz'
  | 'report.html'
  | 'findings.csv'
  | 'findings.sarif'
  | 'findings.ocsf.ndjson.gz'
  | 'compliance.csv'
  | 'config.json'
  | 'run.json'
  | 'not-evaluated.ndjson.gz'
  | 'digest.txt'
  | 'summary.json'
  | 'manifest.json'
  | SealObject;

/** Made from the manifest, so that it cannot name them: its signature, and its hashes as `sha256sum --check` takes them. */
export type SealObject = 'manifest.json.sig' | 'SHA256SUMS';

/** Below it: a folder for each run. */
export const RUNS_FOLDER = 'runs/';

/** Which run of a fleet is going on; beside the folders of the runs, since whoever finds the clusters writes only there. */
export const FLEET_LOCK = `${RUNS_FOLDER}fleet-lock.json`;

export const runFolder = (runId: string): string => `${RUNS_FOLDER}${keySafe(runId)}`;

export const runKey = (runId: string, object: RunObject): string => `${runFolder(runId)}/${object}`;

/** When a run started, as its id says; `null` where the id has another form. */
export function startOfRunId(id: string): number | null {
  const found = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/.exec(id);
  if (found === null) return null;
  const [, year, month, day, hour, minute, second] = found;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) ? null : at;
}

/** The id of a run whose folder, as {@link runFolder} gives it, this is. */
export const runOfFolder = (folder: string): string => percentDecoded(folder.slice(RUNS_FOLDER.length));

/** The folder of a run that a key below {@link RUNS_FOLDER} is in, and what follows; `null` for other keys. */
export function inRunFolder(key: string): { readonly folder: string; readonly name: string } | null {
  const found = /^(?<folder>runs\/[^/]+)\/(?<name>.+)$/s.exec(key)?.groups;
  return found === undefined ? null : { folder: found['folder'] ?? '', name: found['name'] ?? '' };
}

/** Folders of rows, with objects for each run. */
export const ROW_FOLDERS = ['findings/', 'inventory/', 'compliance/'] as const;

/** The folder of the run whose rows an object of {@link ROW_FOLDERS} holds, by its name. */
export function folderOfRows(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1);
  return `${RUNS_FOLDER}${name.replace(/\.ndjson\.gz$/, '').replace(/-shard-\d+-of-\d+$/, '')}`;
}

/** The run whose summary a key below {@link RUNS_FOLDER} is; `null` for other keys. */
export function runOfSummaryKey(key: string): string | null {
  const run = /^runs\/(?<run>[^/]+)\/summary\.json$/.exec(key)?.groups?.['run'];
  return run === undefined ? null : percentDecoded(run);
}

/** Objects of one cluster in a run whose clusters are recorded one by one. */
export type ClusterObject =
  | 'conclusion.ndjson.gz'
  | 'report.html'
  | 'findings.csv'
  | 'findings.ocsf.ndjson.gz'
  | 'not-evaluated.ndjson.gz'
  | 'cluster-manifest.json';

export const clusterObjectKey = (runId: string, cluster: ClusterIdentity, object: ClusterObject): string =>
  `${runFolder(runId)}/clusters/${clusterPath(cluster)}/${object}`;

/** Whether a key is that of the list of a cluster's own objects, which the manifest of its run names. */
export const isClusterManifest = (key: string): boolean =>
  /^runs\/[^/]+\/clusters\/.+\/cluster-manifest\.json$/s.test(key);

/** `previous-summary.json` is that of the run before the latest one. */
export const latestKey = (object: 'summary.json' | 'previous-summary.json' | 'report.html'): string =>
  `latest/${object}`;

/** SBOMs, whatever run collected them: SPEC §8. */
const SBOM_FOLDER = 'sbom/';

/** A document as it was found, by its own digest; compressed. @param digest `sha256:…` */
export const sbomDocumentKey = (digest: string): string =>
  `${SBOM_FOLDER}documents/${digestPath(digest, '/')}.gz`;

/** The packages of an image, one a line; Athena reads this folder. @param digest of the image */
export const sbomImageKey = (digest: string): string =>
  `${SBOM_FOLDER}images/${digestPath(digest, '=')}.ndjson.gz`;

/** A part of the index of packages. @param shard 0 to 255 */
export const sbomIndexKey = (shard: number): string =>
  `${SBOM_FOLDER}index/${shard.toString(16).padStart(2, '0')}.ndjson.gz`;

/** Which images have SBOMs, and whether they can be searched: one a line. */
export const SBOM_COLLECTED = `${SBOM_FOLDER}collected.ndjson.gz`;

function digestPath(digest: string, separator: string): string {
  const [algorithm = '', hex = ''] = digest.split(':');
  return `${keySafe(algorithm)}${separator}${keySafe(hex)}`;
}

/** All inventories of a cluster. */
export const inventoryFolder = (cluster: ClusterIdentity): string => `inventory/${clusterPath(cluster)}/`;

/** The run, the day and the part of the cluster that the key of an inventory names; `null` for other keys. */
export function inventoryOfKey(key: string): InventoryKeyParts | null {
  const parts =
    /\/date=(?<date>[^/]+)\/(?<run>[^/]+?)(?:-shard-(?<index>\d+)-of-(?<count>\d+))?\.ndjson\.gz$/.exec(
      key,
    )?.groups;
  if (parts === undefined) return null;
  const { date = '', run = '', index, count } = parts;
  return { date, run, shard: index === undefined ? null : { index: Number(index), count: Number(count) } };
}

export interface InventoryKeyParts {
  readonly date: string;
  readonly run: string;
  readonly shard: { readonly index: number; readonly count: number } | null;
}

const day = ({ startedAt }: RunKey): string => keySafe(startedAt.slice(0, 10));
