import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REAL_NODE } from '../seed/nodes.ts';
import { type ApiClient, type ApiCredentials, openApiClient } from './api-client.ts';
import type { AwsServices } from './aws-services.ts';
import type { Binaries } from './binaries.ts';
import { type CertificateFolder, makeCertificates } from './certificates.ts';
import { type ApiServer, type ClusterServers, startServers } from './cluster-servers.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { openNodeNetwork } from './node-network.ts';
import type { Processes } from './processes.ts';

/** A Kubernetes API server with etcd behind it, known to AWS as an EKS cluster. */
export interface TestCluster {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  /** The cluster's certificate authority, PEM. */
  readonly ca: string;
  readonly caFile: string;
  /** What the API server says it is, such as `v1.36.3`. */
  readonly version: string;
  /** Kubeconfig of `system:masters`, by client certificate. */
  readonly adminKubeconfig: string;
  /** Kubeconfig of a real node's kubelet, by client certificate. */
  readonly nodeKubeconfig: string;
  /** Kubeconfig of a user in the auditor's group, by client certificate. */
  readonly auditorKubeconfig: string;
  readonly admin: ApiClient;
  readonly certificates: CertificateFolder;
  /** Opens another client; it is closed with the cluster. */
  connect(credentials: ApiCredentials): ApiClient;
  /** Replaces the access entries: which IAM principals are let in, and to which groups. */
  setAccessEntries(entries: readonly AccessEntry[]): Promise<void>;
  /** Lets the API server reach a node at this address through its node proxy. */
  addNode(address: string): void;
  /** To end the API server in the middle of something, and start it again. */
  readonly apiServer: ApiServer;
  /** Makes etcd forget past revisions, so that lists begun before cannot be continued from it. */
  compact(): Promise<void>;
  /** The requests that members of a group made so far, from the API server's audit log. */
  requestsOf(group: string): Promise<readonly AuditedRequest[]>;
  /** Closes what runs in this process; the servers end with their processes. */
  close(): Promise<void>;
}

export interface AccessEntry {
  readonly principalArn: string;
  readonly kubernetesGroups: readonly string[];
}

export interface AuditedRequest {
  readonly verb: string;
  readonly requestURI: string;
  readonly username: string;
  readonly status: number;
}

export interface ClusterOptions {
  readonly name: string;
  readonly processes: Processes;
  readonly binaries: Binaries;
  readonly aws: AwsServices;
  /** Addresses at which the API server finds kubelets. */
  readonly nodeAddresses: readonly string[];
  readonly accessEntries: readonly AccessEntry[];
}

/** The group that the shipped ClusterRoleBinding names. */
export const AUDITOR_GROUP = 'eks-drift-auditor';
/** The group of the role whose tokens go to kubelets, and which may do nothing else. */
export const MEASURE_GROUP = 'eks-drift-auditor-measure';

export async function startCluster(options: ClusterOptions): Promise<TestCluster> {
  const folder = join(options.processes.folder, options.name);
  const certificates = await makeClusterCertificates(options, folder);
  const accessEntriesFile = join(folder, 'access-entries.json');
  await writeFile(accessEntriesFile, JSON.stringify(options.accessEntries));
  const network = await openNodeNetwork(join(folder, 'nodes.sock'));

  const servers = await startServers({
    ...options,
    folder,
    certificates,
    accessEntriesFile,
    egressSocket: network.socket,
  });
  const clients: ApiClient[] = [];
  const connect = (credentials: ApiCredentials): ApiClient => {
    const client = openApiClient(servers.url, certificates.ca, credentials);
    clients.push(client);
    return client;
  };
  const admin = connect(await certificates.pair('admin'));
  const version = await versionOf(admin);
  const { arn } = await options.aws.putEksCluster({
    name: options.name,
    endpoint: servers.url,
    certificateAuthorityData: Buffer.from(certificates.ca).toString('base64'),
    version: version.split('.').slice(0, 2).join('.').replace('v', ''),
  });
  return {
    name: options.name,
    arn,
    url: servers.url,
    ca: certificates.ca,
    caFile: certificates.caFile,
    version,
    admin,
    certificates,
    connect,
    adminKubeconfig: await kubeconfigFor('admin', { ...options, servers, certificates, folder }),
    nodeKubeconfig: await kubeconfigFor('node', { ...options, servers, certificates, folder }),
    auditorKubeconfig: await kubeconfigFor('auditor', { ...options, servers, certificates, folder }),
    setAccessEntries: (entries) => writeFile(accessEntriesFile, JSON.stringify(entries)),
    addNode: network.addNode,
    apiServer: servers.apiServer,
    compact: servers.compact,
    requestsOf: (group) => auditedRequests(servers.auditLogFile, group),
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await network.close();
    },
  };
}

function makeClusterCertificates(options: ClusterOptions, folder: string): Promise<CertificateFolder> {
  const loopback = { addresses: ['127.0.0.1'], dnsNames: ['localhost'] };
  return makeCertificates(options.binaries.certificates, join(folder, 'pki'), [
    { name: 'apiserver', commonName: 'kube-apiserver', ...loopback },
    { name: 'token-webhook', commonName: 'token-webhook', ...loopback },
    {
      name: 'apiserver-kubelet-client',
      commonName: 'kube-apiserver-kubelet-client',
      organization: ['system:masters'],
    },
    { name: 'kubelet', commonName: 'kubelet', addresses: ['127.0.0.1', ...options.nodeAddresses] },
    // A real kubelet's identity, which the Node authorizer knows: see real-node.ts.
    { name: 'node', commonName: `system:node:${REAL_NODE}`, organization: ['system:nodes'] },
    { name: 'admin', commonName: 'kubernetes-admin', organization: ['system:masters'] },
    { name: 'auditor', commonName: 'security-engineer', organization: [AUDITOR_GROUP] },
  ]);
}

interface KubeconfigContext {
  readonly name: string;
  readonly folder: string;
  readonly servers: ClusterServers;
  readonly certificates: CertificateFolder;
}

async function kubeconfigFor(user: string, context: KubeconfigContext): Promise<string> {
  const file = join(context.folder, `${user}.kubeconfig`);
  await writeKubeconfig(file, {
    cluster: context.name,
    server: context.servers.url,
    caFile: context.certificates.caFile,
    certFile: context.certificates.certFile(user),
    keyFile: context.certificates.keyFile(user),
  });
  return file;
}

async function versionOf(admin: ApiClient): Promise<string> {
  const { body } = await admin.request('GET', '/version');
  return (body as { gitVersion: string }).gitVersion;
}

interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string; readonly groups?: readonly string[] };
  readonly responseStatus?: { readonly code: number };
}

/** @see https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/#audit-k8s-io-v1-Event */
async function auditedRequests(file: string, group: string): Promise<readonly AuditedRequest[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  return lines
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ user }) => user.groups?.includes(group))
    .map(({ verb, requestURI, user, responseStatus }) => ({
      verb,
      requestURI,
      username: user.username,
      status: responseStatus?.code ?? 0,
    }));
}
