import { canonicalText } from './canonical.ts';
import { keepOne } from './keep-one.ts';
import type { Labels } from './names.ts';
import type { ContainerPort, PodSpecFacts, VolumeFacts, VolumeMount } from './pod.ts';

/** Keeps once what classes have in common: workloads differ in their images, and hardly in the rest. */
export interface SharedFacts {
  readonly labels: (labels: Labels) => Labels;
  readonly spec: (spec: PodSpecFacts) => PodSpecFacts;
}

export function createSharedFacts(): SharedFacts {
  const labels = keepOne<Labels>(canonicalText<Labels>);
  const volumes = keepOne<readonly VolumeFacts[]>(canonicalText<readonly VolumeFacts[]>);
  const mounts = keepOne<readonly VolumeMount[]>(canonicalText<readonly VolumeMount[]>);
  const ports = keepOne<readonly ContainerPort[]>(canonicalText<readonly ContainerPort[]>);
  return {
    labels,
    // Arrays that were filled one by one have room for sixteen more: a copy takes what is there.
    spec: (spec) => ({
      ...spec,
      volumes: volumes(spec.volumes.slice()),
      containers: spec.containers.map((container) => ({
        ...container,
        mounts: mounts(container.mounts.slice()),
        ports: ports(container.ports.slice()),
      })),
    }),
  };
}
