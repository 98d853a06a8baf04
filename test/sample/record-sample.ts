import { recordCluster } from '../../lambda/audit/record-cluster.ts';
import { collectCluster } from '../../lambda/collect/collect-cluster.ts';
import { openKubeApi } from '../../lambda/connect/kube/kube-api.ts';
import { startApiServer } from '../support/kube-server/api-server.ts';
import { type SampleCluster, sampleFleet } from './fleet/fleet.ts';

/** When the embedded sample was written: any time would do, but for the names of Jobs, which hold theirs. */
export const SAMPLE_TAKEN_AT = Date.parse('2026-06-01T00:00:00Z');

/**
 * The sample fleet as `eks-drift-audit snapshot` writes it, before it is compressed: read by the collector from an
 * API server for each cluster.
 * @param now epoch milliseconds
 */
export async function recordSample(now: number): Promise<string> {
  const pieces: string[] = [];
  for (const cluster of sampleFleet(now)) {
    await record(cluster, now, async (text) => {
      pieces.push(text);
    });
  }
  return pieces.join('');
}

async function record(
  { name, arn, accountId, region, objects, denied, vpc }: SampleCluster,
  takenAt: number,
  write: (text: string) => Promise<void>,
): Promise<void> {
  const identity = { name, arn, accountId, region };
  const server = await startApiServer({ objects, deny: denied.map((resource) => ({ resource })) });
  const api = openKubeApi({ server: server.url, credentials: async () => ({ headers: {}, tls: {} }) });
  // The port is another one each time.
  const named = { ...api, server: `https://${name}.sample` };
  try {
    await recordCluster(
      {
        identity,
        collect: (hooks) => collectCluster(identity, named, { ...hooks, vpc: async () => vpc }),
      },
      { takenAt, write, onPage: () => undefined },
    );
  } finally {
    await api.close();
    await server.close();
  }
}
