import type { TagFacts } from '../../inventory/images.ts';
import { ofContainer } from '../cause.ts';
import { type Check, type Outcome, pass, supports } from '../check.ts';
import { BSI_SYS_1_6_A6, BSI_SYS_1_6_A14, NIST_4_2_2 } from '../controls.ts';
import { anyOf, isText, otherImage } from '../new-facts.ts';
import { ECR_IMAGE, ecrExample, METADATA, MOVED } from './examples.ts';
import { judgeRunning, notAskedOf, type RunningContainer, shortDigest, undecided } from './running-images.ts';

/**
 * What the tag of a pod points at is compared with what its node pulled. Nodes report what the tag resolved to then,
 * which is the index of images for several platforms (containerd#12787); an index and an image in it are the same.
 */
export const imageDigestDrifted: Check = {
  id: 'image-digest-drifted',
  title: 'Tag of the running image points at another image now',
  category: 'age',
  severity: 'medium',
  cause: ofContainer('image-behind'),
  otherCauses: ['debug-left'],
  failsWhen:
    'The tag that the pod names points at another image than the one that runs, or at none. An index and an image in it count as the same image.',
  notEvaluatedWhen:
    'The registry could not be asked, or it is not known whether what runs belongs to the index of the tag, which takes images.registry: sbom-presence; or the tag is in a pull-through cache, which may lag behind its source.',
  notApplicableTo: 'Manifests, containers that do not run, and audits that ask no registry.',
  why: 'Somebody has pushed a newer image under this tag, mostly with fixes, and these pods do not have it. Their replicas will differ as soon as one of them is restarted. A tag that is gone keeps pods from starting at all.',
  evidence:
    'image: the reference in the pod; running: the digest that runs; tagged: the one that the tag points at now, null where it is gone.',
  // A tag that moved once more is what the finding says already: a tag of a busy build would be news every day.
  newFacts: anyOf(otherImage, (before, now) =>
    isText(before['tagged']) && now['tagged'] === null ? ['its registry does not have the tag any more'] : [],
  ),
  remediation:
    'Deploy the image that is wanted by its digest: with the tag alone each node runs what it pulled last.',
  patch: `spec:
  template:
    spec:
      containers:
        - name: CONTAINER
          image: REPOSITORY:VERSION@sha256:DIGEST`,
  verify:
    'aws ecr describe-images --registry-id ACCOUNT --repository-name REPOSITORY --image-ids imageTag=TAG --query "imageDetails[].imageDigest"; kubectl -n NAMESPACE get pod POD -o jsonpath=\'{.status.containerStatuses[*].imageID}\'',
  controls: [
    supports(NIST_4_2_2, 'warns of stale images, and asks for immutable names of discrete versions'),
    supports(BSI_SYS_1_6_A6, 'asks to check whether newer versions are to be rolled out'),
    supports(BSI_SYS_1_6_A14, 'asks when and how updates are rolled out'),
  ],
  examples: [
    {
      title: 'a tag that points at another image now',
      verdict: 'fail',
      config: METADATA,
      pod: ECR_IMAGE,
      others: ecrExample({ tagAt: MOVED }),
    },
    {
      title: 'a tag that is gone',
      verdict: 'fail',
      config: METADATA,
      pod: ECR_IMAGE,
      others: ecrExample({ tagAt: null }),
    },
    {
      title: 'a tag that points at what runs',
      verdict: 'pass',
      config: METADATA,
      pod: ECR_IMAGE,
      others: ecrExample({}),
    },
    {
      title: 'the same in a pull-through cache',
      verdict: 'not-evaluated',
      config: METADATA,
      pod: ECR_IMAGE,
      others: ecrExample({ cachePrefix: 'shop' }),
    },
    { title: 'a registry that is not asked', verdict: 'not-applicable', pod: ECR_IMAGE },
  ],
  ofRunning: true,
  notAsked: notAskedOf,
  needs: [],
  evaluate: (subject, context): readonly Outcome[] => judgeRunning(subject, context, judge),
};

function judge({ container, image, facts }: RunningContainer): Outcome {
  const { tag, cached, running } = facts;
  // A digest is what it is.
  if (tag === undefined) return pass(container);
  if (!('value' in tag)) return undecided(container, tag);
  const { digest, match } = tag.value;
  if (match !== 'gone' && match !== 'other') {
    if (!('value' in cached)) return undecided(container, cached);
    return cached.value ? undecided(container, mayLag(image)) : pass(container);
  }
  return {
    verdict: 'fail',
    container,
    message: messageOf(tag.value, { container, image, running: running.digest }),
    evidence: { image, running: running.digest, tagged: digest },
  };
}

const messageOf = (
  { digest, match }: TagFacts,
  {
    container,
    image,
    running,
  }: { readonly container: string; readonly image: string; readonly running: string | null },
): string =>
  match === 'gone'
    ? `Container ${container} runs ${image}, whose tag its registry does not have any more: the next start on another node fails.`
    : `Container ${container} runs ${shortDigest(running)} of ${image}, and the tag points at ${shortDigest(digest)} now.`;

const mayLag = (image: string) =>
  ({
    reason: 'cache-time-only',
    message: `The tag of ${image} points at what runs in a pull-through cache, which may lag behind its source.`,
    remedy: 'Name the image by digest, or look at the registry that it comes from.',
  }) as const;
