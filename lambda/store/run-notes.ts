import type { ClusterIdentity } from '../inventory/names.ts';
import type { Shard } from '../inventory/shard.ts';
import { clusterPath, keySafe, shardSuffix } from './key-segments.ts';
import { layersKey, runFolder, STATE_FOLDER } from './layout.ts';

/** Names of notes, and of folders of notes. */
export const NOTE_FILES = [
  'begun.json',
  'targets.json',
  'discovery.json',
  'places.json',
  'done.json',
] as const;
export const NOTE_FOLDERS = ['discovered', 'results', 'layers', 'sent'] as const;

/** Notes that a run makes for itself: they are no records, change while it goes on, and stand in no manifest. */
export type RunNote = (typeof NOTE_FILES)[number] | `${(typeof NOTE_FOLDERS)[number]}/${string}`;

/** Whether what is in the folder of a run is a {@link RunNote}. */
export const isNote = (name: string): name is RunNote =>
  NOTE_FILES.some((file) => file === name) || NOTE_FOLDERS.some((folder) => name.startsWith(`${folder}/`));

export const noteKey = (runId: string, note: RunNote): string => `${runFolder(runId)}/${note}`;

/** What was found in one account and region, where each is asked by itself. */
export const discoveredNote = (place: { readonly accountId: string; readonly region: string }): RunNote =>
  `discovered/account=${keySafe(place.accountId)}/region=${keySafe(place.region)}/clusters.json`;

/** What became of one cluster, or of one part of it, where each is audited by itself. */
export const resultNote = (cluster: ClusterIdentity, shard: Shard | null = null): RunNote =>
  `results/${clusterPath(cluster)}/result${shardSuffix(shard)}.ndjson.gz`;

/** What the end of a run needs to know of one cluster. */
export const summaryNote = (cluster: ClusterIdentity): RunNote =>
  `results/${clusterPath(cluster)}/summary.ndjson.gz`;

/** What was measured in the layers of that cluster, or of that part. */
export const measuredNote = (cluster: ClusterIdentity, shard: Shard | null = null): RunNote =>
  `results/${clusterPath(cluster)}/layers${shardSuffix(shard)}.ndjson.gz`;

/** What a run is about to leave beside a state: the layers of its cluster. */
export const layersNote = (state: string): RunNote => `layers/${layersKey(state).slice(STATE_FOLDER.length)}`;
