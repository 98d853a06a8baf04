import { type ImageFactsByKey, isAnswered } from '../../inventory/images.ts';
import { ofContainer } from '../cause.ts';
import { type Check, type Outcome, pass, supports } from '../check.ts';
import { BSI_SYS_1_6_A12, NIST_53_CM_8, PCI_DSS_6_3_2 } from '../controls.ts';
import { otherImage } from '../new-facts.ts';
import { ECR_IMAGE, ecrExample, SBOM_PRESENCE } from './examples.ts';
import { digestIn, judgeRunning, notAskedOf, type RunningContainer, undecided } from './running-images.ts';

/**
 * Where tools put SBOMs: OCI referrers, the fallback tag of older registries, BuildKit's index, tags of cosign. Which
 * tool writes where: docs/decisions/0022-registries.md.
 */
export const imageWithoutSbom: Check = {
  id: 'image-without-sbom',
  title: 'Running image has no SBOM',
  category: 'age',
  severity: 'medium',
  cause: ofContainer('image-behind'),
  otherCauses: ['debug-left'],
  failsWhen:
    'All places where the registry keeps SBOMs of the running image were read, those of the images of its index too, and none has one. Signatures are not verified.',
  notEvaluatedWhen:
    'Any of these places could not be read; or an attestation was found of which only its document says whether it is an SBOM, which takes images.registry: sbom-collect.',
  notApplicableTo:
    'Manifests, containers that do not run, and audits whose images.registry is off or metadata.',
  why: 'Without a list of what is in the image, only opening the image shows whether the next vulnerable library runs here.',
  evidence: 'image and digest: what runs.',
  newFacts: otherImage,
  remediation:
    'Have the build write an SBOM and attach it to the image: docker buildx build --sbom=true, or syft and oras attach, or cosign attest.',
  patch: `# The build attaches the SBOM; the workload then names the image that has one:
#   docker buildx build --sbom=true --push --tag REPOSITORY:NEW_VERSION .
spec:
  template:
    spec:
      containers:
        - name: CONTAINER
          image: REPOSITORY:NEW_VERSION@sha256:DIGEST`,
  verify: 'oras discover REPOSITORY@DIGEST; docker buildx imagetools inspect REPOSITORY@DIGEST',
  controls: [
    supports(PCI_DSS_6_3_2, 'an inventory of third-party components needs a list of them'),
    supports(BSI_SYS_1_6_A12, 'asks for metadata that make the contents of an image traceable'),
    supports(NIST_53_CM_8, 'asks for an inventory that has all components; what is in this image is in none'),
  ],
  examples: [
    {
      title: 'an image to which nothing is attached',
      verdict: 'fail',
      config: SBOM_PRESENCE,
      pod: ECR_IMAGE,
      others: ecrExample({ referrers: [] }),
    },
    {
      title: 'an image with an attached SPDX document',
      verdict: 'pass',
      config: SBOM_PRESENCE,
      pod: ECR_IMAGE,
      others: ecrExample({ referrers: ['application/spdx+json'] }),
    },
    {
      title: 'an attestation whose manifest names no predicate',
      verdict: 'not-evaluated',
      config: SBOM_PRESENCE,
      pod: ECR_IMAGE,
      others: ecrExample({ referrers: ['application/vnd.in-toto+json'] }),
    },
    { title: 'a registry that is not asked', verdict: 'not-applicable', pod: ECR_IMAGE },
  ],
  ofRunning: true,
  notAsked: (config, inventory) =>
    notAskedOf(config, inventory) ??
    (inventory.images?.level === 'metadata'
      ? 'image-without-sbom does not apply: SBOMs are not looked for (images.registry: metadata).'
      : null),
  note: ({ images }) => unsearchableNote(images?.facts ?? new Map()),
  needs: [],
  evaluate: (subject, context): readonly Outcome[] => judgeRunning(subject, context, judge),
};

function judge({ container, image, facts }: RunningContainer): Outcome | null {
  const { sbom } = facts;
  if (sbom === undefined) return null;
  if (!('value' in sbom)) return undecided(container, sbom);
  if (sbom.value.some(({ format }) => format !== 'unknown')) return pass(container);
  if (sbom.value.length > 0) return undecided(container, unopened(image));
  return {
    verdict: 'fail',
    container,
    message: `Container ${container} runs ${image}, of which the registry has no SBOM.`,
    evidence: { image, digest: digestIn(facts) },
  };
}

const unopened = (image: string) =>
  ({
    reason: 'registry-not-read',
    message: `${image} has an attestation whose manifest does not say whether it contains an SBOM.`,
    remedy: 'Set images.registry: sbom-collect, by which documents are opened.',
  }) as const;

/** An SBOM in another format than JSON is one: that no search can read it is no fault of the image, and has to be said. */
function unsearchableNote(facts: ImageFactsByKey): string | null {
  const counted = new Set<string>();
  const images: string[] = [];
  for (const [key, { running, sbom }] of facts) {
    if (sbom === undefined || !isAnswered(sbom)) continue;
    if (sbom.value.length === 0 || sbom.value.some(({ format }) => format !== 'other')) continue;
    const id = running.digest ?? key;
    if (counted.has(id)) continue;
    counted.add(id);
    images.push(key.slice(0, key.indexOf(' ')));
  }
  const [first] = images.toSorted();
  if (first === undefined) return null;
  const which =
    images.length === 1 ? `1 image (${first}) has` : `${images.length} images, such as ${first}, have`;
  return `${which} no SBOM in SPDX or CycloneDX JSON but one in another format, which sbom find cannot search.`;
}
