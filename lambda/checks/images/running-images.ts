import { type ImageFacts, imageKey, type Unanswered } from '../../inventory/images.ts';
import type { ContainerFacts } from '../../inventory/pod.ts';
import type { PodClass } from '../../inventory/pod-class.ts';
import { ofAttached, ofContent } from '../cause.ts';
import type { CheckContext, CheckInfo, Outcome, Undecided } from '../check.ts';

/** An image that runs, with what its registry says of it. */
export interface RunningContainer {
  readonly container: string;
  /** As the pod names it. */
  readonly image: string;
  readonly facts: ImageFacts;
}

/** Said once, by all of them, where no registry is asked. */
export const notAskedOf: NonNullable<CheckInfo['notAsked']> = (_, { images }) =>
  images === undefined
    ? 'image-too-old, image-digest-drifted, image-scan-stale and image-without-sbom do not apply: registries are not asked (images.registry: off).'
    : null;

/** Judges the images of containers that run now; those that wait to be started have none yet. */
export function judgeRunning(
  subject: PodClass,
  { images }: CheckContext,
  judge: (running: RunningContainer) => Outcome | null,
): readonly Outcome[] {
  if (subject.source === 'template' || images === undefined) return [];
  return subject.spec.containers.flatMap((container) => {
    if (!subject.population.running.has(container.name)) return [];
    const found = factsOf(container, images.facts);
    const outcome = 'verdict' in found ? found : judge(found);
    if (outcome?.verdict !== 'fail' || container.image === null) return outcome ?? [];
    const cause =
      container.type === 'ephemeral'
        ? ofAttached(subject.workload, container)
        : { cause: ofContent(subject.workload, container.image) };
    return { ...outcome, ...cause };
  });
}

function factsOf(
  { name, image, imageId }: ContainerFacts,
  facts: ReadonlyMap<string, ImageFacts>,
): RunningContainer | Undecided {
  if (image === null) return undecided(name, NO_IMAGE);
  const found = facts.get(imageKey({ image, imageId }));
  if (found === undefined) return undecided(name, notAsked(image));
  return { container: name, image, facts: found };
}

/** What is not known, as the outcome of a container. */
export const undecided = (container: string, { reason, message, remedy }: Unanswered): Undecided => ({
  verdict: 'not-evaluated',
  container,
  reason,
  message,
  remediation: remedy,
});

const NO_IMAGE: Unanswered = {
  reason: 'field-missing',
  message: 'A container has no image.',
  remedy: 'Audit the live cluster, or a snapshot that keeps the spec of its pods.',
};

/** A reference that is none, or a snapshot that was written before the image was in use. */
const notAsked = (image: string): Unanswered => ({
  reason: 'field-missing',
  message: `No registry was asked about the image ${image.slice(0, 120)}: it is not a valid reference, or the snapshot was written without it.`,
  remedy: 'Name the image as REPOSITORY:TAG or REPOSITORY@DIGEST, or write the snapshot again.',
});

/** The digest of what runs, for evidence. */
export const digestIn = ({ running }: ImageFacts): string | null => running.digest;

/** `sha256:0123456789ab…` */
export const shortDigest = (digest: string | null): string => `${(digest ?? '').slice(0, 19)}…`;
