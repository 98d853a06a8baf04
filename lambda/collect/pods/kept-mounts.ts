import type { ContainerFacts, VolumeFacts } from '../../inventory/pod.ts';

/**
 * Leaves the mounts of volumes that are facts themselves. The others must go: admission gives every pod
 * a token volume with a name of its own (`kube-api-access-` and five random characters), which would
 * tell apart the replicas of one template.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-token-volume
 */
export function keptMounts(
  containers: readonly ContainerFacts[],
  volumes: readonly VolumeFacts[],
): readonly ContainerFacts[] {
  const kept = new Set(volumes.map(({ name }) => name));
  return containers.map((container) => {
    const mounts = container.mounts.filter(({ volume }) => kept.has(volume));
    return mounts.length === container.mounts.length ? container : { ...container, mounts };
  });
}
