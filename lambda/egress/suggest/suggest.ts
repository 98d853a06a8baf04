import type { ApprovedDestination, EgressConfig } from '../../config/config.ts';
import type { Labels, WorkloadRef } from '../../inventory/names.ts';
import type { PolicyObject } from '../../inventory/policy-object.ts';
import { approvedPorts } from '../approved/approved.ts';
import type { AwsServices } from '../approved/aws-services.ts';
import { type AddressSpan, parseCidr } from '../sets/addresses.ts';
import { MAX_PORT, type PortRange, printPorts } from '../sets/port-set.ts';
import { printSpan } from '../sets/printed.ts';
import { cidrText, portsText } from '../sets/words.ts';

/** A rule of a suggested policy, with what it is for. */
export interface SuggestedRule {
  readonly reason: string;
  readonly rule: object;
}

export interface Suggestion {
  /** Of the policy. */
  readonly name: string;
  readonly namespace: string;
  readonly matchLabels: Labels;
  readonly rules: readonly SuggestedRule[];
  /** Approved destinations that a NetworkPolicy cannot name; whole sentences. */
  readonly notKept: readonly string[];
}

/**
 * CoreDNS as EKS and most others install it: `kube-system`, label `k8s-app: kube-dns`.
 * https://docs.aws.amazon.com/eks/latest/userguide/managing-coredns.html
 */
export const DNS = { namespace: 'kube-system', key: 'k8s-app', value: 'kube-dns' } as const;

export const DNS_RULE: SuggestedRule = {
  reason: 'names',
  rule: {
    to: [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': DNS.namespace } },
        podSelector: { matchLabels: { [DNS.key]: DNS.value } },
      },
    ],
    ports: [
      { protocol: 'UDP', port: 53 },
      { protocol: 'TCP', port: 53 },
    ],
  },
};

/** What is approved, and the addresses of AWS services where they are known. */
export interface SuggestBasis extends Pick<EgressConfig, 'approved'> {
  readonly services?: AwsServices;
}

/** The least NetworkPolicy with which pods of these labels keep name service and what is approved by address. */
export function suggestPolicy(
  workload: WorkloadRef,
  matchLabels: Labels,
  { approved, services = new Map() }: SuggestBasis,
): Suggestion {
  return {
    name: policyName(workload.name),
    namespace: workload.namespace,
    matchLabels,
    rules: [DNS_RULE, ...approved.flatMap((entry) => ruleOf(entry, services))],
    notKept: approved.flatMap((entry) => notKept(entry, services)),
  };
}

/** The policy as an object for `kubectl apply`. */
export const manifestOf = ({ name, namespace, matchLabels, rules }: Suggestion) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace },
  spec: {
    podSelector: { matchLabels },
    policyTypes: ['Egress'],
    egress: rules.map(({ rule }) => rule),
  },
});

/** The policy as it would be read from the cluster. */
export function policyObjectOf(suggestion: Suggestion): PolicyObject {
  const { apiVersion, kind, metadata, spec } = manifestOf(suggestion);
  return { apiVersion, kind, ...metadata, labels: {}, spec };
}

/** `IsDNS1123Subdomain`, k8s.io/apimachinery/pkg/util/validation: at most 253 characters. */
const LONGEST_NAME = 253;
const SUFFIX = '-egress';

const policyName = (workload: string): string =>
  `${workload.slice(0, LONGEST_NAME - SUFFIX.length).replace(/[-.]+$/, '')}${SUFFIX}`;

export function ruleOf(entry: ApprovedDestination, services: AwsServices): readonly SuggestedRule[] {
  const ofService = entry.awsService === null ? [] : (services.get(entry.awsService) ?? []);
  const spans = [...entry.cidrs, ...ofService].map(parseCidr).filter((span) => span !== null);
  if (spans.length === 0) return [];
  const ports = printPorts(approvedPorts(entry));
  const to = [...new Set(spans.map(blockText))].map((cidr) => ({ ipBlock: { cidr } }));
  return [{ reason: entry.name, rule: ports === 'all' ? { to } : { to, ports: ports.map(portEntry) } }];
}

/** In the canonical form, as the API server wants it. */
function blockText(span: AddressSpan): string {
  const text = cidrText(printSpan(span));
  if (text === null) throw new TypeError('What was read as a block is one.');
  return text;
}

function portEntry({ protocol, from, to }: PortRange): object {
  if (from === 1 && to === MAX_PORT) return { protocol };
  return from === to ? { protocol, port: from } : { protocol, port: from, endPort: to };
}

export function notKept(entry: ApprovedDestination, services: AwsServices): readonly string[] {
  const ports = portsText(printPorts(approvedPorts(entry)));
  if (entry.hosts.length > 0) {
    return [
      `${entry.name} (${entry.hosts.join(', ')} on ${ports}) is approved by name, and a NetworkPolicy has no rules for names: use toFQDNs of a CiliumNetworkPolicy or domainNames of an ApplicationNetworkPolicy, or approve its blocks by cidrs.`,
    ];
  }
  if (entry.awsService !== null && !services.has(entry.awsService)) {
    return [
      `${entry.name} (AWS service ${entry.awsService} on ${ports}) has addresses that are not known: approve its blocks by cidrs.`,
    ];
  }
  return [];
}
