import { type EngineSettings, UNKNOWN_SETTINGS } from './engine-settings.ts';
import type { NodeNetwork } from './node-network.ts';
import type { PodRecord } from './pod.ts';
import type { AddressList } from './pod-addresses.ts';
import type { PolicyAgent } from './policy-agent.ts';

/** How the nodes of a cluster enforce policies. */
export interface NetworkFacts {
  readonly nodes: ReadonlyMap<string, NodeNetwork>;
  /** Each kind of node once. */
  readonly kinds: readonly NodeNetwork[];
  /** Whether all pods were read: only then does a missing agent mean that there is none. */
  readonly complete: boolean;
  /** What engines keep outside the specs of their pods. */
  readonly settings: EngineSettings;
  /** Addresses of pods and of the nodes that they are on, as far as pods were read; absent where they were not asked for. */
  readonly podAddresses?: AddressList;
}

/** What the pods and nodes alone tell. */
export type ObservedNetwork = Pick<NetworkFacts, 'nodes' | 'kinds' | 'podAddresses'>;

export const NO_NETWORK: NetworkFacts = {
  nodes: new Map(),
  kinds: [],
  complete: false,
  settings: UNKNOWN_SETTINGS,
};

/**
 * Namespaces into which only administrators put pods. Elsewhere a pod that looks like an agent could
 * have been made by anybody, to make policies look enforced.
 */
export const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set([
  'kube-system',
  'calico-system',
  'cilium',
  'cilium-system',
  'antrea-system',
  'weave',
]);

/** @returns the agent that this pod is; `null` for all others */
export function agentOf(pod: PodRecord): PolicyAgent | null {
  const facts = pod.spec.policyAgent;
  if (facts === undefined || pod.source !== 'pod' || pod.owner?.kind !== 'DaemonSet') return null;
  if (!pod.spec.hostNetwork || !SYSTEM_NAMESPACES.has(pod.namespace)) return null;
  const state = pod.containerStates.find(({ container }) => container === facts.container);
  // An agent without a container that enforces does not enforce, whatever else of it runs.
  return { ...facts, running: facts.enabled === false ? true : (state?.running ?? null) };
}
