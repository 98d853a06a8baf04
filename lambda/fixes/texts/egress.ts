import { type CauseObject, causeObjectText } from '../../findings/cause.ts';
import type { Fix } from '../../findings/finding.ts';
import { type FixFacts, listed, short } from '../facts.ts';
import { isObjectName, shellWord } from '../shell.ts';

const DRAFT =
  'It cuts everything else, also traffic that was never looked at: review it with egress --with before it is applied.';

/** CoreDNS forwards what it does not know to the resolver of its node. */
const SYSTEM = 'Names in the whole cluster depend on CoreDNS, which must reach the DNS server of the VPC.';

/** No policy narrows the namespace. */
export const namespaceFix = ({ cause: { object } }: FixFacts): Fix => ({
  text: `Add an egress policy to namespace ${short(object.name)} that allows DNS, traffic in the cluster and approved destinations. eks-drift-audit fixes --write fixes makes a draft.`,
  command: null,
  risk: object.name === 'kube-system' ? `${DRAFT} ${SYSTEM}` : DRAFT,
});

/** Rules that allow too much. */
export const ruleFix = ({
  cause: { object, rules = [] },
  workload,
}: Pick<FixFacts, 'cause' | 'workload'>): Fix => ({
  text: `Narrow ${rulesText(object, rules)} to what its pods need${explained(workload)}.${howTo(object, rules)}`,
  command: null,
  risk: 'What the rule opens beyond that is cut for all pods that it selects.',
});

/** So many of the rules of a cause are in its text. */
const MOST_RULES = 6;

/** All of them open the same: as long as one is left it stays open. */
function rulesText(object: CauseObject, rules: readonly string[]): string {
  if (rules.length === 0) return short(causeObjectText(object), 160);
  const shown = rules.slice(0, MOST_RULES).map((rule) => short(rule, 100));
  const rest = rules.length - shown.length;
  const all = rest === 0 ? listed(shown) : `${shown.join(', ')} and ${rest} more`;
  return `all of these rules together: ${all},`;
}

/**
 * What is edited in a rule of another kind than NetworkPolicy, for which no draft is made. Sources:
 * https://docs.cilium.io/en/stable/security/policy/language/,
 * https://docs.tigera.io/calico/latest/reference/resources/globalnetworkpolicy,
 * https://network-policy-api.sigs.k8s.io/api-overview/, https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html
 */
const EDITS: readonly { readonly kind: RegExp; readonly text: string }[] = [
  {
    kind: /^Cilium/,
    text: 'In a Cilium rule, replace toEntities (world, all) and wide toCIDR or toCIDRSet by toFQDNs or narrower CIDR blocks, and name the ports under toPorts.',
  },
  {
    kind: /^(?:Calico |Global)/,
    text: 'In a Calico rule with the action Allow, name destination.nets or destination.domains, and destination.ports.',
  },
  {
    kind: /^(?:Admin|BaselineAdmin|Cluster)/,
    text: 'In an admin rule, name narrower networks or domain names under to, and ports, or change the action Accept or Allow; a Pass leaves it to the policies of namespaces.',
  },
  {
    kind: /^Application/,
    text: 'In an ApplicationNetworkPolicy, name domainNames or narrower ipBlock entries under to, and ports.',
  },
];

function howTo({ kind }: CauseObject, rules: readonly string[]): string {
  const kinds =
    rules.length === 0 ? [kind] : rules.map((rule) => rule.replace(/ [^ /]*(?:\/[^ /]*)?: .*$/s, ''));
  return EDITS.filter((edit) => kinds.some((one) => edit.kind.test(one)))
    .map(({ text }) => ` ${text}`)
    .join('');
}

/** Who reads a command in a text runs it: it is there only with names that are whole, and that a shell takes as they are. */
const explained = ({ namespace, name }: FixFacts['workload']): string =>
  [namespace, name].every((one) => isObjectName(one) && short(one) === one)
    ? `; eks-drift-audit egress ${namespace}/${name} --explain shows what it opens`
    : '';

interface Setting {
  /** Matches the reason. */
  readonly reason: RegExp;
  readonly text: (facts: FixFacts) => string;
  readonly command?: (facts: FixFacts) => string | null;
  readonly risk: string;
}

const OTHER_FORM = 'Another form of a policy may cut other traffic: compare both with egress --with.';
const BEGINS = 'Policies that had no effect begin to cut traffic: see what they cut with egress first.';

/**
 * What turns enforcement on, by the reason why nothing enforces. Sources:
 * https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html,
 * https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html (Fargate, Windows, standalone pods),
 * https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html
 */
const SETTINGS: readonly Setting[] = [
  {
    reason: /Fargate/,
    text: () =>
      'No setting makes Fargate enforce network policies: run these pods on EC2 nodes, or restrict them by the security groups of a SecurityGroupPolicy.',
    risk: 'The pods are replaced, and need nodes that have room.',
  },
  {
    reason: /Windows/,
    text: () =>
      'The VPC CNI enforces no policies on Windows: restrict the nodes of these pods by security groups, or use a network plugin that enforces policies there, such as Calico.',
    risk: 'Security groups of a node hold for all of its pods.',
  },
  {
    reason: /standalone|ownerReferences/i,
    text: () =>
      'The VPC CNI enforces policies only for pods that have a controller: run these pods as a Deployment or a Job.',
    risk: 'The pods are replaced, and their policies begin to cut traffic.',
  },
  {
    reason: /controller of the VPC CNI/i,
    text: () =>
      'Set enable-network-policy-controller: "true" in the ConfigMap kube-system/amazon-vpc-cni, or enableNetworkPolicy: "true" in the configuration values of the EKS add-on vpc-cni, which sets it.',
    risk: BEGINS,
  },
  {
    reason: /VPC CNI has network policies disabled|agent off/i,
    text: () =>
      'Set enableNetworkPolicy: "true" in the configuration values of the EKS add-on vpc-cni. Where EKS does not list the add-on: --enable-network-policy=true of the aws-node DaemonSet, and the ConfigMap amazon-vpc-cni.',
    command: ({ cluster }) => showAddOn(cluster, 'vpc-cni'),
    risk: BEGINS,
  },
  {
    reason: /enable-policy: never/,
    text: () =>
      'Set enable-policy: default in the ConfigMap cilium-config, and restart the agents of Cilium.',
    risk: BEGINS,
  },
  {
    reason: /configured not to read this kind/,
    text: ({ because }) =>
      `${short(because ?? '', 120)} Set that key to "true" in the ConfigMap cilium-config, and restart the agents of Cilium.`.trimStart(),
    risk: BEGINS,
  },
  {
    reason: /reads this kind from .+ on, and .+ runs/,
    text: ({ because }) =>
      `${short(because ?? '', 120)} Update the network plugin, or write the policy as a NetworkPolicy.`.trimStart(),
    risk: `An update replaces the agents on all nodes. ${BEGINS}`,
  },
  {
    reason: /removed this kind/,
    text: ({ because }) =>
      `${short(because ?? '', 120)} Write the policy as a ClusterNetworkPolicy, or as NetworkPolicies.`.trimStart(),
    risk: OTHER_FORM,
  },
  {
    reason: /does not read this kind/i,
    text: () =>
      'Write the policy as a NetworkPolicy, or install the network plugin that this kind belongs to: the one that runs does not read it.',
    risk: OTHER_FORM,
  },
  {
    reason: /No agent of|has network policies disabled/,
    text: ({ because }) =>
      `${short(because ?? '', 160)} Let the agent of the network plugin run there and enforce policies.`.trimStart(),
    risk: BEGINS,
  },
  {
    reason: /IPv[46] traffic|other address family/i,
    text: () =>
      'The VPC CNI restricts only the main address family of a pod: switch off the other one (ENABLE_V6_EGRESS or ENABLE_V4_EGRESS of aws-node: "false").',
    risk: 'Pods then reach nothing by the other address family.',
  },
];

/** Policies that nothing enforces, by the reason. */
export function enforcementFix(facts: FixFacts): Fix {
  const reason = [facts.cause.object.part, facts.because].filter((one) => one !== null).join(' ');
  const found = SETTINGS.find((setting) => setting.reason.test(reason));
  if (found === undefined) return { text: facts.remediation, command: null, risk: BEGINS };
  return { text: found.text(facts), command: found.command?.(facts) ?? null, risk: found.risk };
}

/** Only reads: whether EKS lists the add-on, and its configuration values, which an update replaces as a whole. */
export function showAddOn({ name, region, arn }: FixFacts['cluster'], addOn: string): string | null {
  // The name of a context is not that of a cluster.
  if (arn === null || !/^[0-9A-Za-z][\w-]{0,99}$/.test(name)) return null;
  const place = region === null ? [] : ['--region', region];
  return ['aws', 'eks', 'describe-addon', '--cluster-name', name, ...place, '--addon-name', addOn]
    .map(shellWord)
    .join(' ');
}

/** Objects of a mesh. */
export const meshFix = ({ cause: { object }, remediation }: FixFacts): Fix => ({
  text: `${meshObject(object)}: ${remediation}`,
  command: null,
  risk: 'What the mesh does not know is then refused to its pods, or leaves another way: try it in one namespace first.',
});

const meshObject = (object: CauseObject): string =>
  isObjectName(object.name) || object.name.length <= 63
    ? causeObjectText(object)
    : causeObjectText({ ...object, name: short(object.name) });
