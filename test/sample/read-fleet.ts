import { type SampleCluster, sampleFleet } from './fleet/fleet.ts';

/** Loosely typed on purpose: the tests look at the objects as a client without types would. */
export interface Fields {
  readonly [field: string]: unknown;
}
export interface KubeObject extends Fields {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: Fields & { readonly name: string; readonly namespace?: string; readonly uid: string };
}
export interface Container extends Fields {
  readonly name: string;
  readonly image: string;
  readonly restartPolicy?: string;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}
export interface Pod extends KubeObject {
  readonly spec: Fields & {
    readonly nodeName: string;
    readonly hostNetwork?: boolean;
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly ephemeralContainers?: readonly Container[];
    readonly volumes?: readonly { readonly name: string }[];
  };
  readonly status: Fields & {
    readonly startTime: string;
    readonly phase: string;
    readonly hostIP: string;
    readonly podIP?: string;
  };
}
export interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: boolean;
}

/** One cluster of the sample, with the ways in that tests need. */
export interface ReadCluster {
  readonly name: string;
  readonly denied: readonly string[];
  readonly objects: readonly KubeObject[];
  readonly pods: readonly Pod[];
  readonly byUid: ReadonlyMap<string, KubeObject>;
  readonly byPath: ReadonlyMap<string, KubeObject>;
}

export const readFleet = (now: number): readonly ReadCluster[] => sampleFleet(now).map(readCluster);

function readCluster(cluster: SampleCluster): ReadCluster {
  // Through JSON, as every reader gets them.
  const objects = JSON.parse(JSON.stringify(cluster.objects)) as KubeObject[];
  return {
    name: cluster.name,
    denied: cluster.denied,
    objects,
    pods: objects.filter((object) => object.kind === 'Pod') as Pod[],
    byUid: new Map(objects.map((object) => [object.metadata.uid, object])),
    byPath: new Map(objects.map((object) => [pathOf(object), object])),
  };
}

/** `namespace/Kind/name`; the namespace is empty for cluster-scoped kinds. */
export const pathOf = (object: KubeObject): string =>
  `${object.metadata.namespace ?? ''}/${object.kind}/${object.metadata.name}`;

export const ownerOf = (object: KubeObject): Owner | undefined =>
  (object.metadata['ownerReferences'] as Owner[] | undefined)?.find((owner) => owner.controller);

export const labelsOf = (object: KubeObject): Record<string, string> =>
  (object.metadata['labels'] ?? {}) as Record<string, string>;

export const containersOf = (pod: Pod): readonly Container[] => [
  ...(pod.spec.initContainers ?? []),
  ...pod.spec.containers,
  ...(pod.spec.ephemeralContainers ?? []),
];

/** Up the controllers, as far as they are Kubernetes' own or an operator's; a mirror's node is none. */
export function workloadOf(cluster: ReadCluster, object: KubeObject): string {
  const owner = ownerOf(object);
  const up = owner && cluster.byUid.get(owner.uid);
  if (up === undefined || up.kind === 'Node') return pathOf(object);
  return up.kind === 'ReplicaSet' || up.kind === 'Job' ? workloadOf(cluster, up) : pathOf(up);
}
