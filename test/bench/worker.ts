import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditCluster } from '../../lambda/audit/audit-cluster.ts';
import { measuring } from '../../lambda/audit/measure-layers.ts';
import { type CollectOptions, collectCluster } from '../../lambda/collect/collect-cluster.ts';
import { createPodDecoder, decodePodList } from '../../lambda/collect/pods/protobuf/decode-pods.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import { bodyBuffer } from '../../lambda/connect/kube/body.ts';
import { type KubeApi, openKubeApi } from '../../lambda/connect/kube/kube-api.ts';
import { type Kubelets, openKubelets } from '../../lambda/connect/kube/kubelets.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { directly } from '../../lambda/measure/ways.ts';
import { inventoryRows } from '../../lambda/run/inventory-rows.ts';
import { recordRun } from '../../lambda/run/record.ts';
import { manualRun } from '../../lambda/run/run-identity.ts';
import { folderStore } from '../../lambda/store/folder-store.ts';
import { inventorySpool } from '../../lambda/store/inventory-spool.ts';
import { syntheticPods } from './data/cluster.ts';
import type { Encoding } from './data/stamp.ts';
import { NOW } from './data/values.ts';
import { type Cost, type Measurement, processCost, startClock } from './measure.ts';

/**
 * One case of the benchmark, in a process of its own: `worker.js CASE PODS SERVER CA`. Writes its
 * measurement as one line of JSON.
 */
type Outcome = Cost & Pick<Measurement, 'bytes' | 'details'>;

const PAGE = 500;
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

interface Job {
  readonly pods: number;
  readonly server: string;
  readonly ca: string;
}

const CASES: Readonly<Record<string, (job: Job) => Promise<Outcome>>> = {
  'JSON.parse alone': (job) => perPage(job.pods, 'json', (page) => page.toString('utf8'), JSON.parse),
  'protobuf decode alone': ({ pods }) => {
    const decoder = createPodDecoder();
    return perPage(
      pods,
      'protobuf',
      (page) => page,
      (page) => decodePodList(page, () => undefined, decoder),
    );
  },
  'plain download, protobuf': (job) => download(job, PROTOBUF),
  'plain download, JSON': (job) => download(job, 'application/json'),
  'audit, protobuf': (job) => audit(job, (api) => api),
  'audit, measured': (job) => audit(job, (api) => api, kubelets(job)),
  'audit, JSON': (job) => audit(job, jsonOnly),
};

/** Pages are made outside the clock; what runs within sees the same bytes that the server sends. */
async function perPage<Input>(
  pods: number,
  encoding: Encoding,
  prepare: (page: Buffer) => Input,
  work: (input: Input) => unknown,
): Promise<Outcome> {
  const source = syntheticPods(encoding, pods);
  const total = { wallMs: 0, cpuMs: 0 };
  let bytes = 0;
  for (let from = 0; from < pods; from += PAGE) {
    const page = source.page(from, Math.min(from + PAGE, pods), { resourceVersion: '1000' });
    const input = prepare(page);
    bytes += page.length;
    const stop = startClock();
    work(input);
    const { wallMs, cpuMs } = stop();
    total.wallMs += wallMs;
    total.cpuMs += cpuMs;
  }
  return { ...total, bytes, details: {} };
}

function open({ server, ca }: Job): KubeApi {
  return openKubeApi({
    server,
    credentials: async () => ({ headers: { authorization: 'Bearer x' }, tls: { ca } }),
  });
}

/** Every page, one after the other, read to its end into the same memory. */
async function download(job: Job, accept: string): Promise<Outcome> {
  const api = open(job);
  const into = bodyBuffer();
  const stop = startClock();
  let bytes = 0;
  for (let from = 0; from < job.pods; from += PAGE) {
    const query = { limit: String(PAGE), ...(from > 0 ? { continue: String(from) } : {}) };
    bytes += (await api.request({ path: '/api/v1/pods', query, accept, into })).body.length;
  }
  const cost = stop();
  await api.close();
  return { ...cost, bytes, details: {} };
}

/** A server that has no protobuf. */
function jsonOnly(api: KubeApi): KubeApi {
  return { ...api, request: (request) => api.request({ ...request, accept: 'application/json' }) };
}

/** The whole audit: lists, checks, egress, comparison, and all reports written to a folder. */
async function audit(job: Job, through: (api: KubeApi) => KubeApi, layers?: Layers): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'audit-bench-'));
  const { api, bytes } = counting(through(open(job)));
  const config = defaultConfig();
  const identity = { name: 'bench', arn: null, accountId: '111122223333', region: 'eu-west-1' };
  const spool = inventorySpool();
  try {
    const stop = startClock();
    let collected: Cost = { wallMs: 0, cpuMs: 0 };
    const target = {
      identity,
      collect: async (hooks: Parameters<typeof collectCluster>[2]) => {
        const inventory = await collectCluster(identity, api, { ...hooks, layers: layers?.ask });
        collected = stop();
        return inventory;
      },
    };
    const result = await auditCluster(target, {
      config,
      now: NOW,
      observer: inventoryRows(identity.name, spool),
    });
    const judged = stop();
    const inventories = [{ cluster: identity, chunks: spool.chunks() }];
    await recordRun(folderStore(folder), [result], {
      config,
      run: manualRun(NOW, config, [identity]),
      now: NOW,
      inventories,
      mail: false,
    });
    const cost = stop();
    await api.close();
    return {
      ...cost,
      bytes: bytes(),
      details: {
        collectCpuMs: collected.cpuMs,
        judgeCpuMs: judged.cpuMs - collected.cpuMs,
        recordCpuMs: cost.cpuMs - judged.cpuMs,
        collectWallMs: collected.wallMs,
        findings: result.findings.length,
        ...layers?.details(result),
        writtenBytes: sizeOf(folder),
      },
    };
  } finally {
    spool.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Layers {
  readonly ask: CollectOptions['layers'];
  readonly details: (result: ClusterResult) => Readonly<Record<string, number>>;
}

/** As Lambda asks them, with a token that these kubelets do not look at. */
function kubelets({ ca }: Job): Layers {
  let bytes = 0;
  const opened = openKubelets({
    credentials: async () => ({ headers: { authorization: 'Bearer measuring' }, tls: { ca } }),
  });
  const counted: Kubelets = {
    async summary(kubelet, signal) {
      const response = await opened.summary(kubelet, signal);
      bytes += response.body.length;
      return response;
    },
  };
  return {
    ask: measuring(directly(counted), undefined),
    details: ({ findings, tallies, notEvaluated }) => {
      const ours = tallies.find(({ check }) => check === 'writable-layer-drifted');
      const open = notEvaluated.filter(({ check }) => check === 'writable-layer-drifted');
      if (open.length > 0) console.error(open.length, open[0]?.reason, open[0]?.message);
      return {
        summaryBytes: bytes,
        containers: (ours?.pass ?? 0) + (ours?.fail ?? 0),
        notMeasured: open.length,
        drifted: findings.filter(({ check }) => check === 'writable-layer-drifted').length,
      };
    },
  };
}

function counting(api: KubeApi): { api: KubeApi; bytes: () => number } {
  let bytes = 0;
  const request: KubeApi['request'] = async (asked) => {
    const response = await api.request(asked);
    bytes += response.body.length;
    return response;
  };
  return { api: { ...api, request }, bytes: () => bytes };
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
}

const [name = '', pods = '', server = '', ca = ''] = process.argv.slice(2);
const run = CASES[name];
if (run === undefined) throw new Error(`no case "${name}"; there are: ${Object.keys(CASES).join(', ')}`);
const outcome = await run({ pods: Number(pods), server, ca });
const measurement: Measurement = { name, pods: Number(pods), ...outcome, ...processCost() };
process.stdout.write(`${JSON.stringify(measurement)}\n`);
