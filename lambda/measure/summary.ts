import type { LayerReading } from '../inventory/layers.ts';

/** What one kubelet says of the writable layer of one container. */
export interface ContainerLayer {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** `null`: it does not know. */
  readonly reading: LayerReading | null;
  /** Why not. */
  readonly because: 'not-sampled' | 'no-rootfs' | 'malformed' | null;
}

/** The answer of one kubelet, reduced to writable layers. */
export interface NodeLayers {
  readonly node: string;
  readonly layers: readonly ContainerLayer[];
}

/**
 * How far a sample may lag behind the newest one of its node. containerd samples every 10 seconds
 * (https://github.com/containerd/containerd/blob/main/docs/cri/config.md, stats_collect_period), so that a sample that
 * is minutes older is one that was given up on.
 */
const OLDEST_SAMPLE = 10 * 60_000;

/**
 * Reads `/stats/summary` of a kubelet (k8s.io/kubelet/pkg/apis/stats/v1alpha1, Summary).
 *
 * A `rootfs` of no inodes, or with a time at the epoch, is what containerd gives when it does not know the layer (it just started,
 * or a file vanished while the layer was walked): it is never an empty layer, since the directory of a layer counts
 * itself. Sources: containerd internal/cri/server/container_stats_list.go ("set WritableLayer usage to zero"),
 * containerd#11278.
 *
 * @returns `null` if it is no such answer
 */
export function readSummary(value: unknown): NodeLayers | null {
  const { node, pods } = fieldsOf(value);
  const { nodeName } = fieldsOf(node);
  if (typeof nodeName !== 'string' || nodeName === '' || !Array.isArray(pods)) return null;
  const layers = pods.flatMap(layersOfPod);
  const newest = layers.reduce((latest, { reading }) => Math.max(latest, reading?.sampledAt ?? 0), 0);
  return { node: nodeName, layers: layers.map((layer) => withoutOld(layer, newest)) };
}

/** Whether it has the form of such an answer, for files of unknown content. */
export const isSummary = (value: unknown): boolean => {
  const { node, pods } = fieldsOf(value);
  return (
    typeof fieldsOf(node)['nodeName'] === 'string' &&
    Array.isArray(pods) &&
    pods.every((pod) => typeof fieldsOf(fieldsOf(pod)['podRef'])['name'] === 'string')
  );
};

function layersOfPod(pod: unknown): readonly ContainerLayer[] {
  const { podRef, containers } = fieldsOf(pod);
  const { namespace, name } = fieldsOf(podRef);
  if (typeof namespace !== 'string' || typeof name !== 'string' || !Array.isArray(containers)) return [];
  return containers.flatMap((container) => {
    const { name: own, rootfs } = fieldsOf(container);
    return typeof own === 'string' ? [{ namespace, pod: name, container: own, ...readingOf(rootfs) }] : [];
  });
}

type Read = Pick<ContainerLayer, 'reading' | 'because'>;

const unknown = (because: NonNullable<ContainerLayer['because']>): Read => ({ reading: null, because });

function readingOf(rootfs: unknown): Read {
  if (rootfs === undefined || rootfs === null) return unknown('no-rootfs');
  const { time, usedBytes, inodesUsed } = fieldsOf(rootfs);
  if (usedBytes === undefined && inodesUsed === undefined) return unknown('no-rootfs');
  if (!isCount(usedBytes) || !isCount(inodesUsed) || typeof time !== 'string') return unknown('malformed');
  const sampledAt = instantOf(time);
  if (sampledAt === null) return unknown('malformed');
  if (inodesUsed === 0 || sampledAt <= EPOCH) return unknown('not-sampled');
  return { reading: { bytes: usedBytes, inodes: inodesUsed, sampledAt }, because: null };
}

/** No kubelet of today measured anything before. */
const EPOCH = Date.UTC(2000, 0);

const withoutOld = (layer: ContainerLayer, newest: number): ContainerLayer =>
  layer.reading !== null && newest - layer.reading.sampledAt > OLDEST_SAMPLE
    ? { ...layer, ...unknown('not-sampled') }
    : layer;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** RFC 3339, as Kubernetes writes times; nothing else that `Date` would take. */
function instantOf(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text)) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : time;
}

/** Its own fields: what is inherited is not in the answer. */
function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.assign(Object.create(null), value)
    : Object.create(null);
}
