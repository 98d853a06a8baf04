import type { Enforcement } from '../../egress/enforcement/enforcement.ts';
import { type AddressSet, isNothing, subtract } from '../../egress/sets/address-set.ts';
import type { ClusterIdentity } from '../../inventory/names.ts';
import type { PodClass } from '../../inventory/pod-class.ts';
import { POLICY_RESOURCES } from '../../inventory/resources.ts';
import { ofWorkload } from '../cause.ts';
import { type Check, type CheckContext, type Fail, type Outcome, pass, supports } from '../check.ts';
import {
  BSI_SYS_1_6_A21,
  CIS_EKS_4_3_1,
  CIS_EKS_5_4_4,
  FEDRAMP_CNA_RNT,
  ISO_27001_A_8_20,
  NIST_4_4_2,
  NIST_53_SC_7_5,
  NSA_CISA_NETWORK_POLICIES,
  PCI_DSS_1_2_8,
} from '../controls.ts';
import { egressPolicy } from '../example.ts';
import { anyOf, newTexts } from '../new-facts.ts';
import { gapsByPods, NOT_KNOWN } from './reach.ts';
import { furtherGap, notEnforced } from './reach-cause.ts';

type NotEnforced = Extract<Enforcement, { state: 'not-enforced' }>;

/**
 * "Creating a NetworkPolicy resource without a controller that implements it will have no effect."
 * Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites
 */
export const egressPolicyNotEnforced: Check = {
  id: 'egress-policy-not-enforced',
  title: 'Network policies select the pod, but nothing enforces them',
  category: 'egress',
  severity: 'critical',
  cause: ofWorkload('policy-not-enforced'),
  failsWhen:
    'Policies select the pod, but its network plugin, node type or pod type does not enforce them, so the pod reaches destinations that they deny.',
  notEvaluatedWhen: 'Whether an engine enforces the policies of the pod is not known.',
  notApplicableTo: 'Manifests, and pods that no policy selects.',
  why: 'The policies suggest that egress is restricted, but it is not.',
  evidence:
    'policies: those without effect; because: why; link: where that is documented; pods: how many it concerns.',
  newFacts: anyOf(
    newTexts('policies', 'policies', (policy) => `${policy} has no effect either`),
    newTexts('reasons', 'reasons', (reason) => `also: ${reason}`),
  ),
  remediation:
    'Enable a policy engine that enforces this kind of policy on the node of the pod, or move the pod to a node that has one.',
  patch: `# VPC CNI: configuration values of the EKS add-on vpc-cni
enableNetworkPolicy: "true"`,
  verify:
    "kubectl -n kube-system get pods -l k8s-app=aws-node -o jsonpath='{.items[*].spec.containers[*].args}'   # --enable-network-policy=true",
  controls: [
    supports(CIS_EKS_4_3_1, 'the CNI plugin must support ingress and egress policies'),
    supports(CIS_EKS_5_4_4, 'a policy has no effect without an engine that implements it'),
    supports(NSA_CISA_NETWORK_POLICIES, 'a plugin that supports the API is required'),
    supports(NIST_4_4_2, 'egress is declared and not controlled'),
    supports(PCI_DSS_1_2_8, 'configurations are kept consistent with what is active'),
    supports(BSI_SYS_1_6_A21, 'the host should enforce the policy, or report'),
    supports(NIST_53_SC_7_5, 'a policy without an effect denies nothing'),
    supports(FEDRAMP_CNA_RNT, 'asks to limit outbound network traffic'),
    supports(ISO_27001_A_8_20, 'asks for networks that are controlled'),
  ],
  readsSettings: ['policy-engine'],
  exposure: 1,
  examples: [
    {
      title: 'a policy for a pod on Fargate',
      verdict: 'fail',
      pod: 'spec: { nodeName: fargate }',
      others: `${egressPolicy('[]')}
---
apiVersion: v1
kind: Node
metadata: { name: fargate, labels: { kubernetes.io/os: linux, eks.amazonaws.com/compute-type: fargate } }`,
    },
    {
      title: 'a policy on a node that enforces it',
      verdict: 'pass',
      others: egressPolicy('[]'),
    },
    {
      title: 'no policy',
      verdict: 'not-applicable',
    },
  ],
  needs: POLICY_RESOURCES,
  evaluate(subject, context): readonly Outcome[] {
    if (context.manifests) return [];
    const found = context.enforcement();
    switch (found.state) {
      case 'none':
        return [];
      case 'enforced':
        return [pass()];
      case 'unknown': {
        const { reason, message, remedy } = found;
        return [{ verdict: 'not-evaluated', container: null, reason, message, remediation: remedy }];
      }
      case 'not-enforced':
        return [effectOf(subject, context, found)];
    }
  },
};

/**
 * Whether the pods reach more than their policies allow. A policy that would only open something closes nothing by not
 * being enforced.
 */
function effectOf(subject: PodClass, { egress, reach, cluster }: CheckContext, found: NotEnforced): Outcome {
  const view = egress();
  const { possible, unknown } = reach();
  // Either side may be known in part: what is certain takes the least of the one and the most of the other.
  const beyond = (declared: AddressSet): readonly boolean[] =>
    possible.map((pods) => !isNothing(subtract(pods.reach, declared)));
  if (beyond(view.reach).every(Boolean)) return failOf(subject, found, cluster);
  if (!beyond(view.definiteReach).some(Boolean)) return pass();
  const { reason, message, remedy } = view.undecided ?? unknown ?? NOT_KNOWN;
  return { verdict: 'not-evaluated', container: null, reason, message, remediation: remedy };
}

function failOf({ population }: PodClass, { gaps, concerns }: NotEnforced, cluster: ClusterIdentity): Fail {
  const [worst, ...others] = gapsByPods(gaps);
  const { policies, because, link } = worst;
  const pods = gaps.reduce((sum, gap) => sum + gap.pods, 0);
  const named = policies.slice(0, 3).join(', ');
  const more = policies.length > 3 ? ` and ${policies.length - 3} more` : '';
  return {
    verdict: 'fail',
    container: null,
    message: `${named}${more} ${policies.length === 1 ? 'has' : 'have'} no effect: ${because}`,
    evidence: { policies, because, link, reasons: [because, ...others.map((gap) => gap.because)], pods },
    cause: notEnforced(cluster, because),
    remainsBy: furtherGap(cluster, [worst, ...others]),
    pods: { count: pods, examples: population.examples.filter(({ node }) => concerns(node)) },
  };
}
