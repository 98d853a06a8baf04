import type { VolumeMount } from '../../inventory/pod.ts';

/**
 * Whether a read-only mount is so for what is mounted below it, too. `IfPossible` is what somebody asked for: the
 * status of the container says what came of it ("An IfPossible value in the original VolumeMount must be translated
 * to Disabled or Enabled, depending on the mount result").
 * Source: https://kubernetes.io/docs/concepts/storage/volumes/#recursive-read-only-mounts and
 * k8s.io/api core/v1, types VolumeMount and VolumeMountStatus.
 *
 * @param asked `recursiveReadOnly` of the mount
 * @param became asks the status of the container for the same field; `null`: it does not say
 */
export function recursiveReadOnly(
  asked: string | null,
  became: () => string | null,
): Pick<VolumeMount, 'recursiveReadOnly'> {
  const found = asked === 'IfPossible' ? (became() ?? asked) : asked;
  return found === 'Enabled' || found === 'IfPossible' ? { recursiveReadOnly: found } : {};
}
