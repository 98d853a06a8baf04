import type { ContainerFacts } from '../../inventory/pod.ts';
import type { PodClass } from '../../inventory/pod-class.ts';
import { POLICY_RESOURCES } from '../../inventory/resources.ts';
import { ofAttached, ofContainer } from '../cause.ts';
import { type Check, type CheckContext, type Outcome, pass, supports, type Undecided } from '../check.ts';
import {
  ATTACK_T1105,
  ATTACK_T1609,
  BSI_SYS_1_6_A17,
  BSI_SYS_1_6_A23,
  FEDRAMP_CMT_RMV,
  ISO_27001_A_8_19,
  NIST_4_1_2,
  NIST_4_4_2,
  NIST_4_4_4,
  NIST_53_CM_5_6,
  NIST_53_CM_11,
  NSA_CISA_IMMUTABLE,
  NSA_CISA_NON_ROOT,
  PCI_DSS_6_5_1,
} from '../controls.ts';
import { judgeReach } from '../egress/reach.ts';
import { type RegistryReach, registryReach } from '../egress/registry-reach.ts';
import {
  imageUser,
  mayRunAsRoot,
  platformUnknown,
  rootFilesystem,
} from '../writable-layer/root-filesystem.ts';

/**
 * Three facts in one container, judged in three values: one fact that is definitely false is a pass whatever
 * the others are; otherwise one that is open leaves the verdict open.
 */
export const runtimeLibraryUpdate: Check = {
  id: 'runtime-library-update',
  title: 'Container can replace its own libraries at run time',
  category: 'together',
  severity: 'critical',
  cause: ofContainer('writable-root'),
  otherCauses: ['debug-left'],
  failsWhen:
    'One container has a writable root filesystem, may run as root, and its pod reaches a package registry.',
  notEvaluatedWhen: 'None of the three facts is false, and at least one is not known.',
  notApplicableTo: null,
  why: 'Each alone is a weakness. Together they let a running container install or replace libraries unnoticed: the scan and the SBOM of its image no longer describe what runs.',
  evidence:
    'The three facts: readOnlyRootFilesystem, runAsNonRoot and runAsUser as they apply to the container, imageUser, which the image names (with images.registry: sbom-collect), and how a registry is reached.',
  remediation:
    'Remove any one of the three, preferably all: readOnlyRootFilesystem: true, runAsNonRoot: true, and egress without package registries.',
  patch: `spec:
  template:
    spec:
      securityContext:
        runAsNonRoot: true
      containers:
        - name: CONTAINER
          securityContext:
            readOnlyRootFilesystem: true
            allowPrivilegeEscalation: false`,
  verify: 'kubectl -n NAMESPACE exec POD -c CONTAINER -- sh -c "id -u; touch /probe"   # not 0; must fail',
  controls: [
    supports(NSA_CISA_NON_ROOT, 'one of the three facts: may run as root'),
    supports(NSA_CISA_IMMUTABLE, 'one of the three facts: can modify the application in the container'),
    supports(NIST_4_1_2, 'containers run in an immutable manner, by users without privileges'),
    supports(NIST_4_4_2, 'one of the three facts: uncontrolled egress'),
    supports(NIST_4_4_4, 'binaries can be changed and written where none are expected'),
    supports(PCI_DSS_6_5_1, 'production can change outside every established procedure'),
    supports(BSI_SYS_1_6_A17, 'containers should run under an account without privileges'),
    supports(BSI_SYS_1_6_A23, 'containers should not be able to change their file system at run time'),
    supports(ATTACK_T1609, 'mitigations M1026 (no root) and M1038 (read-only file system)'),
    supports(ATTACK_T1105, 'mitigation M1037 keeps tools and payloads from being downloaded'),
    supports(NIST_53_CM_5_6, 'asks to limit who can change software libraries'),
    supports(NIST_53_CM_11, 'software can be installed past every policy'),
    supports(FEDRAMP_CMT_RMV, 'asks for redeployment instead of direct modification'),
    supports(ISO_27001_A_8_19, 'asks to manage the installation of software on operational systems'),
  ],
  exposure: 0.8,
  drift: 'possible',
  examples: [
    {
      title: 'a container at its defaults, and no policy',
      verdict: 'fail',
    },
    {
      title: 'a read-only root filesystem',
      verdict: 'pass',
      pod: `spec:
  containers:
    - name: app
      image: registry.example.com/app:1.4.2
      securityContext: { readOnlyRootFilesystem: true }`,
    },
    {
      title: 'a user other than root',
      verdict: 'pass',
      pod: 'spec: { securityContext: { runAsNonRoot: true } }',
    },
  ],
  needs: [],
  evaluate(subject, context): readonly Outcome[] {
    const reach = reachOf(subject, context);
    return subject.spec.containers.map((container) => judge(subject, container, reach, context));
  },
};

function reachOf(subject: PodClass, context: CheckContext): RegistryReach | Undecided | null {
  const unread = POLICY_RESOURCES.find((resource) => context.missing.has(resource));
  if (unread !== undefined && !subject.spec.hostNetwork) {
    const gap = context.whyMissing?.(unread);
    // Only what is refused is granted.
    const other = gap === undefined || gap.reason === 'forbidden' ? null : gap;
    return {
      verdict: 'not-evaluated',
      container: null,
      reason: other?.reason ?? 'forbidden',
      message:
        'The network policies could not be read, so it is not known whether a package registry is reachable.',
      // As the gap itself says it, so that people see one cause once.
      remediation:
        gap?.remedy ?? 'Grant list on the network policies that could not be read, and audit again.',
    };
  }
  const { policies } = context.egress().answer;
  return judgeReach(context.reach(), (pods) => registryReach(pods, policies, context.config));
}

function judge(
  subject: PodClass,
  container: ContainerFacts,
  reach: RegistryReach | Undecided | null,
  context: CheckContext,
): Outcome {
  const filesystem = rootFilesystem(subject, container, context);
  if (filesystem === 'read-only' || reach === null) return pass(container.name);
  const root = mayRunAsRoot(subject, container, context);
  // Users of Windows containers are no numbers; the platform answer of the file system decides below.
  if (!root && subject.spec.os !== 'windows') {
    return platformUnknown(subject, container, context) ?? pass(container.name);
  }
  if (filesystem !== 'writable') return filesystem;
  if ('verdict' in reach) return { ...reach, container: container.name };
  return {
    verdict: 'fail',
    container: container.name,
    message: `Container ${container.name} can write its root filesystem, may run as root, and can reach package registries: it can replace its own libraries.`,
    evidence: {
      readOnlyRootFilesystem: container.readOnlyRootFilesystem,
      runAsNonRoot: container.runAsNonRoot ?? subject.spec.runAsNonRoot,
      runAsUser: container.runAsUser ?? subject.spec.runAsUser,
      imageUser: imageUser(container, context.images),
      registries: reach.sentence,
    },
    ...ofAttached(subject.workload, container),
  };
}
