import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import type { AwsServices } from './aws-services.ts';
import type { Binaries } from './binaries.ts';
import type { CertificateFolder } from './certificates.ts';
import { freePorts } from './free-ports.ts';
import { type Processes, type Program, type RunningProgram, waitUntilReady } from './processes.ts';

export interface ClusterServers {
  /** Of the API server. */
  readonly url: string;
  readonly auditLogFile: string;
  readonly apiServer: ApiServer;
  /**
   * Forgets all past revisions of objects, as the API server has etcd do every few minutes: a list that
   * is read from one of them cannot be continued.
   */
  compact(): Promise<void>;
}

/** The API server, which can end and come back at its address with its data, as in an upgrade of EKS. */
export interface ApiServer {
  kill(): Promise<void>;
  /** Resolves when it answers. */
  start(): Promise<void>;
}

export interface ServersOptions {
  readonly name: string;
  readonly folder: string;
  readonly processes: Processes;
  readonly binaries: Binaries;
  readonly aws: AwsServices;
  readonly certificates: CertificateFolder;
  readonly accessEntriesFile: string;
  /** Unix socket of the CONNECT proxy that leads to nodes. */
  readonly egressSocket: string;
}

/** Starts etcd, the token webhook and kube-apiserver, and waits until each of them answers. */
export async function startServers(options: ServersOptions): Promise<ClusterServers> {
  const [etcdPort = 0, etcdPeerPort = 0, webhookPort = 0, apiPort = 0] = await freePorts(4);
  const answers = answersTo(options.certificates.ca);
  const etcd = startEtcd(options, etcdPort, etcdPeerPort);
  const webhook = startTokenWebhook(options, webhookPort);
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  await waitUntilReady(etcd, () => answers(`${etcdUrl}/health`));
  await waitUntilReady(webhook, () => answers(`https://127.0.0.1:${webhookPort}/healthz`));

  const url = `https://127.0.0.1:${apiPort}`;
  const auditLogFile = join(options.folder, 'audit.log');
  const files = await writeApiServerFiles(options, webhookPort);
  const program = apiServerProgram(options, { apiPort, etcdUrl, auditLogFile, files });
  let running: RunningProgram | undefined;
  const apiServer: ApiServer = {
    kill: async () => running?.kill(),
    start: async () => {
      running = options.processes.start(program);
      await waitUntilReady(running, () => answers(`${url}/readyz`));
    },
  };
  await apiServer.start();
  return { url, auditLogFile, apiServer, compact: () => compactEtcd(etcdUrl) };
}

/** Whether a server answers 200; a connection for each question, so that none is left to close. */
function answersTo(ca: string): (url: string) => Promise<boolean> {
  return async (url) => {
    const dispatcher = new Agent({ connect: { ca } });
    try {
      const response = await request(url, { dispatcher });
      await response.body.dump();
      return response.statusCode === 200;
    } finally {
      await dispatcher.destroy();
    }
  };
}

interface ApiServerPlan {
  readonly apiPort: number;
  readonly etcdUrl: string;
  readonly auditLogFile: string;
  readonly files: { readonly webhook: string; readonly egress: string; readonly audit: string };
}

function apiServerProgram(
  options: ServersOptions,
  { apiPort, etcdUrl, auditLogFile, files }: ApiServerPlan,
): Program {
  const { certFile, keyFile, caFile } = options.certificates;
  const serviceAccountKey = keyFile('service-accounts');
  return {
    name: `${options.name}-kube-apiserver`,
    command: options.binaries.kubeApiserver,
    args: [
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${apiPort}`,
      `--etcd-servers=${etcdUrl}`,
      `--tls-cert-file=${certFile('apiserver')}`,
      `--tls-private-key-file=${keyFile('apiserver')}`,
      `--client-ca-file=${caFile}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${serviceAccountKey}`,
      `--service-account-signing-key-file=${serviceAccountKey}`,
      '--service-cluster-ip-range=172.20.0.0/16',
      '--authorization-mode=Node,RBAC',
      `--authentication-token-webhook-config-file=${files.webhook}`,
      '--authentication-token-webhook-version=v1',
      // Short, so that a change of access entries or an expired token is seen at once.
      '--authentication-token-webhook-cache-ttl=1s',
      `--kubelet-client-certificate=${certFile('apiserver-kubelet-client')}`,
      `--kubelet-client-key=${keyFile('apiserver-kubelet-client')}`,
      `--kubelet-certificate-authority=${caFile}`,
      // Nodes have their loopback address as InternalIP; see node-network.ts.
      '--kubelet-preferred-address-types=ExternalIP',
      `--egress-selector-config-file=${files.egress}`,
      `--audit-policy-file=${files.audit}`,
      `--audit-log-path=${auditLogFile}`,
      // Pods need a service account that a controller makes, and no controller runs here.
      '--disable-admission-plugins=ServiceAccount',
      // The address that it would publish for service kubernetes must not be loopback.
      '--endpoint-reconciler-type=none',
      // Node agents and their like are privileged pods.
      '--allow-privileged=true',
    ],
  };
}

/**
 * Compacts up to the present revision, through etcd's gateway for JSON.
 *
 * @see https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
 */
async function compactEtcd(url: string): Promise<void> {
  const ask = async (path: string, content: object): Promise<EtcdAnswer> => {
    const response = await fetch(`${url}/v3/kv/${path}`, { method: 'POST', body: JSON.stringify(content) });
    if (!response.ok) {
      throw new Error(`etcd refused ${path}: ${await response.text()}`);
    }
    return (await response.json()) as EtcdAnswer;
  };
  // Any key answers with the present revision.
  const { header } = await ask('range', { key: Buffer.from('any').toString('base64') });
  await ask('compaction', { revision: header.revision, physical: true });
}

interface EtcdAnswer {
  readonly header: { readonly revision: string };
}

function startEtcd({ name, folder, processes, binaries }: ServersOptions, port: number, peerPort: number) {
  const url = `http://127.0.0.1:${port}`;
  return processes.start({
    name: `${name}-etcd`,
    command: binaries.etcd,
    args: [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
      // Nothing here outlives the test, so it need not survive a power cut.
      '--unsafe-no-fsync',
    ],
  });
}

function startTokenWebhook(options: ServersOptions, port: number) {
  const { name, aws, certificates } = options;
  return options.processes.start({
    name: `${name}-token-webhook`,
    command: options.binaries.tokenWebhook,
    args: [
      `--listen=127.0.0.1:${port}`,
      `--tls-cert-file=${certificates.certFile('token-webhook')}`,
      `--tls-private-key-file=${certificates.keyFile('token-webhook')}`,
      `--cluster=${name}`,
      `--region=${aws.region}`,
      `--sts=${aws.url}`,
      `--access-entries=${options.accessEntriesFile}`,
    ],
  });
}

async function writeApiServerFiles(
  { folder, certificates, egressSocket }: ServersOptions,
  webhookPort: number,
) {
  const write = async (name: string, content: object): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, JSON.stringify(content, undefined, 2));
    return file;
  };
  return {
    webhook: await write('token-webhook.json', {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'webhook',
      contexts: [{ name: 'webhook', context: { cluster: 'webhook', user: 'apiserver' } }],
      users: [{ name: 'apiserver', user: {} }],
      clusters: [
        {
          name: 'webhook',
          cluster: {
            server: `https://127.0.0.1:${webhookPort}/authenticate`,
            'certificate-authority': certificates.caFile,
          },
        },
      ],
    }),
    egress: await write('egress-selector.json', {
      apiVersion: 'apiserver.k8s.io/v1beta1',
      kind: 'EgressSelectorConfiguration',
      egressSelections: [
        {
          name: 'cluster',
          connection: {
            proxyProtocol: 'HTTPConnect',
            transport: { uds: { udsName: egressSocket } },
          },
        },
      ],
    }),
    audit: await write('audit-policy.json', {
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      // One line a request.
      omitStages: ['RequestReceived', 'ResponseStarted'],
      rules: [{ level: 'Metadata' }],
    }),
  };
}
