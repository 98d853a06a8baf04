import { parseImageReference } from '../../inventory/image-reference.ts';
import { ofContainer, ofImage } from '../cause.ts';
import { type Check, type Outcome, pass, supports } from '../check.ts';
import { ATTACK_T1525, BSI_SYS_1_6_A6, FEDRAMP_CMT_RMV, NIST_4_2_2 } from '../controls.ts';
import { otherImage } from '../new-facts.ts';

/**
 * Only a digest names an image for good; without a tag, `latest` is meant.
 * Source: https://kubernetes.io/docs/concepts/containers/images/#image-names
 * Whether any other tag can be overwritten is a setting of its repository, which is not read: the check does
 * not apply to it.
 */
export const imageTagMutable: Check = {
  id: 'image-tag-mutable',
  title: 'Image tag is mutable',
  category: 'age',
  severity: 'low',
  cause: ofContainer('image-behind'),
  otherCauses: ['debug-left'],
  failsWhen:
    'The image has the tag `latest`, or no tag. An image with a digest passes. The check does not apply to other tags: whether a tag can be overwritten is a setting of its repository, which is not read.',
  notEvaluatedWhen: 'A container has no image, or its image is not a valid reference.',
  notApplicableTo:
    'Images with a tag other than latest and without a digest: whether such a tag can be overwritten is a setting of its repository.',
  why: 'When a tag moves, the next replica can run other content than the last one, and it is unclear which scan or SBOM describes what runs.',
  evidence: 'image: the reference in the pod; tag: what it resolves to.',
  newFacts: otherImage,
  remediation: 'Name the image by digest, or by a version tag in a repository with immutable tags.',
  patch: `spec:
  template:
    spec:
      containers:
        - name: CONTAINER
          image: REPOSITORY:VERSION@sha256:DIGEST`,
  verify:
    'kubectl -n NAMESPACE get pod POD -o jsonpath=\'{range .spec.containers[*]}{.name} {.image}{"\\n"}{end}\'',
  controls: [
    supports(NIST_4_2_2, 'asks for immutable names of discrete versions and warns of `latest`'),
    supports(BSI_SYS_1_6_A6, 'asks for unique version numbers of images'),
    supports(ATTACK_T1525, 'an implanted image persists where deployment takes the latest one'),
    supports(
      FEDRAMP_CMT_RMV,
      'asks for redeployment of version controlled resources; such a tag names no version',
    ),
  ],
  examples: [
    {
      title: 'the tag latest',
      verdict: 'fail',
      pod: 'spec: { containers: [{ name: app, image: registry.example.com/app:latest }] }',
    },
    {
      title: 'a digest',
      verdict: 'pass',
      pod: `spec:
  containers:
    - name: app
      image: registry.example.com/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef`,
    },
    {
      title: 'another tag',
      verdict: 'not-applicable',
      pod: 'spec: { containers: [{ name: app, image: registry.example.com/app:1.4.2 }] }',
    },
  ],
  needs: [],
  evaluate(subject): readonly Outcome[] {
    return subject.spec.containers.flatMap((container) => {
      const outcome = judge(container.name, container.image);
      if (outcome?.verdict !== 'fail') return outcome ?? [];
      return { ...outcome, ...ofImage(subject.workload, container) };
    });
  },
};

/** @returns null where the check does not apply: whether a tag can be overwritten is not read. */
function judge(container: string, image: string | null): Outcome | null {
  const reference = image === null ? null : parseImageReference(image);
  if (image === null || reference === null) {
    return {
      verdict: 'not-evaluated',
      container,
      reason: 'field-missing',
      message:
        image === null
          ? `Container ${container} has no image.`
          : `The image of container ${container} is not a valid reference: ${image.slice(0, 120)}`,
      remediation: 'Name the image as REPOSITORY:TAG or REPOSITORY@DIGEST.',
    };
  }
  if (reference.digest !== null) return pass(container);
  const tag = reference.tag ?? 'latest';
  if (tag === 'latest') {
    return {
      verdict: 'fail',
      container,
      message: `Container ${container} runs ${image}${reference.tag === null ? ' (no tag means latest)' : ''}: its content can change with every pull.`,
      evidence: { image, tag },
    };
  }
  return null;
}
