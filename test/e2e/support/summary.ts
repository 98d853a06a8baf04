/** What the tests read of a kubelet's Summary API. */
export interface Summary {
  readonly node: { readonly nodeName: string };
  readonly pods: readonly PodStats[];
}

export interface PodStats {
  readonly podRef: { readonly name: string; readonly namespace: string; readonly uid: string };
  readonly containers?: ReadonlyArray<{ readonly name: string; readonly rootfs?: Rootfs }>;
}

export interface Rootfs {
  readonly time: string;
  readonly usedBytes: number;
  readonly inodesUsed: number;
}

/** What containerd reports of a layer that it could not measure. */
export const NOT_SAMPLED = { time: '1970-01-01T00:00:00Z', usedBytes: 0, inodesUsed: 0 };

/** The fields of a reading: of a real kubelet, and so of a stub; also of a layer that was not measured. */
export const ROOTFS_FIELDS = [
  'time',
  'availableBytes',
  'capacityBytes',
  'usedBytes',
  'inodesFree',
  'inodes',
  'inodesUsed',
];

/** The reading of one container; undefined when the answer has none. */
export function rootfsOf(summary: Summary, pod: string, container = 'main'): Rootfs | undefined {
  const { containers = [] } = summary.pods.find(({ podRef }) => podRef.name === pod) ?? {};
  return containers.find(({ name }) => name === container)?.rootfs;
}
