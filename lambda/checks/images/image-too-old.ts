import { formatDuration } from '../../config/units.ts';
import { instantText } from '../../inventory/instant.ts';
import { ageAt, isBeyondSkew, seconds } from '../age.ts';
import { ofContainer } from '../cause.ts';
import { type Check, type CheckContext, type Outcome, pass, supports } from '../check.ts';
import { BSI_SYS_1_6_A14, ISO_27001_A_8_8, NIST_4_1_1, NIST_53_SI_2, PCI_DSS_6_3_3 } from '../controls.ts';
import { otherImage } from '../new-facts.ts';
import { ECR_IMAGE, ecrExample, METADATA } from './examples.ts';
import { digestIn, judgeRunning, notAskedOf, type RunningContainer, undecided } from './running-images.ts';

/**
 * Age counts from `imagePushedAt` of what runs. When an image was built only the image itself says, and those of
 * reproducible builds say 1970.
 * Source: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html
 */
export const imageTooOld: Check = {
  id: 'image-too-old',
  title: 'Running image was pushed longer ago than allowed',
  category: 'age',
  severity: 'low',
  cause: ofContainer('image-behind'),
  otherCauses: ['debug-left'],
  failsWhen:
    'The image that a container runs was pushed to its repository longer ago than limits.imageMaxAge.',
  notEvaluatedWhen:
    'The registry does not say when the image was pushed, as no registry but ECR does, or it is a pull-through cache and young: the time is then that of the cache, while the image may be older.',
  notApplicableTo: 'Manifests, containers that do not run, and audits that ask no registry.',
  why: 'An image has no fixes that were published after it was built. Restarting its pods does not change that: only a newer image does.',
  evidence:
    'image and digest: what runs; pushedAt, ageSeconds and limitSeconds; cached: the time is that of a pull-through cache, and the image is at least as old.',
  newFacts: otherImage,
  remediation:
    'Build the image again from a current base, push it, and deploy it by its digest; have a schedule do so at least once within the limit.',
  patch: `spec:
  template:
    spec:
      containers:
        - name: CONTAINER
          image: REPOSITORY:NEW_VERSION@sha256:DIGEST`,
  verify:
    'aws ecr describe-images --registry-id ACCOUNT --repository-name REPOSITORY --image-ids imageDigest=DIGEST --query "imageDetails[].imagePushedAt"',
  controls: [
    supports(PCI_DSS_6_3_3, 'an image older than the limit has no patch that was released since'),
    supports(NIST_4_1_1, 'asks for visibility of vulnerabilities at run time; old images gather them'),
    supports(BSI_SYS_1_6_A14, 'asks when and how updates are rolled out'),
    supports(NIST_53_SI_2, 'what was built that long ago has no update that was released since'),
    supports(ISO_27001_A_8_8, 'what was built that long ago has every vulnerability found since'),
  ],
  examples: [
    {
      title: 'an image that was pushed five months ago',
      verdict: 'fail',
      config: METADATA,
      pod: ECR_IMAGE,
      others: ecrExample({ pushedAt: '2025-10-01T00:00:00Z' }),
    },
    {
      title: 'an image that was pushed last month',
      verdict: 'pass',
      config: METADATA,
      pod: ECR_IMAGE,
      others: ecrExample({ pushedAt: '2026-02-01T00:00:00Z' }),
    },
    {
      title: 'a pull-through cache that has the image since last month',
      verdict: 'not-evaluated',
      config: METADATA,
      pod: ECR_IMAGE,
      others: ecrExample({ pushedAt: '2026-02-01T00:00:00Z', cachePrefix: 'shop' }),
    },
    { title: 'a registry that is not asked', verdict: 'not-applicable', pod: ECR_IMAGE },
  ],
  ofRunning: true,
  notAsked: notAskedOf,
  needs: [],
  evaluate: (subject, context): readonly Outcome[] =>
    judgeRunning(subject, context, (running) => judge(running, context)),
};

function judge({ container, image, facts }: RunningContainer, { now, limits }: CheckContext): Outcome {
  const { pushedAt, cached } = facts;
  if (!('value' in pushedAt)) return undecided(container, pushedAt);
  if (isBeyondSkew(now, pushedAt.value)) return undecided(container, ahead(image));
  const age = ageAt(now, pushedAt.value);
  if (age <= limits.imageMaxAge) {
    if (!('value' in cached)) return undecided(container, cached);
    return cached.value ? undecided(container, youngInCache(image)) : pass(container);
  }
  const isCache = 'value' in cached && cached.value;
  return {
    verdict: 'fail',
    container,
    message: `Container ${container} runs an image that was pushed ${isCache ? 'to a pull-through cache ' : ''}${formatDuration(age)} ago (${image}); the limit is ${formatDuration(limits.imageMaxAge)}.`,
    evidence: {
      image,
      digest: digestIn(facts),
      pushedAt: instantText(pushedAt.value),
      ageSeconds: seconds(age),
      limitSeconds: seconds(limits.imageMaxAge),
      cached: isCache,
    },
    weight: age,
  };
}

const youngInCache = (image: string) =>
  ({
    reason: 'cache-time-only',
    message: `A pull-through cache has ${image} for less than the limit; how old the image itself is, it does not say.`,
    remedy: 'Copy the image into another repository, or look at the registry that it comes from.',
  }) as const;

const ahead = (image: string) =>
  ({
    reason: 'clock-skew',
    message: `${image} was pushed more than five minutes after the time of this audit: its age is unknown.`,
    remedy: 'Set the clock of this machine (NTP), or name a later time with --now.',
  }) as const;
