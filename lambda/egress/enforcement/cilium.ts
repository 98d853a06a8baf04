import { atLeast, groupOf, isCore, type PolicyEngine, YES } from './model.ts';

const LINK = 'https://docs.cilium.io/en/stable/network/kubernetes/policy/';

/**
 * Core policies and its own; ClusterNetworkPolicy from 1.20 on where `enable-k8s-cluster-network-policy`
 * is set, which stands in a ConfigMap that is not read. AdminNetworkPolicy was never read.
 * Source: cilium/cilium Documentation/network/kubernetes/policy.rst, cilium/cilium#23380, #47227.
 */
export const cilium: PolicyEngine = {
  name: 'cilium',
  title: 'Cilium',
  link: LINK,
  enforces(type, agent) {
    if (isCore(type) || groupOf(type) === 'cilium.io') return YES;
    const clusterPolicy =
      groupOf(type) === 'policy.networking.k8s.io' && type.kind === 'ClusterNetworkPolicy';
    if (clusterPolicy && atLeast(agent.version, '1.20.0') !== false) {
      return {
        answer: 'unknown',
        why: 'Cilium reads this kind from 1.20 on where its configuration says so, which is not read',
        link: LINK,
      };
    }
    return { answer: 'no', why: 'Cilium does not read this kind', link: LINK };
  },
  departures: () => [
    {
      id: 'cilium-configuration',
      text: "That Cilium enforces is taken from its agent's running; enable-policy and policy-audit-mode in its ConfigMap are not read.",
      link: 'https://docs.cilium.io/en/stable/security/policy/intro/#policy-enforcement-modes',
    },
  ],
};
