import type { PolicyAgentFacts, PolicyEngineName } from '../inventory/network.ts';
import { asBoolean } from './engine-settings.ts';

/**
 * What policy engines tell of themselves in the specs of their pods. Arguments and environment are
 * read of these containers alone, and of them only what is named here; whether a pod really is an
 * agent is for the inventory to decide (`agentOf`).
 */
export interface AgentContainer {
  readonly name: string;
  readonly image: string | null;
  readonly args: readonly string[];
  /** Variables of {@link isWantedVariable} with a plain value. */
  readonly env: ReadonlyMap<string, string>;
}

const VPC_CNI = 'aws-node';
const VPC_CNI_AGENT = 'aws-eks-nodeagent';

/** Containers of the published manifests and charts, with the engine whose agent they are. */
const ENGINES: ReadonlyMap<string, PolicyEngineName> = new Map([
  ['calico-node', 'calico'],
  // On Windows (tigera/operator, pkg/render/windows.go, DaemonSet calico-node-windows).
  ['felix', 'calico'],
  ['cilium-agent', 'cilium'],
  ['kube-router', 'kube-router'],
  ['weave-npc', 'weave-net'],
  ['antrea-agent', 'antrea'],
  ['kube-network-policies', 'kube-network-policies'],
]);

export const isAgentContainer = (name: string): boolean =>
  name === VPC_CNI || name === VPC_CNI_AGENT || ENGINES.has(name);

/** https://github.com/aws/amazon-vpc-cni-k8s#cni-configuration-variables */
const VARIABLES: ReadonlySet<string> = new Set([
  'NETWORK_POLICY_ENFORCING_MODE',
  'ENABLE_V4_EGRESS',
  'ENABLE_V6_EGRESS',
  'POD_SECURITY_GROUP_ENFORCING_MODE',
  'AWS_VPC_K8S_CNI_EXTERNALSNAT',
]);

export const isWantedVariable = (name: string): boolean => VARIABLES.has(name);

/** @returns what the containers of a pod say, or nothing if none of them is an agent's */
export function policyAgentOf(containers: readonly AgentContainer[]): { policyAgent?: PolicyAgentFacts } {
  const cni = containers.find(({ name }) => name === VPC_CNI);
  const agent = containers.find(({ name }) => name === VPC_CNI_AGENT);
  if (cni !== undefined) return { policyAgent: vpcCni(cni, agent) };
  for (const container of containers) {
    const engine = ENGINES.get(container.name);
    if (engine !== undefined)
      return { policyAgent: { ...plain(engine, container), enabled: enabledOf(container) } };
  }
  return {};
}

/** Without the node agent, which can be left out, the plugin enforces nothing. */
function vpcCni(cni: AgentContainer, agent: AgentContainer | undefined): PolicyAgentFacts {
  const facts = plain('vpc-cni', agent ?? cni);
  return {
    ...facts,
    enabled: agent === undefined ? false : flag(agent.args, 'enable-network-policy', false),
    ipv6: agent === undefined ? null : flag(agent.args, 'enable-ipv6', false),
    mode: cni.env.get('NETWORK_POLICY_ENFORCING_MODE') ?? null,
    egressV4: asBoolean(cni.env.get('ENABLE_V4_EGRESS')),
    egressV6: asBoolean(cni.env.get('ENABLE_V6_EGRESS')),
    podGroups: podGroups(cni.env),
  };
}

/**
 * Strict unless told otherwise. In standard mode the source address of traffic that leaves the VPC becomes
 * that of the node, unless something outside does that (`AWS_VPC_K8S_CNI_EXTERNALSNAT`): "For this traffic,
 * the rules in the security groups for the primary network interface are used".
 * https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html
 */
function podGroups(env: AgentContainer['env']): 'all traffic' | 'traffic within the VPC' | null {
  const mode = env.get('POD_SECURITY_GROUP_ENFORCING_MODE') ?? 'strict';
  if (mode === 'strict') return 'all traffic';
  const external = asBoolean(env.get('AWS_VPC_K8S_CNI_EXTERNALSNAT') ?? 'false');
  return mode !== 'standard' || external === null
    ? null
    : external
      ? 'all traffic'
      : 'traffic within the VPC';
}

const plain = (engine: PolicyEngineName, { name, image }: AgentContainer): PolicyAgentFacts => ({
  engine,
  container: name,
  version: versionOf(image),
  enabled: true,
  ipv6: null,
  mode: null,
  egressV4: null,
  egressV6: null,
});

/**
 * `--run-firewall` is true by default (https://github.com/cloudnativelabs/kube-router/blob/master/docs/user-guide.md).
 * Flags of Cilium's agent go before its ConfigMap (https://docs.cilium.io/en/stable/cmdref/cilium-agent/).
 */
function enabledOf({ name, args }: AgentContainer): boolean | null {
  if (name === 'kube-router') return flag(args, 'run-firewall', true);
  if (name !== 'cilium-agent') return true;
  if (args.some((arg) => OVERRIDING.test(arg))) return null;
  if (args.findLast((arg) => arg.startsWith('--enable-policy=')) === '--enable-policy=never') return false;
  const audit = flag(args, 'policy-audit-mode', false);
  return audit === null ? null : !audit;
}

/** Flags that decide what Cilium enforces, in forms that are not read here. */
const OVERRIDING =
  /^--(?:enable-policy$|(?:labels|label-prefix-file|enable-k8s-networkpolicy|enable-k8s-cluster-network-policy|enable-cilium-network-policy|enable-cilium-clusterwide-network-policy)(?:=|$))/;

/**
 * A boolean flag as pflag reads it: `--name`, `--name=true`; the last one counts.
 * @returns `null` where its value is no boolean
 */
function flag(args: readonly string[], name: string, otherwise: boolean): boolean | null {
  const found = args.findLast((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  if (found === undefined) return otherwise;
  return found === `--${name}` ? true : asBoolean(found.slice(name.length + 3));
}

function versionOf(image: string | null): string | null {
  return /:v?(?<version>\d+\.\d+\.\d+)[^/]*$/.exec(image ?? '')?.groups?.['version'] ?? null;
}
