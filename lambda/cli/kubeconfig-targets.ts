import { withImages } from '../audit/ask-images.ts';
import { measuring } from '../audit/measure-layers.ts';
import { openRegistries } from '../audit/open-registries.ts';
import { collectCluster } from '../collect/collect-cluster.ts';
import type { Config } from '../config/config.ts';
import { registryLevel } from '../config/schema-images.ts';
import { type AwsAccess, openAwsAccess } from '../connect/aws/access.ts';
import { ownRegion } from '../connect/aws/region.ts';
import {
  type ConnectedContext,
  connectKubeconfig,
  type KubeconfigOptions,
} from '../connect/kube/kubeconfig.ts';
import { type Kubelets, openKubelets } from '../connect/kube/kubelets.ts';
import { ReadError, UsageError } from '../errors.ts';
import { directly, type StatsWay, throughApiServer } from '../measure/ways.ts';
import type { SbomSink } from '../registry/registry.ts';
import type { OpenTargets } from './open-targets.ts';
import type { SourceOptions } from './options.ts';

interface KubeconfigTargetsOptions extends Pick<KubeconfigOptions, 'onPluginOutput'> {
  readonly config: Config;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Takes SBOMs while registries are asked. @defaultValue nothing does */
  readonly sbomSink?: SbomSink | undefined;
}

/** The clusters of `--context`, or of the current context. @throws UsageError when a flag names what does not exist */
export async function kubeconfigTargets(
  options: SourceOptions,
  { config, now, sbomSink, onPluginOutput }: KubeconfigTargetsOptions,
): Promise<OpenTargets> {
  const { measure } = config;
  const file = {
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    onPluginOutput,
  };
  const open = (contexts: readonly string[]): Promise<readonly ConnectedContext[]> =>
    Promise.all([...new Set(contexts)].map((context) => connectKubeconfig({ ...file, context })));
  const named = options.context ?? [];
  const connected = named.length === 0 ? [await connectKubeconfig(file)] : await open(named);
  const measurers = await open(options.measureContext ?? []);
  checkMeasurers(measurers, { connected, measure });
  const access = await accessFor(config);
  return {
    targets: connected.map((cluster) => {
      const { identity, api } = cluster;
      const way = wayOf(cluster, measurers, measure);
      return {
        identity,
        ...(named.length === 0 ? {} : { context: cluster.context }),
        reading: () => ({ principal: cluster.user === '' ? null : `kubeconfig user ${cluster.user}` }),
        async collect(hooks) {
          const inventory = await collectCluster(identity, api, {
            ...hooks,
            layers: way === null ? undefined : measuring(way, hooks.signal),
          });
          if (access === null) return inventory;
          const own = { role: null, accountId: identity.accountId };
          const asked = { access, config, otherwise: 'off', cluster: own, now: () => now, sbomSink } as const;
          return withImages(inventory, openRegistries(asked), hooks);
        },
      };
    }),
    close: async () => {
      access?.close();
      await Promise.all([...connected, ...measurers].map(({ api }) => api.close()));
    },
  };
}

/** The ordinary AWS credentials, where registries are asked: a kubeconfig has none for them. */
async function accessFor({ images }: Config): Promise<AwsAccess | null> {
  if (registryLevel(images, 'off') === null) return null;
  return openAwsAccess({ region: (await ownRegion()) ?? 'us-east-1' });
}

/** Whoever owns a node can use what is sent to it: the user who reads the cluster must be another one. */
function checkMeasurers(
  measurers: readonly ConnectedContext[],
  {
    connected,
    measure,
  }: { readonly connected: readonly ConnectedContext[]; readonly measure: Config['measure'] },
): void {
  if (measurers.length > 0 && measure.writableLayer !== 'kubelet') {
    throw new UsageError(
      '--measure-context is for measure.writableLayer: kubelet, which the configuration does not set.',
    );
  }
  for (const { context, user, api } of measurers) {
    const audited = connected.filter((cluster) => cluster.api.server === api.server);
    if (audited.length === 0) {
      throw new UsageError(
        `--measure-context "${context}" is of the server ${api.server}, which is not audited; name a context of the same cluster.`,
      );
    }
    if (audited.some((cluster) => cluster.user === user)) {
      throw new UsageError(
        `--measure-context "${context}" has the user "${user}" that reads the cluster; kubelets must get the credentials of another user, who may only get nodes/stats.`,
      );
    }
  }
}

function wayOf(
  { api: { server } }: ConnectedContext,
  measurers: readonly ConnectedContext[],
  { writableLayer }: Config['measure'],
): StatsWay | null {
  if (writableLayer === 'off') return null;
  if (writableLayer === 'api-server-proxy') return throughApiServer;
  const measurer = measurers.find(({ api }) => api.server === server);
  return directly(measurer === undefined ? NO_MEASURER : openKubelets({ credentials: measurer.credentials }));
}

/** The user of a kubeconfig may do more than read statistics, often all: its token is not for nodes. */
const NO_MEASURER: Kubelets = {
  summary: () =>
    Promise.reject(
      new ReadError(
        'unauthorized',
        'Kubelets were not asked: the credentials of this context are not sent to nodes, whose owners could use them.',
        'Name a context of the measuring role with --measure-context, audit with --eks, or set measure.writableLayer: api-server-proxy.',
      ),
    ),
};
