import { type RunningImage, runningImage } from '../inventory/images.ts';
import type { InventoryRow } from '../inventory/inventory.ts';
import type { ClusterIdentity, WorkloadRef } from '../inventory/names.ts';

/** The pods of one workload that run one image. */
export interface ImageUse {
  readonly cluster: ClusterIdentity;
  readonly workload: WorkloadRef;
  readonly containers: readonly string[];
  readonly pods: readonly string[];
  /** When the oldest of its containers started; `null`: none of them runs now, as of an init container that is done. */
  readonly runningSince: string | null;
}

/** An image that runs somewhere. */
export interface RunningImageUses {
  /** As pods name it. */
  readonly image: string;
  /** `null` where the node did not say what it resolved to. */
  readonly digest: string | null;
  /** Whether it is the digest of an image, or only that of its configuration. */
  readonly form: RunningImage['form'];
  readonly uses: readonly ImageUse[];
}

interface OpenUse extends Omit<ImageUse, 'containers' | 'pods' | 'runningSince'> {
  readonly containers: Set<string>;
  readonly pods: Set<string>;
  since: string | null;
}

interface OpenImage extends Omit<RunningImageUses, 'uses'> {
  readonly uses: Map<string, OpenUse>;
}

/** Phases in which nothing of a pod will run again. */
const ENDED = new Set(['Succeeded', 'Failed']);

/** Gathers what runs from the rows of inventories, by image. */
export function gatherImages() {
  const images = new Map<string, OpenImage>();
  return {
    add(cluster: ClusterIdentity, row: InventoryRow): void {
      if (ENDED.has(row.phase ?? '')) return;
      for (const { container, image, imageId, startedAt } of row.images) {
        const { digest, form } = runningImage(imageId);
        // Without a digest only the text tells images apart.
        const id = digest ?? `? ${image ?? ''}`;
        const there = images.get(id) ?? {
          image: image ?? 'an image without a name',
          digest,
          form,
          uses: new Map(),
        };
        images.set(id, there);
        addUse(there.uses, { cluster, row, container, startedAt });
      }
    },
    all: (): readonly RunningImageUses[] =>
      [...images.values()].map(({ image, digest, form, uses }) => ({
        image,
        digest,
        form,
        uses: [...uses.values()].map(({ cluster, workload, containers, pods, since }) => ({
          cluster,
          workload,
          containers: [...containers].sort(),
          pods: [...pods].sort(),
          runningSince: since,
        })),
      })),
  };
}

function addUse(
  uses: Map<string, OpenUse>,
  {
    cluster,
    row,
    container,
    startedAt,
  }: {
    readonly cluster: ClusterIdentity;
    readonly row: InventoryRow;
    readonly container: string;
    readonly startedAt: string | null;
  },
): void {
  const { namespace, workload, pod } = row;
  const id = [cluster.arn ?? cluster.name, cluster.uid ?? '', namespace, workload.kind, workload.name].join(
    ' ',
  );
  const use = uses.get(id) ?? {
    cluster,
    workload: { namespace, ...workload },
    containers: new Set<string>(),
    pods: new Set<string>(),
    since: null,
  };
  uses.set(id, use);
  use.containers.add(container);
  use.pods.add(pod);
  // Times are RFC 3339 in UTC, which order as text.
  if (startedAt !== null && (use.since === null || startedAt < use.since)) use.since = startedAt;
}
