import type { EngineSettings, Unread } from '../../inventory/engine-settings.ts';
import type { NetworkFacts } from '../../inventory/network.ts';
import type { NodeNetwork } from '../../inventory/node-network.ts';
import type { PolicyAgent } from '../../inventory/policy-agent.ts';
import { compareText } from '../../inventory/workload.ts';
import { autoModeAgent } from './auto-mode.ts';
import { ENGINES } from './engines.ts';
import type { PodSituation } from './placed-pod.ts';
import type { AgentPlace, EngineState, PolicyEngine } from './policy-engine.ts';
import { STANDALONE } from './vpc-cni.ts';

/** An engine that definitely enforces policies for a pod on its node. */
export interface Acting extends AgentPlace {
  readonly engine: PolicyEngine;
}

/** Who enforces policies for a pod on a kind of node. */
export type NodeEnforcement =
  | { readonly state: 'acting'; readonly engines: readonly [Acting, ...Acting[]] }
  /** Sentences. */
  | { readonly state: 'nobody'; readonly because: string; readonly link: string }
  | ({
      readonly state: 'unknown';
      /** The engines that may act; `null`: any, since not all of them are known. */
      readonly perhaps: readonly [Acting, ...Acting[]] | null;
    } & Unread);

/** What is known of the cluster that the node is in. */
export type ClusterSituation = Pick<NetworkFacts, 'kinds' | 'complete' | 'settings'>;

const GUIDE = 'https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html';

/**
 * Says which engine enforces policies for a pod on a node. That none does is only said where every known way
 * is ruled out: the node and all pods were read, and its agents say so or belong to another node.
 */
export function enforcementOn(
  node: NodeNetwork,
  pod: PodSituation,
  cluster: ClusterSituation,
): NodeEnforcement {
  if (node.compute === 'fargate') {
    return {
      state: 'nobody',
      because: 'The pod runs on Fargate, where no network policy is enforced.',
      link: GUIDE,
    };
  }
  const states = statesOn(node, cluster.settings);
  const acting = states.flatMap(({ engine, state }) =>
    engine !== null && state.state === 'on'
      ? [{ engine, agent: state.agent, node, settings: cluster.settings }]
      : [],
  );
  if (acting.length > 0) return actingOn(acting, pod);
  const open = states.find(({ state }) => state.state === 'unknown');
  if (open?.state.state === 'unknown') return { ...open.state, perhaps: perhapsOn(states, node, cluster) };
  const off = states.map(({ state }) => state).find((state) => state.state === 'off');
  // Auto Mode takes no other network plugin, so that pods which were not read cannot change it.
  if (off?.state === 'off' && node.compute === 'auto') return { ...off, state: 'nobody' };
  return withoutEngine(node, { off: off?.state === 'off' ? off : null, pod, cluster });
}

/**
 * Whether an engine closes new pods on the node until it has learned of their policies.
 * @returns `null` where its mode is not known
 */
export function startsClosed(
  { agents, compute, nodeClass }: NodeNetwork,
  { nodeClasses }: EngineSettings,
): boolean | null {
  const modes = agents
    .filter(({ engine, enabled }) => engine === 'vpc-cni' && enabled !== false)
    .map(({ mode }) => mode);
  if (compute === 'auto') {
    const policy = 'known' in nodeClasses ? nodeClasses.known.get(nodeClass ?? '') : null;
    modes.push(policy === 'DefaultDeny' ? 'strict' : policy === 'DefaultAllow' ? 'standard' : null);
  }
  return modes.includes('strict') || (modes.includes(null) ? null : false);
}

/** Those that do not say; each may be on or off. */
function perhapsOn(
  states: readonly StateOn[],
  node: NodeNetwork,
  { settings }: ClusterSituation,
): readonly [Acting, ...Acting[]] | null {
  const acting = states.flatMap(({ engine, agent, state }): readonly Acting[] =>
    engine !== null && agent !== null && state.state === 'unknown' ? [{ engine, agent, node, settings }] : [],
  );
  const [first, ...others] = acting;
  return first === undefined || states.some(({ engine }) => engine === null) ? null : [first, ...others];
}

interface StateOn {
  /** `null`: what would tell which engine it is was not read. */
  readonly engine: PolicyEngine | null;
  readonly agent: PolicyAgent | null;
  readonly state: EngineState;
}

function statesOn(node: NodeNetwork, settings: EngineSettings): readonly StateOn[] {
  const auto = node.compute === 'auto' ? autoModeAgent(node, settings) : null;
  // The VPC CNI of the machine takes the place of its pods.
  const agents =
    auto === null || 'reason' in auto
      ? node.agents
      : [...node.agents.filter(({ engine }) => engine !== 'vpc-cni'), auto];
  return [
    ...agents.map((agent) => {
      const engine = ENGINES[agent.engine];
      return { engine, agent, state: engine.stateOf({ agent, node, settings }) };
    }),
    ...(auto !== null && 'reason' in auto
      ? [{ engine: null, agent: null, state: { state: 'unknown' as const, ...auto } }]
      : []),
  ];
}

/** The VPC CNI documents that it leaves standalone pods and Windows alone; another engine may still act. */
function actingOn(acting: readonly Acting[], pod: PodSituation): NodeEnforcement {
  const isLeftAlone = pod.standalone || pod.os === 'windows';
  const engines = acting.filter(({ engine }) => !(isLeftAlone && engine.name === 'vpc-cni'));
  const [first, ...others] = engines;
  if (first === undefined) {
    return pod.standalone ? { state: 'nobody', because: STANDALONE.text, link: STANDALONE.link } : WINDOWS;
  }
  if (pod.ownInterface === true && engines.some(mayMissInterfaces)) {
    return { ...OWN_INTERFACE, perhaps: [first, ...others] };
  }
  return { state: 'acting', engines: [first, ...others] };
}

const POD_GROUPS = 'https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html';

/**
 * "If you want to use Calico network policy with Pods that have associated security groups, you must […] set
 * POD_SECURITY_GROUP_ENFORCING_MODE=standard. Otherwise, traffic flow to and from Pods with associated security groups
 * are not subjected to Calico network policy enforcement" ({@link POD_GROUPS}); strict is the default.
 */
const mayMissInterfaces = ({ engine, node }: Acting): boolean =>
  engine.name === 'calico' &&
  node.agents.find((agent) => agent.engine === 'vpc-cni')?.podGroups !== 'traffic within the VPC';

const WINDOWS: NodeEnforcement = {
  state: 'nobody',
  because: 'The pod runs on Windows, where the VPC CNI enforces no network policy.',
  link: GUIDE,
};

interface Without {
  readonly off: Extract<EngineState, { state: 'off' }> | null;
  readonly pod: PodSituation;
  readonly cluster: ClusterSituation;
}

function withoutEngine(node: NodeNetwork, { off, pod, cluster }: Without): NodeEnforcement {
  const { kinds, complete } = cluster;
  const known = kinds.flatMap(({ agents }) => agents);
  if (known.length === 0) {
    return unknown(
      'Which program enforces network policies in this cluster is not known: no supported one was found.',
      'Include the pods of the network plugin (kube-system) and the nodes; if they are included, this version does not support the network plugin.',
    );
  }
  if (!complete || node.compute === 'unknown') {
    return unknown(
      `Whether policies are enforced on the node is not known: ${complete ? 'the node itself was not read' : 'not all pods were read'}.`,
      'Grant list on nodes and pods, or include the objects, and audit again.',
    );
  }
  if (node.compute === 'hybrid') return HYBRID;
  if (pod.os === 'windows') return onWindows(known.every(({ engine }) => engine === 'vpc-cni'));
  if (off !== null) return { state: 'nobody', because: off.because, link: off.link };
  // In an order that does not depend on that of nodes: the sentence is part of what a cause is known by.
  const elsewhere = [...new Set(known.map(({ engine }) => ENGINES[engine]))].sort((a, b) =>
    compareText(a.title, b.title),
  );
  return {
    state: 'nobody',
    because: `No agent of ${elsewhere.map(({ title }) => title).join(' or ')} runs on the node of the pod.`,
    link: elsewhere[0]?.link ?? GUIDE,
  };
}

/** Calico may be installed on Windows as a service of the machine, which no pod shows. */
const onWindows = (vpcCniAlone: boolean): NodeEnforcement =>
  vpcCniAlone
    ? WINDOWS
    : unknown(
        'Whether policies are enforced on this Windows node is not known.',
        'See https://docs.tigera.io/calico/latest/getting-started/kubernetes/windows-calico/ for Calico, or the documentation of the network plugin on Windows.',
      );

const unknown = (message: string, remedy: string): Extract<NodeEnforcement, { state: 'unknown' }> => ({
  state: 'unknown',
  perhaps: null,
  reason: 'field-missing',
  message,
  remedy,
});

const HYBRID_CNI = 'https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-cni.html';

/** "The Amazon VPC CNI is not compatible with hybrid nodes" ({@link HYBRID_CNI}), so that another plugin runs there. */
const HYBRID = unknown(
  'Whether policies are enforced on this hybrid node is not known: the VPC CNI does not run on hybrid nodes, and no known agent of another network plugin was seen on it.',
  `See the documentation of the network plugin of the hybrid nodes; Cilium is the one that AWS supports there: ${HYBRID_CNI}.`,
);

const OWN_INTERFACE = unknown(
  'Whether Calico enforces policies for pods with their own security groups is not known: it does where the VPC CNI is in standard mode, and the aws-node pods do not state that mode clearly.',
  `Set POD_SECURITY_GROUP_ENFORCING_MODE=standard, or have the VPC CNI enforce policies; see ${POD_GROUPS}.`,
);
