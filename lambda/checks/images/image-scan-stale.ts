import { formatDuration } from '../../config/units.ts';
import type { Evidence } from '../../findings/finding.ts';
import type { ScanFacts, Unanswered } from '../../inventory/images.ts';
import { instantText } from '../../inventory/instant.ts';
import type { StartTimes } from '../../inventory/pod-class.ts';
import { seconds } from '../age.ts';
import { ofContainer } from '../cause.ts';
import { type Check, type CheckContext, type Outcome, pass, supports } from '../check.ts';
import {
  CIS_EKS_5_1_1,
  ISO_27001_A_8_8,
  NIST_4_1_1,
  NIST_53_RA_5,
  NSA_CISA_SECURE_IMAGES,
  PCI_DSS_11_3_1,
} from '../controls.ts';
import { anyOf, otherImage } from '../new-facts.ts';
import { ECR_IMAGE, ecrExample, METADATA } from './examples.ts';
import { digestIn, judgeRunning, notAskedOf, type RunningContainer, undecided } from './running-images.ts';

/**
 * States of basic scans and of Inspector, which scans an active image again whenever something new is known.
 * Source: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanStatus.html
 */
export const imageScanStale: Check = {
  id: 'image-scan-stale',
  title: 'Running image was not scanned, or not lately',
  category: 'age',
  severity: 'medium',
  cause: ofContainer('image-behind'),
  otherCauses: ['debug-left'],
  failsWhen:
    'No scan of the running image is known, scanning it has ended because it is too old, or its last scan was completed longer before the last start of a container than limits.scanMaxAge.',
  notEvaluatedWhen:
    'A scan has not come to a result, or the image cannot be scanned; or the registry does not say, as no registry but ECR does.',
  notApplicableTo: 'Manifests, containers that do not run, and audits that ask for no scans.',
  why: 'What was published since the last scan is unknown to it. A container that is started from such an image may begin with vulnerabilities that no scan has looked for.',
  evidence:
    'image and digest: what runs; state: as ECR or Inspector says; scannedAt; startedAt: the last start of a container; source: basic or inspector; limitSeconds.',
  newFacts: anyOf(otherImage, lessScanned),
  remediation:
    'Scan the image (aws ecr start-image-scan), or switch on enhanced scanning, which scans running images again whenever a vulnerability becomes known; then deploy a current image.',
  patch: `# Scanning is a setting of the registry, not of the workload:
#   aws ecr put-registry-scanning-configuration --scan-type ENHANCED \\
#     --rules '[{"scanFrequency":"CONTINUOUS_SCAN","repositoryFilters":[{"filter":"*","filterType":"WILDCARD"}]}]'
spec:
  template:
    spec:
      containers:
        - name: CONTAINER
          image: REPOSITORY:NEW_VERSION@sha256:DIGEST`,
  verify:
    'aws ecr describe-image-scan-findings --registry-id ACCOUNT --repository-name REPOSITORY --image-id imageDigest=DIGEST --query "[imageScanStatus, imageScanFindings.imageScanCompletedAt]"',
  controls: [
    supports(CIS_EKS_5_1_1, 'asks for scans of images by ECR or others'),
    supports(NIST_4_1_1, 'asks for visibility of vulnerabilities over the whole life of an image'),
    supports(NSA_CISA_SECURE_IMAGES, 'asks to scan images for known vulnerabilities'),
    supports(PCI_DSS_11_3_1, 'an image without a current scan was not part of one'),
    supports(NIST_53_RA_5, 'asks to scan for vulnerabilities regularly, and when new ones become known'),
    supports(
      ISO_27001_A_8_8,
      'asks to evaluate vulnerabilities; those of this image were not evaluated lately',
    ),
  ],
  examples: [
    {
      title: 'an image that was never scanned',
      verdict: 'fail',
      config: METADATA,
      pod: ECR_IMAGE,
      others: ecrExample({}),
    },
    {
      title: 'a scan two months before the container was started',
      verdict: 'fail',
      config: METADATA,
      pod: ECR_IMAGE,
      others: ecrExample({ scan: { status: 'COMPLETE', completedAt: '2025-12-10T00:00:00Z' } }),
    },
    {
      title: 'a scan some days before the container was started',
      verdict: 'pass',
      config: METADATA,
      pod: ECR_IMAGE,
      others: ecrExample({ scan: { status: 'COMPLETE', completedAt: '2026-02-08T00:00:00Z' } }),
    },
    {
      title: 'an image that cannot be scanned',
      verdict: 'not-evaluated',
      config: METADATA,
      pod: ECR_IMAGE,
      others: ecrExample({ scan: { status: 'UNSUPPORTED_IMAGE' } }),
    },
    { title: 'a registry that is not asked', verdict: 'not-applicable', pod: ECR_IMAGE },
  ],
  ofRunning: true,
  notAsked: (config, inventory) =>
    notAskedOf(config, inventory) ??
    (config.images.scans === 'off'
      ? 'image-scan-stale does not apply: scans are not asked for (images.scans: off).'
      : null),
  needs: [],
  evaluate: (subject, context): readonly Outcome[] =>
    judgeRunning(subject, context, (running) => {
      const starts = subject.population.running.get(running.container);
      return starts === undefined ? null : judge(running, starts, context);
    }),
};

function judge(
  running: RunningContainer,
  starts: StartTimes,
  { limits: { scanMaxAge } }: CheckContext,
): Outcome | null {
  const { container, image, facts } = running;
  const { scan } = facts;
  if (scan === undefined) return null;
  if (!('value' in scan)) return undecided(container, scan);
  const { state, completedAt } = scan.value;
  const fails = failing(running, scan.value, scanMaxAge);
  if (state === 'NONE')
    return fails(`Container ${container} runs ${image}, of which no scan is known.`, starts);
  if (state === 'SCAN_ELIGIBILITY_EXPIRED') {
    return fails(
      `Container ${container} runs ${image}, which is not scanned any more: it is older than what Inspector is set to scan.`,
      starts,
    );
  }
  if (state === 'ACTIVE') return pass(container);
  if (state !== 'COMPLETE' || completedAt === null) return undecided(container, unsettled(image, state));
  const late = starts.startedAt.filter((startedAt) => startedAt - completedAt > scanMaxAge);
  if (late.length === 0) return starts.unknown > 0 ? undecided(container, noStart(image)) : pass(container);
  const startedAt = Math.max(...late);
  return fails(
    `Container ${container} was started ${formatDuration(startedAt - completedAt)} after the last scan of ${image}; the limit is ${formatDuration(scanMaxAge)}.`,
    { ...starts, startedAt: late },
  );
}

/** That a scan is old, the finding says already; that there is none any more is worse. */
function lessScanned(before: Evidence, now: Evidence): readonly string[] {
  if (before['state'] !== 'COMPLETE') return [];
  if (now['state'] === 'NONE') return ['no scan of its image is known'];
  return now['state'] === 'SCAN_ELIGIBILITY_EXPIRED' ? ['its image is not scanned any more'] : [];
}

const failing =
  ({ container, image, facts }: RunningContainer, scan: ScanFacts, scanMaxAge: number) =>
  (message: string, { startedAt }: Pick<StartTimes, 'startedAt'>): Outcome =>
    scan.unsure === undefined
      ? {
          verdict: 'fail',
          container,
          message,
          evidence: {
            image,
            digest: digestIn(facts),
            state: scan.state,
            scannedAt: scan.completedAt === null ? null : instantText(scan.completedAt),
            startedAt: startedAt.length === 0 ? null : instantText(Math.max(...startedAt)),
            source: scan.source,
            limitSeconds: seconds(scanMaxAge),
          },
        }
      : undecided(container, scan.unsure);

const unsettled = (image: string, state: string): Unanswered => ({
  reason: 'scan-unsettled',
  message: `The scan of ${image} has no result that can be relied on (${state.slice(0, 60)}).`,
  remedy: 'See why with aws ecr describe-image-scan-findings; a pending scan needs some time.',
});

const noStart = (image: string): Unanswered => ({
  reason: 'field-missing',
  message: `The status of a pod does not say when its container of ${image} was started, so that its scan may be older.`,
  remedy: 'Audit the live cluster, or a snapshot that keeps the status of its pods.',
});
