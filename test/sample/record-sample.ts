import { gunzipSync } from 'node:zlib';
import { type AskImages, withImages } from '../../lambda/audit/ask-images.ts';
import { auditCluster } from '../../lambda/audit/audit-cluster.ts';
import { measuring } from '../../lambda/audit/measure-layers.ts';
import { recordCluster } from '../../lambda/audit/record-cluster.ts';
import type { Target } from '../../lambda/audit/target.ts';
import { CHECK_IDS } from '../../lambda/checks/catalogue.ts';
import { collectCluster } from '../../lambda/collect/collect-cluster.ts';
import { parseConfig } from '../../lambda/config/load.ts';
import { openEcr } from '../../lambda/connect/aws/ecr.ts';
import { openInspector } from '../../lambda/connect/aws/inspector.ts';
import { openKubeApi } from '../../lambda/connect/kube/kube-api.ts';
import { throughApiServer } from '../../lambda/measure/ways.ts';
import { isOwnedByAws } from '../../lambda/ownership/publishers.ts';
import { NO_MEMORY } from '../../lambda/registry/known.ts';
import { recordRun } from '../../lambda/run/record.ts';
import { SAMPLE_CONFIG } from '../../lambda/sample/config.ts';
import type { LayersBefore } from '../../lambda/sample/open-sample.ts';
import { layersKey, stateKey } from '../../lambda/store/layout.ts';
import { memoryStore } from '../store/memory-store.ts';
import { hubCredentials } from '../support/aws-server.ts';
import { startEcrServer } from '../support/ecr-server.ts';
import { startApiServer } from '../support/kube-server/api-server.ts';
import { type SampleCluster, sampleFleet } from './fleet/fleet.ts';
import { days } from './fleet/kubernetes.ts';
import { sampleRegistries } from './fleet/registry.ts';

/** When the embedded sample was written: any time would do, but for the names of Jobs, which hold theirs. */
export const SAMPLE_TAKEN_AT = Date.parse('2026-06-01T00:00:00Z');

/**
 * The sample fleet as `eks-drift-audit snapshot` writes it, before it is compressed: read by the collector from an
 * API server for each cluster, and its kubelets. Behind it is what an audit a week earlier left of their layers.
 * @param now epoch milliseconds
 */
export async function recordSample(now: number): Promise<string> {
  const pieces: string[] = [];
  const fleet = sampleFleet(now);
  for (const cluster of fleet) {
    await withTarget(cluster, { kubelets: cluster.kubelets, now }, async (target) => {
      const write = async (text: string): Promise<void> => void pieces.push(text);
      await recordCluster(target, { takenAt: now, write, onPage: () => undefined });
    });
  }
  for (const cluster of fleet) pieces.push(`${JSON.stringify(await layersBefore(cluster, now - days(7)))}\n`);
  return pieces.join('');
}

/** Audited and recorded as any cluster is, by what its kubelets said then. */
function layersBefore(cluster: SampleCluster, now: number): Promise<LayersBefore> {
  const { name, kubeletsBefore } = cluster;
  return withTarget(cluster, { kubelets: kubeletsBefore, now }, async (target) => {
    const config = parseConfig(SAMPLE_CONFIG, 'of the sample', CHECK_IDS);
    const store = memoryStore();
    await recordRun(store, [await auditCluster(target, { config, now })], { config, now, mail: false });
    const bytes = await store.get(layersKey(stateKey(target.identity)));
    const [, ...rows] = gunzipSync(bytes ?? Buffer.alloc(0))
      .toString('utf8')
      .trimEnd()
      .split('\n');
    // Without milliseconds, as the times of Kubernetes are, which are moved with them.
    const read = rows.map((row): unknown => JSON.parse(row.replace(/\.\d{3}Z"/g, 'Z"')));
    return { layersBefore: { cluster: name, rows: read } };
  });
}

async function withTarget<T>(
  { name, arn, accountId, region, objects, denied, vpc }: SampleCluster,
  { kubelets, now }: { readonly kubelets: ReadonlyMap<string, object>; readonly now: number },
  use: (target: Target) => Promise<T>,
): Promise<T> {
  const identity = { name, arn, accountId, region };
  const deny = denied.map((resource) => ({ resource }));
  const server = await startApiServer({ objects, kubelets, deny });
  const api = openKubeApi({ server: server.url, credentials: async () => ({ headers: {}, tls: {} }) });
  // The port is another one each time.
  const named = { ...api, server: `https://${name}.sample` };
  const registry = await startEcrServer({
    registries: sampleRegistries(objects, now),
    accountOf: () => accountId,
  });
  const collect: Target['collect'] = async (hooks) => {
    const inventory = await collectCluster(identity, named, {
      ...hooks,
      vpc: async () => vpc,
      layers: measuring(throughApiServer, hooks.signal),
    });
    return withImages(inventory, asking(registry.url, now), hooks);
  };
  try {
    return await use({ identity, collect });
  } finally {
    await registry.close();
    await api.close();
    await server.close();
  }
}

/** As the deployed auditor asks: AWS lets nobody describe its own images, and no other registry is listed. */
const asking = (endpoint: string, now: number): AskImages => ({
  level: 'sbom-presence',
  scans: 'auto',
  memory: NO_MEMORY,
  now: () => now,
  openOci: async () => null,
  openEcr: async ({ accountId, region }) => {
    if (isOwnedByAws(accountId)) return null;
    const settings = { region, endpoint, credentials: hubCredentials };
    return {
      ecr: openEcr({ ...settings, registryId: accountId }),
      inspector: () => openInspector(settings),
      asker: {
        accountId,
        region,
        partition: 'aws',
        principalArn: `arn:aws:iam::${accountId}:role/EksDriftAuditor`,
        ownAccountId: accountId,
      },
    };
  },
});
