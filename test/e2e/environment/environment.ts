import { join } from 'node:path';
import { NODES, REAL_NODE_ADDRESS } from '../seed/nodes.ts';
import { seedCluster } from '../seed/seed.ts';
import type { KubernetesObject } from './api-client.ts';
import { type AwsCredentials, type AwsServices, startAwsServices } from './aws-services.ts';
import { ensureBinaries } from './binaries.ts';
import { type CertificateFolder, makeCertificates } from './certificates.ts';
import { AUDITOR_GROUP, MEASURE_GROUP, startCluster, type TestCluster } from './cluster.ts';
import { type Kubelet, startKubelet } from './kubelet.ts';
import type { WritableLayerUsage } from './kubelet-summary.ts';
import { openProcesses } from './processes.ts';
import { type RealNode, startRealNode } from './real-node.ts';

/** Real servers on loopback: a Kubernetes cluster with workloads in it, and the AWS APIs around it. */
export interface Environment {
  readonly aws: AwsServices;
  readonly cluster: TestCluster;
  /** One for every node that has a reachable kubelet. */
  readonly kubelets: readonly Kubelet[];
  /** Undefined unless the options ask for one. */
  readonly realNode: RealNode | undefined;
  /** IAM role that the cluster lets in, as member of the auditor's group. */
  readonly auditorRoleArn: string;
  readonly auditorCredentials: AwsCredentials;
  /** IAM role whose tokens go to kubelets, as member of a group of its own. */
  readonly measureRoleArn: string;
  readonly measureCredentials: AwsCredentials;
  /** Milliseconds that the start took, step by step. */
  readonly timings: Readonly<Record<string, number>>;
  /** Ends every server and removes every file. Also happens when the test process ends in any way. */
  stop(): Promise<void>;
}

export interface EnvironmentOptions {
  /** The instant that ages in the cluster count back from; default the present. */
  readonly now?: Date;
  /** Writable-layer measurements that kubelets report. */
  readonly usage?: WritableLayerUsage;
  /** Adds a real node, with these pods from files; see whyNoRealNode for where that is possible. */
  readonly realNode?: { readonly staticPods: readonly KubernetesObject[] };
}

const CLUSTER_NAME = 'e2e';
const ROLE_NAME = 'eks-drift-auditor';
const MEASURE_ROLE_NAME = 'EksDriftAuditorMeasure';
const UNREMARKABLE_LAYER = { bytes: 24 * 1024, inodes: 12 };

/**
 * Starts everything. No rights are granted to the two roles: apply a ClusterRole first.
 *
 * @throws one sentence when a server cannot be built or does not start; nothing is left running.
 */
export async function start(options: EnvironmentOptions = {}): Promise<Environment> {
  const clock = stopwatch();
  const binaries = await clock.measure('binaries', ensureBinaries());
  const processes = await openProcesses();
  const closers: Array<() => Promise<void>> = [];
  const stop = async (): Promise<void> => {
    await Promise.allSettled(closers.splice(0).map((close) => close()));
    await processes.stop();
  };
  try {
    const aws = await clock.measure('aws', startAwsServices(processes));
    const auditorRoleArn = `arn:aws:iam::${aws.accountId}:role/${ROLE_NAME}`;
    const measureRoleArn = `arn:aws:iam::${aws.accountId}:role/${MEASURE_ROLE_NAME}`;
    const cluster = await clock.measure(
      'cluster',
      startCluster({
        name: CLUSTER_NAME,
        processes,
        binaries,
        aws,
        nodeAddresses: [...NODES.map((node) => node.externalIp), REAL_NODE_ADDRESS],
        accessEntries: [
          { principalArn: auditorRoleArn, kubernetesGroups: [AUDITOR_GROUP] },
          { principalArn: measureRoleArn, kubernetesGroups: [MEASURE_GROUP] },
        ],
      }),
    );
    closers.push(cluster.close);
    const strangers = await makeCertificates(binaries.certificates, join(processes.folder, 'strange-pki'), [
      { name: 'kubelet', commonName: 'kubelet', addresses: ['127.0.0.1'] },
    ]);
    const usage = options.usage ?? (() => UNREMARKABLE_LAYER);
    const kubelets = await startKubelets({ cluster, strangers, usage });
    closers.push(...kubelets.map((kubelet) => kubelet.close));
    const now = options.now ?? new Date();
    await clock.measure('seed', seedCluster(cluster.admin, { now, kubelets }));
    const realNode =
      options.realNode &&
      (await clock.measure('real node', startRealNode({ processes, cluster, ...options.realNode })));
    return {
      aws,
      cluster,
      kubelets,
      realNode,
      auditorRoleArn,
      auditorCredentials: await aws.assumeRole(auditorRoleArn),
      measureRoleArn,
      measureCredentials: await aws.assumeRole(measureRoleArn),
      timings: clock.timings,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface KubeletPlan {
  readonly cluster: TestCluster;
  /** Certificates of another authority. */
  readonly strangers: CertificateFolder;
  readonly usage: WritableLayerUsage;
}

/** Fargate runs no kubelet that others can reach. */
async function startKubelets({ cluster, strangers, usage }: KubeletPlan): Promise<readonly Kubelet[]> {
  const { certificates, ca, admin } = cluster;
  const tls = { ...(await certificates.pair('kubelet')), ca };
  const strange = {
    authority: await strangers.pair('kubelet'),
    // Of the cluster, and made out to nobody's address.
    address: await certificates.pair('node'),
  };
  return Promise.all(
    NODES.filter((node) => node.kind !== 'fargate').map((node) => {
      cluster.addNode(node.externalIp);
      const countsInodes = node.kind !== 'windows';
      return startKubelet({ nodeName: node.name, tls, strange, api: admin, usage, countsInodes });
    }),
  );
}

function stopwatch() {
  const timings: Record<string, number> = {};
  return {
    timings,
    measure: async <T>(step: string, work: Promise<T>): Promise<T> => {
      const startedAt = performance.now();
      const result = await work;
      timings[step] = Math.round(performance.now() - startedAt);
      return result;
    },
  };
}
