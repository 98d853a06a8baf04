import { gunzipSync } from 'node:zlib';
import { openSnapshot, type RecordedCluster } from '../collect/tape/replay.ts';
import { moveTimes } from './move-times.ts';
import { sampleFile } from './sample-file.ts';

export interface Sample {
  readonly clusters: readonly RecordedCluster[];
  /** Rows of what an audit a week earlier measured in the layers of a cluster, by its name; sorted by workload. */
  readonly layersBefore: ReadonlyMap<string, readonly unknown[]>;
}

/** A line behind the snapshot: what the audit of a week earlier left of a cluster. */
export interface LayersBefore {
  readonly layersBefore: { readonly cluster: string; readonly rows: readonly unknown[] };
}

/**
 * The clusters of the embedded sample: an online shop in Ireland, where age, writable layers and open egress meet,
 * and an analytics platform in Virginia, whose network policies the auditor may not read.
 * @param now epoch milliseconds; every time in the sample is as long ago as it was when the sample was written
 */
export async function openSample(now: number): Promise<Sample> {
  const lines = moveTimes(gunzipSync(sampleFile()).toString('utf8').trimEnd().split('\n'), now);
  const isBefore = (line: string): boolean => line.startsWith('{"layersBefore":');
  const clusters = await openSnapshot({
    name: 'embedded sample',
    async *lines() {
      for (const line of lines) if (!isBefore(line)) yield Buffer.from(line);
    },
  });
  const before = lines.filter(isBefore).map((line) => (JSON.parse(line) as LayersBefore).layersBefore);
  return { clusters, layersBefore: new Map(before.map(({ cluster, rows }) => [cluster, rows])) };
}
