import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AUDITOR_GROUP, type TestCluster } from '../../e2e/environment/cluster.ts';
import { type Environment, start } from '../../e2e/environment/environment.ts';
import { grant, SHIPPED_RIGHTS } from '../../e2e/support/access.ts';
import { canHold, measureCommand } from '../kubectl.ts';
import type { Measurement } from '../measure.ts';
import { bundle } from '../processes.ts';
import { type CaseResult, markdownTable, mebibytes, seconds } from '../result.ts';
import { fillEtcd } from './etcd.ts';
import { findServer, loadDuring, type ServerProcess, untilQuiet } from './server-load.ts';

/**
 * What an audit costs a real kube-apiserver and its etcd, beside what people do to it every day. The gentle
 * go first, since memory that a server once had it keeps.
 */
export async function benchGentle(pods: number): Promise<CaseResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-gentle-'));
  const environment = await start();
  try {
    const { cluster } = environment;
    await grant(cluster, SHIPPED_RIGHTS);
    const server = findServer(`--secure-port=${new URL(cluster.url).port}`);
    const etcdUrl = server.args.find((arg) => arg.startsWith('--etcd-servers='))?.split('=')[1] ?? '';
    const etcd = findServer(`--listen-client-urls=${etcdUrl}`);
    const begun = performance.now();
    await fillEtcd(etcdUrl, pods);
    console.error(`${pods} pods stored in ${seconds(performance.now() - begun)} s`);
    const bench = { pods, cluster, servers: [server, etcd] };
    const measurements: Measurement[] = [];
    for (const command of await commandsOf(environment, folder)) {
      if (!command.holdsAll || canHold(pods)) measurements.push(await measure(command, bench));
    }
    expectAudited(folder, pods);
    return { measurements, table: [...tableOf(measurements), '', await requestsLine(cluster)] };
  } finally {
    await environment.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Command {
  readonly name: string;
  readonly line: string;
  readonly kubeconfig: string;
  /** Left out where it would need more memory than there is. */
  readonly holdsAll?: boolean;
}

/** kubectl runs as an administrator: whoever may list pods puts the same load on the server. */
async function commandsOf({ cluster }: Environment, folder: string): Promise<readonly Command[]> {
  const cli = await bundle('../../bin/eks-drift-audit.ts', join(folder, 'cli.mjs'));
  const audit = `'${process.execPath}' '${cli}' audit --fail-on never --allow-incomplete -o json --out '${join(folder, 'reports')}'`;
  const admin = (name: string, line = name): Command => ({ name, line, kubeconfig: cluster.adminKubeconfig });
  return [
    { name: 'audit', line: audit, kubeconfig: cluster.auditorKubeconfig },
    admin('kubectl get pods -A'),
    { ...admin('kubectl get pods -A -o json'), holdsAll: true },
    admin('one list without pages, JSON', 'kubectl get --raw /api/v1/pods'),
  ];
}

async function measure(
  { name, line, kubeconfig }: Command,
  { pods, servers }: { readonly pods: number; readonly servers: readonly ServerProcess[] },
): Promise<Measurement> {
  await untilQuiet(servers);
  const { result, loads } = await loadDuring(servers, () => measureCommand(line, { KUBECONFIG: kubeconfig }));
  const [server, etcd] = loads;
  const details = {
    serverCpuMs: server?.cpuMs ?? 0,
    serverRssGrowth: server?.rssGrowth ?? 0,
    etcdCpuMs: etcd?.cpuMs ?? 0,
    etcdRssGrowth: etcd?.rssGrowth ?? 0,
  };
  return { name, pods, bytes: 0, ...result, details };
}

/** What the server counted is worth nothing if the audit saw only a part. */
function expectAudited(folder: string, pods: number): void {
  const { summary } = JSON.parse(readFileSync(join(folder, 'reports', 'latest', 'summary.json'), 'utf8'));
  if (!(summary.pods >= pods)) throw new Error(`the audit saw ${summary.pods} pods of ${pods}`);
}

/**
 * How the server classed the requests, by its own metrics. The auditor is the only client here that is neither
 * the server itself nor an administrator, who are exempt.
 * @see https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
 */
async function requestsLine(cluster: TestCluster): Promise<string> {
  const { length } = await cluster.requestsOf(AUDITOR_GROUP);
  const { body } = await cluster.admin.request('GET', '/metrics');
  const dispatched =
    /^apiserver_flowcontrol_dispatched_requests_total\{flow_schema="global-default",priority_level="([^"]+)"\} (\d+)/m;
  const [, level, count] = dispatched.exec(String(body)) ?? [];
  return `- Requests of the audit: ${length}; the flow schema global-default (level ${level}) took ${count}.`;
}

function tableOf(measurements: readonly Measurement[]): readonly string[] {
  const header = [
    'client',
    'kube-apiserver CPU s',
    'its RSS +MiB',
    'etcd CPU s',
    'its RSS +MiB',
    'wall s',
    "client's CPU s",
    "client's peak MiB",
  ];
  const rows = measurements.map(({ name, wallMs, cpuMs, peakRss, details }) => [
    name,
    seconds(details['serverCpuMs'] ?? 0),
    mebibytes(details['serverRssGrowth'] ?? 0),
    seconds(details['etcdCpuMs'] ?? 0),
    mebibytes(details['etcdRssGrowth'] ?? 0),
    seconds(wallMs),
    seconds(cpuMs),
    mebibytes(peakRss),
  ]);
  return markdownTable(header, rows);
}
