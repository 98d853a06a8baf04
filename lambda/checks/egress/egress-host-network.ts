import { ofWorkload } from '../cause.ts';
import { type Check, type Outcome, pass, supports } from '../check.ts';
import {
  ATTACK_T1611,
  BSI_APP_4_4_A4,
  CIS_EKS_4_2_4,
  FEDRAMP_CNA_MAT,
  NSA_CISA_POD_SECURITY,
} from '../controls.ts';

/**
 * "NetworkPolicy … pods with hostNetwork: true … is undefined, but should be limited to: … (most common)
 * NetworkPolicy cannot distinguish hostNetwork pod traffic from all other traffic, and so it ignores it".
 * Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods
 */
export const egressHostNetwork: Check = {
  id: 'egress-host-network',
  title: 'Pod uses the network of its node',
  category: 'egress',
  severity: 'medium',
  cause: ofWorkload('host-network'),
  failsWhen: 'hostNetwork is true: policies do not apply to the pod.',
  notEvaluatedWhen: null,
  notApplicableTo: null,
  why: 'Network policies cannot distinguish such a pod from its node. It reaches everything that the node reaches, including the instance metadata service.',
  evidence: 'hostNetwork: true.',
  remediation:
    'Remove hostNetwork unless the program manages the network of the node; in that case add an exemption with a reason.',
  patch: `spec:
  template:
    spec:
      hostNetwork: false`,
  verify: "kubectl -n NAMESPACE get pod POD -o jsonpath='{.spec.hostNetwork}'",
  controls: [
    supports(CIS_EKS_4_2_4, 'containers should not share the host network namespace'),
    supports(NSA_CISA_POD_SECURITY, 'hostNetwork is among the features to deny'),
    supports(BSI_APP_4_4_A4, 'the isolation of pods must include the network'),
    supports(ATTACK_T1611, 'mitigation M1048 limits access to the host network'),
    supports(FEDRAMP_CNA_MAT, 'asks to minimize lateral movement; such a pod has the reach of its node'),
  ],
  exposure: 0.6,
  examples: [
    {
      title: 'the network of the node',
      verdict: 'fail',
      pod: 'spec: { hostNetwork: true }',
    },
    {
      title: 'the pod network',
      verdict: 'pass',
    },
  ],
  needs: [],
  evaluate(subject): readonly Outcome[] {
    if (!subject.spec.hostNetwork) return [pass()];
    return [
      {
        verdict: 'fail',
        container: null,
        message: 'Uses the network of its node: no network policy applies to it.',
        evidence: { hostNetwork: true },
      },
    ];
  },
};
