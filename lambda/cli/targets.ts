import type { Readable } from 'node:stream';
import { added, withImages } from '../audit/ask-images.ts';
import { measuring } from '../audit/measure-layers.ts';
import type { CollectHooks, Target } from '../audit/target.ts';
import { collectCluster } from '../collect/collect-cluster.ts';
import { collectObjects } from '../collect/collect-objects.ts';
import { readSnapshot } from '../collect/snapshot/read.ts';
import { isCompressed, openRecorded, type RecordedCluster } from '../collect/tape/replay.ts';
import type { Config } from '../config/config.ts';
import type { KubeconfigOptions } from '../connect/kube/kubeconfig.ts';
import type { ImagesReading } from '../inventory/images.ts';
import type { CollectedInventory } from '../inventory/inventory.ts';
import { asWritten } from '../measure/ways.ts';
import { registriesInFiles } from '../registry/in-files.ts';
import { NO_MEMORY } from '../registry/known.ts';
import type { SbomSink } from '../registry/registry.ts';
import { grownSince } from '../run/measured-layers.ts';
import { openSample } from '../sample/open-sample.ts';
import { eksTargets } from './eks-targets.ts';
import { kubeconfigTargets } from './kubeconfig-targets.ts';
import type { OpenTargets } from './open-targets.ts';
import { type SourceOptions, sourceKind } from './options.ts';

export interface OpenOptions extends Pick<KubeconfigOptions, 'onPluginOutput'> {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly stdin: Readable;
  readonly config: Config;
  /** Takes SBOMs while registries are asked. @defaultValue nothing does */
  readonly sbomSink?: SbomSink | undefined;
}

/** Resolves the flags to targets. @throws UsageError when a flag names what does not exist. */
export async function openTargets(
  options: SourceOptions,
  { now, stdin, config, sbomSink, onPluginOutput }: OpenOptions,
): Promise<OpenTargets> {
  switch (sourceKind(options)) {
    case 'sample':
      return sampleTargets(now);
    case 'snapshot':
      return snapshotTargets(options, stdin);
    case 'eks':
      return eksTargets(options, config, sbomSink);
    case 'kubeconfig':
      return kubeconfigTargets(options, { config, now, sbomSink, onPluginOutput });
  }
}

/** Each cluster of a written snapshot is one; all other files together are another. */
async function snapshotTargets(options: SourceOptions, stdin: Readable): Promise<OpenTargets> {
  const paths = options.snapshot ?? [];
  const written: string[] = [];
  for (const path of new Set(paths)) if (await isCompressed(path)) written.push(path);
  const recorded = (await Promise.all(written.map(openRecorded))).flat();
  const targets = recorded.map(recordedTarget);
  const others = paths.filter((path) => !written.includes(path));
  if (others.length > 0) return filesTarget({ ...options, snapshot: others }, stdin, targets);
  const takenAt = Math.max(...recorded.map(({ header }) => Date.parse(header.takenAt)));
  return { targets, takenAt, close: async () => {} };
}

/** All files together are one cluster: a policy in one file restricts the pods in another. */
async function filesTarget(
  { snapshot = [], complete = false }: SourceOptions,
  stdin: Readable,
  others: readonly Target[],
): Promise<OpenTargets> {
  const source = await readSnapshot(snapshot, { stdin }, { complete });
  const identity = { name: 'snapshot', arn: null, accountId: null, region: null };
  return {
    targets: [
      ...others,
      {
        identity,
        collect: async (hooks) => {
          const { images: asked = null } = hooks;
          const ask = asked && { ...asked, ...registriesInFiles(source.registryAnswers), memory: NO_MEMORY };
          return withImages(collectObjects(identity, source, hooks), ask, hooks);
        },
      },
    ],
    close: async () => {},
  };
}

/** The sample is a snapshot of which everything is as old as it was, whenever it is looked at. */
async function sampleTargets(now: number): Promise<OpenTargets> {
  const { clusters, layersBefore } = await openSample(now);
  return {
    targets: clusters.map(recordedTarget),
    withGrowth: (result) => grownSince(result, layersBefore.get(result.cluster.name) ?? [], now),
    close: async () => {},
  };
}

const recordedTarget = ({ header, api, vpc, images }: RecordedCluster): Target => ({
  identity: header.cluster,
  collect: async (hooks: CollectHooks) => {
    const inventory = await collectCluster(header.cluster, api, {
      ...hooks,
      ...(header.declared === null ? {} : { declared: header.declared }),
      ...(vpc === undefined ? {} : { vpc: async () => vpc }),
      layers: hooks.measure ? measuring(asWritten, hooks.signal) : undefined,
    });
    const { annotations: written = [] } = header;
    const missing = (hooks.annotations ?? []).filter((key) => !written.includes(key));
    const notes = missing.length === 0 ? inventory.notes : [...inventory.notes, notKept(missing)];
    return withRecorded({ ...inventory, notes }, images, hooks);
  },
});

/** Of what was written only what the configuration asks for counts; what it asks for and was not written is not known. */
async function withRecorded(
  inventory: CollectedInventory,
  images: ImagesReading | undefined,
  hooks: CollectHooks,
): Promise<CollectedInventory> {
  if (!hooks.images) return inventory;
  if (images !== undefined) return added(inventory, images, hooks);
  return withImages(inventory, { ...hooks.images, ...registriesInFiles([]), memory: NO_MEMORY }, hooks);
}

const notKept = (annotations: readonly string[]): string =>
  `The snapshot was written without ${annotations.join(', ')} (owners.annotations), so these name no owners; write it again with this configuration.`;
