import type { ContainerFacts, ContainerState, VolumeMount } from '../../../inventory/pod.ts';
import type { ContainerSpec, FactByStatus } from './container.ts';
import type { ContainerStatus } from './container-status.ts';

/** A fact of a container in which its status has a say, so that replicas of one template may differ in it. */
interface StatusFact<T> {
  of(spec: ContainerSpec, status: ContainerStatus | undefined): T;
  same(one: T, other: T): boolean;
}

/** Every fact that {@link FactByStatus} names, and so no template can have. */
const BY_STATUS: { readonly [Name in FactByStatus]: StatusFact<ContainerFacts[Name]> } = {
  imageId: {
    of: (_, status) => status?.imageID || null,
    same: (one, other) => one === other,
  },
  mounts: {
    of: ({ mounts }, status) =>
      mounts.some(isOpen) ? mounts.map((mount) => (isOpen(mount) ? became(mount, status) : mount)) : mounts,
    same: (one, other) =>
      one === other ||
      one.every(({ recursiveReadOnly }, index) => recursiveReadOnly === other[index]?.recursiveReadOnly),
  },
};

const isOpen = ({ recursiveReadOnly }: VolumeMount): boolean => recursiveReadOnly === 'IfPossible';

/**
 * Whether a read-only mount is so for what is mounted below it, too. `IfPossible` is what somebody asked for: the
 * status of the container says what came of it ("An IfPossible value in the original VolumeMount must be translated
 * to Disabled or Enabled, depending on the mount result").
 * Source: https://kubernetes.io/docs/concepts/storage/volumes/#recursive-read-only-mounts and
 * k8s.io/api core/v1, types VolumeMount and VolumeMountStatus.
 */
function became(mount: VolumeMount, status: ContainerStatus | undefined): VolumeMount {
  const found = status?.volumeMounts(mount.path) ?? 'IfPossible';
  const { recursiveReadOnly: _, ...rest } = mount;
  return found === 'Enabled' || found === 'IfPossible' ? { ...rest, recursiveReadOnly: found } : rest;
}

const FACTS = Object.keys(BY_STATUS) as readonly FactByStatus[];

export function withStatus(spec: ContainerSpec, status: ContainerStatus | undefined): ContainerFacts {
  return {
    ...spec,
    imageId: BY_STATUS.imageId.of(spec, status),
    mounts: BY_STATUS.mounts.of(spec, status),
  };
}

/** Whether a container with this status has the facts of another one of the same template. */
export function hasFacts(
  facts: ContainerFacts,
  spec: ContainerSpec,
  status: ContainerStatus | undefined,
): boolean {
  for (const name of FACTS) {
    if (!isSame(name, facts, spec, status)) return false;
  }
  return true;
}

function isSame<Name extends FactByStatus>(
  name: Name,
  facts: ContainerFacts,
  spec: ContainerSpec,
  status: ContainerStatus | undefined,
): boolean {
  const fact: StatusFact<ContainerFacts[Name]> = BY_STATUS[name];
  return fact.same(facts[name], fact.of(spec, status));
}

/** What the status says of whether a container runs: without one it is open, but in a pending pod. */
export function stateOf(
  container: string,
  status: ContainerStatus | undefined,
  phase: string | null,
): ContainerState {
  if (status === undefined) {
    return { container, running: phase === 'Pending' ? false : null, startedAt: null };
  }
  const running = status.state?.running ?? null;
  return { container, running: running !== null, startedAt: running?.startedAt ?? null };
}
