import { parseImageReference } from '../../inventory/image-reference.ts';
import { type ImageFacts, imageKey } from '../../inventory/images.ts';
import { ofContainer, ofImage, ofRepository } from '../cause.ts';
import { type Check, type Outcome, pass, supports } from '../check.ts';
import {
  ATTACK_T1525,
  BSI_SYS_1_6_A6,
  FEDRAMP_CMT_RMV,
  ISO_27001_A_8_32,
  NIST_4_2_2,
  NIST_53_CM_3,
} from '../controls.ts';
import { otherImage } from '../new-facts.ts';
import { ECR_IMAGE, ecrExample, METADATA } from './examples.ts';
import { undecided } from './running-images.ts';

/**
 * Only a digest names an image for good; without a tag, `latest` is meant. Whether another tag can be overwritten is a
 * setting of its repository, which ECR tells and other registries do not have.
 * Sources: https://kubernetes.io/docs/concepts/containers/images/#image-names and
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
 */
export const imageTagMutable: Check = {
  id: 'image-tag-mutable',
  title: 'Image tag is mutable',
  category: 'age',
  severity: 'low',
  cause: ofContainer('image-behind'),
  otherCauses: ['debug-left'],
  failsWhen:
    'The image has the tag `latest`, or no tag, or a tag that its repository in ECR allows to be overwritten (MUTABLE, or by the filters of MUTABLE_WITH_EXCLUSION and IMMUTABLE_WITH_EXCLUSION). An image with a digest passes.',
  notEvaluatedWhen:
    'A container has no image, or its image is not a valid reference; or the repository could not be read, or has a setting that this version does not know.',
  notApplicableTo:
    'Images with a tag other than latest and without a digest, where ECR is not asked (images.registry: off) or another registry is used: only ECR says whether a tag can be overwritten.',
  why: 'When a tag moves, the next replica can run other content than the last one, and it is unclear which scan or SBOM describes what runs.',
  evidence: 'image: the reference in the pod; tag: what it resolves to; setting: of its repository.',
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
    supports(NIST_53_CM_3, 'asks to review and document changes; such a tag changes what runs without one'),
    supports(ISO_27001_A_8_32, 'what runs can change outside a change of the deployment'),
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
      title: 'a tag in a repository of ECR that allows overwriting',
      verdict: 'fail',
      config: METADATA,
      pod: ECR_IMAGE,
      others: ecrExample({ mutability: 'MUTABLE' }),
    },
    {
      title: 'a tag in an immutable repository',
      verdict: 'pass',
      config: METADATA,
      pod: ECR_IMAGE,
      others: ecrExample({ mutability: 'IMMUTABLE' }),
    },
    {
      title: 'a tag that an immutable repository excludes',
      verdict: 'fail',
      config: METADATA,
      pod: ECR_IMAGE,
      others: ecrExample({ mutability: 'IMMUTABLE_WITH_EXCLUSION', exclusions: ['1.*'] }),
    },
    {
      title: 'another tag, where registries are not asked',
      verdict: 'not-applicable',
      pod: 'spec: { containers: [{ name: app, image: registry.example.com/app:1.4.2 }] }',
    },
  ],
  needs: [],
  evaluate(subject, { images }): readonly Outcome[] {
    return subject.spec.containers.flatMap((container) => {
      const { image, imageId } = container;
      const facts = image === null ? undefined : images?.facts.get(imageKey({ image, imageId }));
      const outcome = judge(container.name, image, facts);
      // The repository is the cause where its setting is.
      if (outcome?.verdict !== 'fail' || outcome.cause !== undefined) return outcome ?? [];
      return { ...outcome, ...ofImage(subject.workload, container) };
    });
  },
};

/** @returns null where the check does not apply: whether a tag can be overwritten is not read. */
function judge(container: string, image: string | null, facts: ImageFacts | undefined): Outcome | null {
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
  return facts === undefined ? null : bySetting({ container, image, tag }, reference.repository, facts);
}

function bySetting(
  { container, image, tag }: { readonly container: string; readonly image: string; readonly tag: string },
  repository: string,
  facts: ImageFacts,
): Outcome | null {
  const read = facts.repository;
  // What no registry but ECR has an answer to is no question there.
  if (!('value' in read)) return read.reason === 'platform' ? null : undecided(container, read);
  const { tags, setting } = read.value;
  if (tags === 'immutable') return pass(container);
  if (tags === 'unknown') return undecided(container, unknownSetting(repository, setting));
  return {
    verdict: 'fail',
    container,
    message: `Container ${container} runs ${image}, and the repository allows its tag to be overwritten (${setting}).`,
    evidence: { image, tag, setting },
    cause: ofRepository(repository),
  };
}

const unknownSetting = (repository: string, setting: string) =>
  ({
    reason: 'server-error',
    message: `The repository ${repository} has a setting for overwriting tags that this version does not know (${setting.slice(0, 60)}).`,
    remedy: 'Look for a newer version of eks-drift-auditor.',
  }) as const;
