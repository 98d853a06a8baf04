import { ofContainer } from '../cause.ts';
import { type Check, type Outcome, pass, supports } from '../check.ts';
import {
  ATTACK_T1609,
  ATTACK_T1610,
  FEDRAMP_CMT_RMV,
  ISO_27001_A_8_32,
  NIST_4_4_5,
  NIST_53_CM_3,
  NIST_53_CM_5,
  PCI_DSS_6_5_1,
} from '../controls.ts';
import { otherImage } from '../new-facts.ts';

/** Source: https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/ (cannot be removed again). */
export const debugContainerAttached: Check = {
  id: 'debug-container-attached',
  title: 'Debug container is attached',
  category: 'writable-layer',
  severity: 'high',
  cause: ofContainer('debug-left'),
  failsWhen: 'A pod that has not ended has ephemeral containers.',
  notEvaluatedWhen: null,
  notApplicableTo: 'Manifests, and pods that have ended.',
  why: 'Someone worked in this pod by hand. An ephemeral container brings its own image and tools, may share the processes of the others, and cannot be removed from the pod again: what was changed stays until the pod is replaced.',
  evidence: 'image and type of the ephemeral container.',
  newFacts: otherImage,
  remediation: 'Delete the pod, so that its controller creates a new one, and record why it was debugged.',
  patch: `# Nothing to change in the manifest: ephemeral containers exist only in the pod.
#   kubectl -n NAMESPACE delete pod POD`,
  verify: "kubectl -n NAMESPACE get pod POD -o jsonpath='{.spec.ephemeralContainers[*].name}'",
  controls: [
    supports(NIST_4_4_5, 'every creation of a container is tied to a person; this one was made by hand'),
    supports(PCI_DSS_6_5_1, 'a change in production outside the usual procedure'),
    supports(ATTACK_T1609, 'commands run in a pod through the API server'),
    supports(ATTACK_T1610, 'a container deployed without the user limits of the others'),
    supports(NIST_53_CM_3, 'asks to approve and document changes; this one was made by hand'),
    supports(NIST_53_CM_5, 'asks to restrict who changes a system that runs'),
    supports(FEDRAMP_CMT_RMV, 'asks for redeployment instead of direct modification'),
    supports(ISO_27001_A_8_32, 'a change outside the usual procedure'),
  ],
  examples: [
    {
      title: 'an ephemeral container',
      verdict: 'fail',
      pod: 'spec: { ephemeralContainers: [{ name: debugger, image: busybox:1.36 }] }',
    },
    {
      title: 'no ephemeral container',
      verdict: 'pass',
    },
  ],
  ofRunning: true,
  needs: [],
  evaluate(subject): readonly Outcome[] {
    // Debug containers are attached to running pods only.
    if (subject.source === 'template') return [];
    const ephemeral = subject.spec.containers.filter(({ type }) => type === 'ephemeral');
    if (ephemeral.length === 0) return [pass()];
    return ephemeral.map(({ name, image }) => ({
      verdict: 'fail',
      container: name,
      message: `Debug container ${name}${image === null ? '' : ` (${image})`} is attached: someone worked in this pod by hand.`,
      evidence: { image, type: 'ephemeral' },
    }));
  },
};
