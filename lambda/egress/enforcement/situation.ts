import type { OperatingSystem } from '../../inventory/model.ts';
import type { NetworkFacts, NodeNetwork, PolicyAgent } from '../../inventory/network.ts';
import { ENGINES } from './engines.ts';
import type { PolicyEngine } from './model.ts';
import { STANDALONE } from './vpc-cni.ts';

/** Of a pod, what decides whether policies are enforced for it. */
export interface PodSituation {
  readonly os: OperatingSystem | null;
  /** No controller owns it. */
  readonly standalone: boolean;
}

/** An engine that surely enforces policies for a pod on its node. */
export interface Acting {
  readonly engine: PolicyEngine;
  readonly agent: PolicyAgent;
}

/** Who enforces policies for a pod on a kind of node. */
export type NodeEnforcement =
  | { readonly state: 'acting'; readonly engines: readonly Acting[] }
  /** Sentences. */
  | { readonly state: 'nobody'; readonly because: string; readonly link: string }
  | { readonly state: 'unknown'; readonly because: string; readonly remedy: string };

const FARGATE_LINK = 'https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html';

/**
 * Says who enforces policies for a pod on a node. That nobody does is only said where every known way
 * is ruled out: the node and all pods were read, and its agents say so or belong to another node.
 */
export function enforcementOn(
  node: NodeNetwork,
  pod: PodSituation,
  cluster: Pick<NetworkFacts, 'kinds' | 'complete'>,
): NodeEnforcement {
  if (node.compute === 'fargate') {
    return {
      state: 'nobody',
      because: 'The pod runs on Fargate, where no network policy is enforced.',
      link: FARGATE_LINK,
    };
  }
  const acting = node.agents.filter(({ enabled, running }) => enabled === true && running === true);
  const open = node.agents.find(
    ({ enabled, running }) => enabled !== false && !(enabled === true && running === true),
  );
  if (acting.length > 0) return actingOn(acting, pod);
  if (open !== undefined) {
    return {
      state: 'unknown',
      because: `Whether ${ENGINES[open.engine].title} enforces policies on the node is not known: its agent there ${open.enabled === null ? 'does not say so' : 'does not run'}.`,
      remedy: 'See kubectl -n kube-system get pods -o wide for the agent on that node, and audit again.',
    };
  }
  if (node.compute === 'auto') {
    return {
      state: 'unknown',
      because:
        'Whether this EKS Auto Mode node enforces policies is not known: its NodeClass and the ConfigMap kube-system/amazon-vpc-cni say so, which are not read.',
      remedy:
        'See spec.networkPolicy of its NodeClass, and enable-network-policy-controller in that ConfigMap.',
    };
  }
  return withoutAgent(node, pod, cluster);
}

/** The VPC CNI documents that it leaves standalone pods alone; another engine may still act. */
function actingOn(acting: readonly PolicyAgent[], pod: PodSituation): NodeEnforcement {
  const engines = acting
    .filter(({ engine }) => !(pod.standalone && engine === 'vpc-cni'))
    .map((agent) => ({ engine: ENGINES[agent.engine], agent }));
  if (engines.length === 0) return { state: 'nobody', because: STANDALONE.text, link: STANDALONE.link };
  if (pod.os !== 'windows' || engines.some(({ engine }) => engine.name !== 'vpc-cni')) {
    return { state: 'acting', engines };
  }
  return WINDOWS;
}

const WINDOWS: NodeEnforcement = {
  state: 'nobody',
  because: 'The pod runs on Windows, where the VPC CNI enforces no network policy.',
  link: 'https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html',
};

function withoutAgent(
  node: NodeNetwork,
  pod: PodSituation,
  { kinds, complete }: Pick<NetworkFacts, 'kinds' | 'complete'>,
): NodeEnforcement {
  const known = kinds.flatMap(({ agents }) => agents);
  if (known.length === 0) {
    return {
      state: 'unknown',
      because:
        'Which program enforces network policies in this cluster is not known: none of the known ones was seen.',
      remedy:
        'Include the pods of the network plugin (kube-system) and the nodes; if they are there, the plugin is one that this version does not know.',
    };
  }
  if (!complete || node.compute === 'unknown') {
    return {
      state: 'unknown',
      because: `Whether policies are enforced on the node is not known: ${complete ? 'the node itself was not read' : 'not all pods were read'}.`,
      remedy: 'Grant list on nodes and pods, or include the objects, and audit again.',
    };
  }
  const disabled = node.agents.find(({ enabled }) => enabled === false);
  if (pod.os === 'windows') {
    return known.every(({ engine }) => engine === 'vpc-cni')
      ? WINDOWS
      : {
          state: 'unknown',
          because: 'Whether policies are enforced on this Windows node is not known.',
          remedy: 'See the documentation of the network plugin on Windows.',
        };
  }
  if (disabled !== undefined) {
    return {
      state: 'nobody',
      because: `On the node of the pod, ${ENGINES[disabled.engine].title} has network policies switched off, and no other engine runs there.`,
      link: ENGINES[disabled.engine].link,
    };
  }
  const elsewhere = [...new Set(known.map(({ engine }) => ENGINES[engine]))];
  return {
    state: 'nobody',
    because: `No agent of ${elsewhere.map(({ title }) => title).join(' or ')} runs on the node of the pod.`,
    link: elsewhere[0]?.link ?? FARGATE_LINK,
  };
}
