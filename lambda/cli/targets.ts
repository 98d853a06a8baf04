import type { Readable } from 'node:stream';
import type { CollectHooks, Target } from '../audit/target.ts';
import { collectCluster } from '../collect/collect-cluster.ts';
import { collectObjects } from '../collect/collect-objects.ts';
import { readSnapshot } from '../collect/snapshot/read.ts';
import { isCompressed, openRecorded } from '../collect/tape/replay.ts';
import type { Config } from '../config/config.ts';
import { openKubeApi } from '../connect/kube/kube-api.ts';
import { connectKubeconfig, type KubeconfigOptions } from '../connect/kube/kubeconfig.ts';
import { startApiServer } from '../sample/api-server.ts';
import { sampleFleet } from '../sample/fleet.ts';
import { eksTargets } from './eks-targets.ts';
import type { OpenTargets } from './open-targets.ts';
import { type SourceOptions, sourceKind } from './options.ts';

export interface OpenOptions extends Pick<KubeconfigOptions, 'onPluginOutput'> {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly stdin: Readable;
  readonly config: Config;
}

/** Resolves the flags to targets. @throws UsageError when a flag names what does not exist. */
export async function openTargets(
  options: SourceOptions,
  { now, stdin, config, onPluginOutput }: OpenOptions,
): Promise<OpenTargets> {
  switch (sourceKind(options)) {
    case 'sample':
      return sampleTargets(now);
    case 'snapshot':
      return snapshotTargets(options, stdin);
    case 'eks':
      return eksTargets(options, config);
    case 'kubeconfig':
      return kubeconfigTargets(options, onPluginOutput);
  }
}

async function kubeconfigTargets(
  options: SourceOptions,
  onPluginOutput: KubeconfigOptions['onPluginOutput'],
): Promise<OpenTargets> {
  const file = {
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    onPluginOutput,
  };
  const contexts = [...new Set(options.context ?? [])];
  const connected = await Promise.all(
    contexts.length === 0
      ? [connectKubeconfig(file)]
      : contexts.map((context) => connectKubeconfig({ ...file, context })),
  );
  return {
    targets: connected.map(({ identity, api }) => ({
      identity,
      collect: (hooks) => collectCluster(identity, api, hooks),
    })),
    close: async () => {
      await Promise.all(connected.map(({ api }) => api.close()));
    },
  };
}

/** Each cluster of a written snapshot is one; all other files together are another. */
async function snapshotTargets(options: SourceOptions, stdin: Readable): Promise<OpenTargets> {
  const paths = options.snapshot ?? [];
  const written: string[] = [];
  for (const path of new Set(paths)) if (await isCompressed(path)) written.push(path);
  const recorded = (await Promise.all(written.map(openRecorded))).flat();
  const targets = recorded.map(({ header, api, vpc }) => ({
    identity: header.cluster,
    collect: (hooks: CollectHooks) =>
      collectCluster(header.cluster, api, {
        ...hooks,
        ...(header.declared === null ? {} : { declared: header.declared }),
        ...(vpc === undefined ? {} : { vpc: async () => vpc }),
      }),
  }));
  const others = paths.filter((path) => !written.includes(path));
  if (others.length > 0) return filesTarget({ ...options, snapshot: others }, stdin, targets);
  const takenAt = Math.max(...recorded.map(({ header }) => Date.parse(header.takenAt)));
  return { targets, takenAt, close: async () => {} };
}

/** All files together are one cluster: a policy in one file restricts the pods in another. */
async function filesTarget(
  { snapshot = [], complete = false }: SourceOptions,
  stdin: Readable,
  besides: readonly Target[],
): Promise<OpenTargets> {
  const source = await readSnapshot(snapshot, { stdin }, { complete });
  const identity = { name: 'snapshot', arn: null, accountId: null, region: null };
  return {
    targets: [...besides, { identity, collect: async (hooks) => collectObjects(identity, source, hooks) }],
    close: async () => {},
  };
}

/** The sample's clusters behind in-process API servers, read by the same collector as any other. */
async function sampleTargets(now: number): Promise<OpenTargets> {
  const opened = await Promise.all(
    sampleFleet(now).map(async ({ objects, denied, vpc, name, arn, accountId, region }) => {
      const server = await startApiServer({ objects, deny: denied.map((resource) => ({ resource })) });
      const api = openKubeApi({ server: server.url, credentials: async () => ({ headers: {}, tls: {} }) });
      return { server, api, vpc, identity: { name, arn, accountId, region } };
    }),
  );
  return {
    targets: opened.map(({ api, identity, vpc }) => ({
      identity,
      collect: (hooks) => collectCluster(identity, api, { ...hooks, vpc: async () => vpc }),
    })),
    close: async () => {
      await Promise.all(opened.map(({ api }) => api.close()));
      await Promise.all(opened.map(({ server }) => server.close()));
    },
  };
}
