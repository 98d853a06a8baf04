import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configHash } from '../../../lambda/config/hash.ts';
import { defaultConfig } from '../../../lambda/config/load.ts';
import { findingId } from '../../../lambda/findings/identity.ts';
import type { ClusterResult } from '../../../lambda/findings/run-result.ts';
import { roomOfCluster, storeSummary, summaryOf } from '../../../lambda/fleet/cluster-summary.ts';
import { joinFleet } from '../../../lambda/fleet/join.ts';
import type { FleetPlan } from '../../../lambda/fleet/plan.ts';
import { inParallel } from '../../../lambda/in-parallel.ts';
import type { ClusterIdentity } from '../../../lambda/inventory/names.ts';
import { completeRun } from '../../../lambda/run/complete-run.ts';
import { judgeCluster } from '../../../lambda/run/decide-cluster.ts';
import { folderStore } from '../../../lambda/store/folder-store.ts';
import { clusterObjectKey } from '../../../lambda/store/layout.ts';
import { NOW } from '../data/values.ts';
import { type Measurement, processCost, startClock } from '../measure.ts';
import { findingAt, resultWith } from '../state/rows.ts';

const [mode = '', clustersText = '0', perClusterText = '0', folder = ''] = process.argv.slice(2);
const [clusters, perCluster] = [Number(clustersText), Number(perClusterText)];
const config = defaultConfig();
const startedAt = new Date(NOW).toISOString();
const run = { id: '20261121T060000Z-00000000', startedAt };
const store = folderStore(folder);

/** Clusters of a hundred accounts, as EKS allows them. */
function identityOf(
  index: number,
): ClusterIdentity & { readonly arn: string; accountId: string; region: string } {
  const accountId = String(100_000_000_000 + Math.floor(index / 100));
  const name = `cluster-${String(index).padStart(5, '0')}`;
  const region = 'eu-west-1';
  return { name, arn: `arn:aws:eks:${region}:${accountId}:cluster/${name}`, accountId, region };
}

function resultOf(index: number): ClusterResult {
  const cluster = identityOf(index);
  const findings = Array.from({ length: perCluster }, (_, place) => {
    const row = findingAt(index * perCluster + place);
    return { ...row, cluster, id: findingId({ ...row, cluster }) };
  });
  return { ...resultWith(findings), cluster };
}

/** What the functions of the clusters leave: made by their own code, without their reports. */
async function write(): Promise<void> {
  const indexes = Array.from({ length: clusters }, (_, index) => index);
  await inParallel(indexes, 4, async (index) => {
    const result = resultOf(index);
    const options = { config, run, now: NOW, stored: [], shortfalls: [] };
    const judged = await judgeCluster(store, result, options);
    const key = clusterObjectKey(run.id, result.cluster, 'cluster-manifest.json');
    const manifest = {
      key,
      bytes: 1000,
      sha256: findingId({ ...findingAt(index), cluster: result.cluster }),
    };
    const summary = summaryOf(judged, { config, room: roomOfCluster(clusters), manifest });
    await storeSummary(store, run.id, result.cluster, summary);
  });
}

const plan = (): FleetPlan => ({
  run,
  config: configHash(config),
  shards: {},
  gaps: [],
  excluded: [],
  targets: Array.from({ length: clusters }, (_, index) => ({
    identity: identityOf(index),
    endpoint: 'https://127.0.0.1',
    certificateAuthority: '',
    role: null,
    authenticationMode: 'API' as const,
    access: { public: true, private: false, publicCidrs: [] },
    vpcId: null,
    facts: {
      version: '1.36',
      platformVersion: null,
      createdAt: null,
      ipFamily: 'ipv4' as const,
      autoMode: null,
      vpcCni: null,
      fargateProfiles: null,
      unread: [],
    },
  })),
});

async function joinAll(): Promise<Measurement> {
  const clock = startClock();
  const all = plan();
  const mails: string[] = [];
  const completed = await completeRun(() => joinFleet(all, { store, config, now: NOW }), {
    store,
    run,
    once: true,
    attempt: 'a',
    isLast: false,
    notifiers: [{ name: 'sns', notify: async ({ digest }) => void mails.push(digest.body) }],
  });
  const cost = clock();
  if (completed.outcome !== 'done') throw new Error(`The run ended as ${completed.outcome}.`);
  writeFileSync(join(folder, 'mail.txt'), mails.join('\n'));
  return {
    name: 'join',
    pods: clusters * perCluster,
    ...cost,
    ...processCost(),
    bytes: 0,
    details: {
      clusters,
      kept: completed.recorded.run.clusters.reduce((sum, { findings }) => sum + findings.length, 0),
    },
  };
}

if (mode === 'write') await write();
else process.stdout.write(JSON.stringify(await joinAll()));
