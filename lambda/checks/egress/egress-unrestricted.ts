import { POLICY_RESOURCES } from '../../inventory/resources.ts';
import type { Check, Outcome } from '../check.ts';
import {
  ATTACK_T1048,
  ATTACK_T1105,
  ATTACK_T1190,
  BSI_SYS_1_6_A5,
  BSI_SYS_1_6_A21,
  CIS_EKS_4_3_2,
  CIS_EKS_5_4_4,
  NIST_4_4_2,
  NSA_CISA_NETWORK_POLICIES,
  PCI_DSS_1_3_2,
} from '../controls.ts';
import { describeReach, isWhole, outcomeOf } from './reach.ts';

/**
 * A pod that no policy with policy type Egress selects may reach everything, and so may one whose policies nothing
 * enforces: what is effective counts.
 * Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
 */
export const egressUnrestricted: Check = {
  id: 'egress-unrestricted',
  title: 'The whole internet is reachable on every port',
  category: 'egress',
  severity: 'high',
  failsWhen:
    'Most of the public address space is reachable on every TCP port: no policy selects the pod, one allows all, or nothing enforces it.',
  why: 'Whatever gets into the pod can load more tools and libraries from anywhere and send data to anyone.',
  evidence: 'ipv4Share and ipv6Share of public addresses on every TCP port; policies that select the pod.',
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
    CIS_EKS_4_3_2,
    CIS_EKS_5_4_4,
    NSA_CISA_NETWORK_POLICIES,
    NIST_4_4_2,
    PCI_DSS_1_3_2,
    BSI_SYS_1_6_A5,
    BSI_SYS_1_6_A21,
    ATTACK_T1190,
    ATTACK_T1048,
    ATTACK_T1105,
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
          message: `Can reach ${describeReach(reach)} on every port: ${pods.because({ internet: 'all' })}.`,
          evidence: { ipv4Share: reach.ipv4, ipv6Share: reach.ipv6, policies },
        };
      }),
    ];
  },
};
