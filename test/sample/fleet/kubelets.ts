import type { Layer, Written } from './fleet-layers.ts';
import { hours, instant, type KubeObject, numberFrom, seconds, uidOf } from './kubernetes.ts';

export interface Measuring {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly written: readonly Written[];
}

/** What the kubelets of a cluster answer to `/stats/summary`, by the name of the node. */
export function kubeletAnswers(
  objects: readonly KubeObject[],
  measuring: Measuring,
): ReadonlyMap<string, object> {
  const nodes = objects.filter(({ kind }) => kind === 'Node').filter(answers);
  // In the order of their names: what was written is said by it.
  const pods = objects
    .filter(({ kind }) => kind === 'Pod')
    .map((object) => object as unknown as SamplePod)
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const positions = new Map<string, number>();
  const stats = pods.map((pod) => ({
    node: pod.spec.nodeName,
    pod: podStats(pod, measuring, positions),
  }));
  return new Map(
    nodes.map(({ metadata: { name } }) => [
      name,
      {
        node: { nodeName: name },
        pods: stats.filter(({ node }) => node === name).map(({ pod }) => pod),
      },
    ]),
  );
}

interface SamplePod {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
  readonly spec: { readonly nodeName: string };
  readonly status: Readonly<
    Partial<
      Record<
        'initContainerStatuses' | 'containerStatuses' | 'ephemeralContainerStatuses',
        readonly ContainerStatus[]
      >
    >
  >;
}

interface ContainerStatus {
  readonly name: string;
  readonly state: { readonly running?: { readonly startedAt: string } };
}

/** That of Fargate accepts no connection, and that of Windows counts no files. */
const answers = ({ metadata }: KubeObject): boolean => {
  const labels = metadata['labels'] as Readonly<Record<string, string>>;
  return labels['kubernetes.io/os'] !== 'windows' && labels['eks.amazonaws.com/compute-type'] !== 'fargate';
};

/** Containers that have ended are not in it, nor those that started since. */
function podStats(
  { metadata: { name, namespace }, status }: SamplePod,
  { at, written }: Measuring,
  positions: Map<string, number>,
): object {
  const states = [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? []),
  ];
  const containers = states.flatMap(({ name: container, state: { running } }) => {
    if (running === undefined || Date.parse(running.startedAt) > at + hours(1)) return [];
    // The clock of a node may be ahead; that of its kubelet is the same.
    const time = Math.max(at - seconds(9), Date.parse(running.startedAt) + seconds(5));
    const layer = layerOf({ namespace, name, container }, written, positions);
    return [{ name: container, startTime: running.startedAt, rootfs: rootfs(layer, time) }];
  });
  return { podRef: { name, namespace, uid: uidOf(`${namespace}/${name}`) }, containers };
}

const rootfs = (layer: Layer, time: number): object =>
  layer === null
    ? { time: '1970-01-01T00:00:00Z', usedBytes: 0, inodesUsed: 0 }
    : { time: instant(time), usedBytes: layer.bytes, inodesUsed: layer.inodes };

function layerOf(
  { namespace, name, container }: Readonly<Record<'namespace' | 'name' | 'container', string>>,
  written: readonly Written[],
  positions: Map<string, number>,
): Layer {
  const found = written.find(
    (one) => one.namespace === namespace && one.container === container && name.startsWith(one.pods),
  );
  if (found === undefined) return idle(`${namespace}/${name}/${container}`);
  const key = `${namespace}/${found.pods}/${container}`;
  const position = positions.get(key) ?? 0;
  positions.set(key, position + 1);
  const { layers } = found;
  return layers[Math.min(position, layers.length - 1)] ?? null;
}

/** Directories of mounts and the files of the runtime: 5 to 17 inodes, as measured with a real kubelet. */
function idle(key: string): Layer {
  const inodes = 5 + numberFrom(`inodes/${key}`, 13);
  return { bytes: (inodes - 3) * 4096, inodes };
}
