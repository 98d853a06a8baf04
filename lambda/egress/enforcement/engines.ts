import type { PolicyEngineName } from '../../inventory/policy-agent.ts';
import { calico } from './calico.ts';
import { cilium } from './cilium.ts';
import { antrea, kubeNetworkPolicies, kubeRouter, weaveNet } from './core-only.ts';
import type { PolicyEngine } from './policy-engine.ts';
import { vpcCni } from './vpc-cni.ts';

/** The known engines. A new one is a file, a line here and one where its pods are recognised. */
export const ENGINES: Readonly<Record<PolicyEngineName, PolicyEngine>> = {
  'vpc-cni': vpcCni,
  calico,
  cilium,
  'kube-router': kubeRouter,
  'weave-net': weaveNet,
  antrea,
  'kube-network-policies': kubeNetworkPolicies,
};
