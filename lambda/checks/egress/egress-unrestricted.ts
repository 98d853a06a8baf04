import { POLICY_RESOURCES } from '../../inventory/resources.ts';
import { ofWorkload } from '../cause.ts';
import { type Check, type Outcome, supports } from '../check.ts';
import {
  ATTACK_T1048,
  ATTACK_T1071_001,
  ATTACK_T1095,
  ATTACK_T1105,
  ATTACK_T1190,
  ATTACK_T1571,
  BSI_SYS_1_6_A5,
  BSI_SYS_1_6_A21,
  CIS_EKS_4_3_2,
  CIS_EKS_5_4_4,
  FEDRAMP_CNA_MAT,
  FEDRAMP_CNA_RNT,
  ISO_27001_A_8_20,
  ISO_27001_A_8_23,
  NIST_4_4_2,
  NIST_53_SC_7_5,
  NSA_CISA_NETWORK_POLICIES,
  PCI_DSS_1_3_2,
} from '../controls.ts';
import { egressPolicy } from '../example.ts';
import { widerInternet } from './new-reach.ts';
import { describeReach, isWhole, outcomeOf } from './reach.ts';
import { REACH_CAUSES } from './reach-cause.ts';

/**
 * A pod that no policy with policy type Egress selects may reach everything, and so may one whose policies nothing
 * enforces: what is effective counts.
 * Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
 */
export const egressUnrestricted: Check = {
  id: 'egress-unrestricted',
  title: 'The whole internet is reachable on every TCP port',
  category: 'egress',
  severity: 'high',
  cause: ofWorkload('rule-too-wide'),
  otherCauses: REACH_CAUSES,
  failsWhen:
    'Most of the public address space is reachable on every TCP port: no policy selects the pod, one allows all, or nothing enforces it.',
  notEvaluatedWhen:
    'A policy that selects the pod is not understood, or it is not known whether it is enforced, and the verdict depends on that.',
  notApplicableTo: null,
  why: 'Malicious code in the pod can download tools and libraries from anywhere and send data to anyone.',
  evidence: 'ipv4Share and ipv6Share of public addresses on every TCP port; policies that select the pod.',
  newFacts: widerInternet(' on every port'),
  remediation:
    'Add a NetworkPolicy with policyTypes: [Egress] that allows DNS and only the destinations that the workload needs.',
  patch: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: WORKLOAD-egress
  namespace: NAMESPACE
spec:
  podSelector:
    matchLabels: { app: WORKLOAD }
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector:
            matchLabels: { kubernetes.io/metadata.name: kube-system }
          podSelector:
            matchLabels: { k8s-app: kube-dns }
      ports:
        - { protocol: UDP, port: 53 }
        - { protocol: TCP, port: 53 }`,
  verify: 'eks-drift-audit egress NAMESPACE/WORKLOAD --explain',
  controls: [
    supports(CIS_EKS_4_3_2, 'without a network policy all traffic out of the pods is allowed'),
    supports(CIS_EKS_5_4_4, 'a pod that no policy selects accepts all traffic'),
    supports(NSA_CISA_NETWORK_POLICIES, 'a default policy should deny all egress'),
    supports(NIST_4_4_2, 'asks for control of the egress that containers send, to the internet above all'),
    supports(PCI_DSS_1_3_2, 'outbound traffic only where necessary'),
    supports(BSI_SYS_1_6_A5, 'only the communication necessary for operation'),
    supports(BSI_SYS_1_6_A21, 'policies should restrict outgoing connections'),
    supports(ATTACK_T1190, 'mitigation M1037 restricts outbound traffic of exposed servers'),
    supports(ATTACK_T1048, 'mitigation M1030 lets only necessary ports and traffic leave'),
    supports(ATTACK_T1105, 'mitigation M1037 blocks traffic to unapproved destinations'),
    supports(NIST_53_SC_7_5, 'asks to deny network traffic by default'),
    supports(FEDRAMP_CNA_RNT, 'asks to limit outbound network traffic'),
    supports(FEDRAMP_CNA_MAT, 'asks for a minimal attack surface and minimal lateral movement'),
    supports(ISO_27001_A_8_20, 'asks for networks that are controlled'),
    supports(ISO_27001_A_8_23, 'asks to manage access to external websites'),
    supports(ATTACK_T1071_001, 'mitigation M1037 lets servers reach approved destinations only'),
    supports(ATTACK_T1571, 'mitigation M1030 limits outgoing traffic to necessary ports'),
    supports(ATTACK_T1095, 'mitigation M1030 limits outgoing traffic to necessary ports'),
  ],
  exposure: 1,
  examples: [
    {
      title: 'no policy',
      verdict: 'fail',
    },
    {
      title: 'a policy that allows one address',
      verdict: 'pass',
      others: egressPolicy('[{ to: [{ ipBlock: { cidr: 203.0.113.10/32 } }], ports: [{ port: 443 }] }]'),
    },
    {
      title: 'a policy that is not understood',
      verdict: 'not-evaluated',
      others: egressPolicy('[{ to: [{ ipBlock: { cidr: everything } }] }]'),
    },
  ],
  needs: POLICY_RESOURCES,
  evaluate(subject, context): readonly Outcome[] {
    const { policies } = context.egress().answer;
    return [
      outcomeOf({ subject, context }, (pods) => {
        const reach = pods.internetOnEveryPort;
        if (!isWhole(reach)) return null;
        return {
          verdict: 'fail',
          container: null,
          message: `Can reach ${describeReach(reach)} on every ${pods.internetByEveryProtocol ? 'port' : 'TCP port'}: ${pods.because({ internet: 'all' })}.`,
          evidence: { ipv4Share: reach.ipv4, ipv6Share: reach.ipv6, policies },
          asked: { internet: 'all' },
        };
      }),
    ];
  },
};
