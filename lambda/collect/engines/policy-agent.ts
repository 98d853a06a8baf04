import type { PolicyAgentFacts, PolicyEngineName } from '../../inventory/policy-agent.ts';
import type { AgentContainer } from './agent-container.ts';
import { CILIUM_VARIABLES, ciliumEnabled } from './cilium-agent.ts';
import { asBoolean } from './engine-settings.ts';

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

/**
 * From which of its two groups calico-node reads policies; the operator sets it for the newer one.
 * https://docs.tigera.io/calico/latest/operations/crd-migration
 */
const API_GROUP = 'CALICO_API_GROUP';

/** https://github.com/aws/amazon-vpc-cni-k8s#cni-configuration-variables */
const VARIABLES: ReadonlySet<string> = new Set([
  'NETWORK_POLICY_ENFORCING_MODE',
  'ENABLE_V4_EGRESS',
  'ENABLE_V6_EGRESS',
  'POD_SECURITY_GROUP_ENFORCING_MODE',
  'AWS_VPC_K8S_CNI_EXTERNALSNAT',
  'AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS',
  'AWS_EXTERNAL_SERVICE_CIDRS',
  API_GROUP,
  ...CILIUM_VARIABLES,
]);

export const isWantedVariable = (name: string): boolean => VARIABLES.has(name);

/** Of variables of one name the last counts; to the engines an empty one is as if it were not there. */
export function setVariable(env: Map<string, string | null>, name: string, value: string | null): void {
  if (value === '') env.delete(name);
  else env.set(name, value);
}

/** @returns what the containers of a pod say, or nothing if none of them is an agent's */
export function policyAgentOf(containers: readonly AgentContainer[]): { policyAgent?: PolicyAgentFacts } {
  const cni = containers.find(({ name }) => name === VPC_CNI);
  const agent = containers.find(({ name }) => name === VPC_CNI_AGENT);
  if (cni !== undefined) return { policyAgent: vpcCni(cni, agent) };
  for (const container of containers) {
    const engine = ENGINES.get(container.name);
    if (engine !== undefined)
      return {
        policyAgent: {
          ...plain(engine, container),
          enabled: enabledOf(container),
          ...(engine === 'calico' ? { apiGroup: container.env.get(API_GROUP) ?? null } : {}),
        },
      };
  }
  return {};
}

/** Without the node agent, which can be left out, the plugin enforces nothing. */
function vpcCni(cni: AgentContainer, agent: AgentContainer | undefined): PolicyAgentFacts {
  const facts = plain('vpc-cni', agent ?? cni);
  return {
    ...facts,
    enabled: agent === undefined ? false : flag(agent, 'enable-network-policy', false),
    ipv6: agent === undefined ? null : flag(agent, 'enable-ipv6', false),
    mode: enforcingMode(cni),
    egressV4: asBoolean(cni.env.get('ENABLE_V4_EGRESS') ?? undefined),
    egressV6: asBoolean(cni.env.get('ENABLE_V6_EGRESS') ?? undefined),
    ...addresses(cni),
  };
}

/**
 * Standard unless configured otherwise, in letters of any size; with any other value the plugin does not start.
 * Source: amazon-vpc-cni-k8s, pkg/ipamd/ipamd.go, getNetworkPolicyMode; utils/utils.go, IsValidNetworkPolicyEnforcingMode
 */
function enforcingMode({ env, envFrom }: AgentContainer): 'standard' | 'strict' | null {
  const name = 'NETWORK_POLICY_ENFORCING_MODE';
  if (!env.has(name)) return envFrom ? null : 'standard';
  const mode = env.get(name)?.toLowerCase();
  return mode === 'standard' || mode === 'strict' ? mode : null;
}

/**
 * Security groups of pods are strict unless configured otherwise. In standard mode the source address of traffic that leaves
 * the VPC becomes that of the node, unless something outside does that (`AWS_VPC_K8S_CNI_EXTERNALSNAT`): "For this
 * traffic, the rules in the security groups for the primary network interface are used".
 * https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html
 */
function addresses({
  env,
  envFrom,
}: AgentContainer): Pick<PolicyAgentFacts, 'podGroups' | 'externalSnat' | 'untranslated'> {
  const plainOf = (name: string, otherwise: string): string | null =>
    env.has(name) ? (env.get(name) ?? null) : envFrom ? null : otherwise;
  const mode = plainOf('POD_SECURITY_GROUP_ENFORCING_MODE', 'strict');
  const externalSnat = asBoolean(plainOf('AWS_VPC_K8S_CNI_EXTERNALSNAT', 'false') ?? undefined);
  const isKnown = mode === 'strict' || (mode === 'standard' && externalSnat !== null);
  const excluded = plainOf('AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS', '');
  return {
    podGroups: !isKnown ? null : mode === 'strict' || externalSnat ? 'all traffic' : 'traffic within the VPC',
    // "CIDRs that must be routed via main routing table", whatever the rest says: by the primary interface.
    externalSnat: plainOf('AWS_EXTERNAL_SERVICE_CIDRS', '') === '' ? externalSnat : null,
    untranslated: excluded?.split(',').flatMap((text) => text.trim() || []) ?? null,
  };
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

/** `--run-firewall` is true by default (https://github.com/cloudnativelabs/kube-router/blob/master/docs/user-guide.md). */
function enabledOf(container: AgentContainer): boolean | null {
  if (container.name === 'kube-router') return flag(container, 'run-firewall', true);
  return container.name === 'cilium-agent' ? ciliumEnabled(container) : true;
}

/**
 * A boolean flag as pflag reads it: `--name`, `--name=true`; the last one counts.
 * @returns `null` where its value is no boolean
 */
function flag({ command, args }: AgentContainer, name: string, otherwise: boolean): boolean | null {
  const found = [...command, ...args].findLast((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  if (found === undefined) return otherwise;
  return found === `--${name}` ? true : asBoolean(found.slice(name.length + 3));
}

function versionOf(image: string | null): string | null {
  return /:v?(?<version>\d+\.\d+\.\d+)[^/]*$/.exec(image ?? '')?.groups?.['version'] ?? null;
}
