import { gunzipSync } from 'node:zlib';
import { openSnapshot, type RecordedCluster } from '../collect/tape/replay.ts';
import { moveTimes } from './move-times.ts';
import { sampleFile } from './sample-file.ts';

/**
 * The clusters of the embedded sample: an online shop in Ireland, where age, writable layers and open egress meet,
 * and an analytics platform in Virginia, whose network policies the auditor may not read.
 * @param now epoch milliseconds; every time in the sample is as long ago as it was when the sample was written
 */
export async function openSample(now: number): Promise<readonly RecordedCluster[]> {
  const lines = gunzipSync(sampleFile()).toString('utf8').trimEnd().split('\n');
  const moved = moveTimes(lines, now).map((line) => Buffer.from(line));
  return openSnapshot({
    name: 'embedded sample',
    async *lines() {
      yield* moved;
    },
  });
}
