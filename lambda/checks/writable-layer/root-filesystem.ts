import { imageKey } from '../../inventory/images.ts';
import type { ContainerFacts } from '../../inventory/pod.ts';
import type { PodClass } from '../../inventory/pod-class.ts';
import type { CheckContext, Undecided } from '../check.ts';

export type RootFilesystem = 'writable' | 'read-only' | Undecided;

/**
 * Whether a container can write its root filesystem. Unset means writable. The field cannot be set for
 * Windows pods: their containers always have a writable layer, which the platform cannot take away.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#security-context-1
 */
export function rootFilesystem(
  subject: PodClass,
  container: ContainerFacts,
  context: Pick<CheckContext, 'missing' | 'whyMissing'>,
): RootFilesystem {
  if (subject.spec.os === 'windows') {
    return {
      verdict: 'not-evaluated',
      container: container.name,
      reason: 'platform',
      message: 'Windows containers cannot have a read-only root filesystem.',
      remediation:
        'Restart Windows pods often and restrict their egress; the pod spec has no setting for this.',
    };
  }
  if (container.readOnlyRootFilesystem !== true) return 'writable';
  // On a Windows node the field would be without effect: not a pass.
  return platformUnknown(subject, container, context) ?? 'read-only';
}

/**
 * Why settings that Windows ignores settle nothing for this pod: neither it nor its node says where it
 * runs, for the nodes could not be read. `null` where that is known, or nobody would have said it.
 */
export function platformUnknown(
  subject: PodClass,
  container: ContainerFacts,
  { missing, whyMissing }: Pick<CheckContext, 'missing' | 'whyMissing'>,
): Undecided | null {
  if (subject.spec.os !== null || !missing.has('nodes')) return null;
  const gap = whyMissing?.('nodes');
  // Only what is refused is granted.
  const other = gap === undefined || gap.reason === 'forbidden' ? null : gap;
  return {
    verdict: 'not-evaluated',
    container: container.name,
    reason: other?.reason ?? 'forbidden',
    message:
      'The nodes could not be read, so it is unknown whether this pod runs on Windows, which ignores readOnlyRootFilesystem and runAsUser.',
    remediation: other?.remedy ?? 'Grant list on nodes, or set spec.os.name in the pod.',
  };
}

/**
 * "May run as root": neither `runAsNonRoot: true` nor a non-zero `runAsUser`; the container's own
 * setting goes before the pod's. With both, the kubelet refuses a root user at start. Where neither says it, the image's
 * own user does, if its registry told: a number other than 0. What a name stands for only the image's `/etc/passwd`
 * says, and the kubelet relies on no name either.
 * Source: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/ and
 * https://github.com/opencontainers/image-spec/blob/main/config.md (User)
 */
export function mayRunAsRoot(
  subject: PodClass,
  container: ContainerFacts,
  { images }: Pick<CheckContext, 'images'> = {},
): boolean {
  const nonRoot = container.runAsNonRoot ?? subject.spec.runAsNonRoot ?? false;
  if (nonRoot) return false;
  const user = container.runAsUser ?? subject.spec.runAsUser;
  return user === null ? !isOtherUser(imageUser(container, images)) : user === 0;
}

/** The user that the image of a container names; `null` where it is not known. */
export function imageUser(
  { image, imageId }: Pick<ContainerFacts, 'image' | 'imageId'>,
  images: CheckContext['images'],
): string | null {
  const read = image === null ? undefined : images?.facts.get(imageKey({ image, imageId }))?.user;
  return read !== undefined && 'value' in read ? read.value : null;
}

/** `1000` or `1000:1000`, and not `0`, `00` or a name. */
const isOtherUser = (user: string | null): boolean => /^0*[1-9]\d*(?::.*)?$/.test(user ?? '');
