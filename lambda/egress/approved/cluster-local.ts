import type { NetworkFacts } from '../../inventory/network.ts';
import {
  type AddressList,
  createAddressCollector,
  hasEvery4,
  hasEvery6,
  isEmpty,
} from '../../inventory/pod-addresses.ts';
import { EKS_SERVICE_RANGES } from '../../inventory/service-ranges.ts';
import {
  type AddressSet,
  fromCidrs,
  fromSpans,
  NOTHING,
  spansOf,
  subtract,
  unionAll,
} from '../sets/address-set.ts';
import { type AddressSpan, parseCidr } from '../sets/addresses.ts';
import { onePort, unionPorts } from '../sets/port-set.ts';

/** Addresses inside the cluster: what leads there does not leave it. */
export interface ClusterLocal {
  readonly definite: AddressSet;
  /** Addresses of nodes and of pods. */
  readonly machines: AddressList;
  /** What may be the addresses of Services, where they are not known. */
  readonly perhaps: AddressSet;
}

export const NOTHING_LOCAL: ClusterLocal = {
  definite: NOTHING,
  machines: createAddressCollector().list(),
  perhaps: NOTHING,
};

/**
 * What answers on the node itself, on every cluster that has it: NodeLocal DNSCache, for which the documentation
 * of Kubernetes uses this address, and the EKS Pod Identity Agent.
 * https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/,
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html
 */
const ON_THE_NODE: AddressSet = unionAll([
  fromCidrs(['169.254.20.10/32'], unionPorts(onePort('TCP', 53), onePort('UDP', 53))),
  fromCidrs(['169.254.170.23/32', 'fd00:ec2::23/128'], onePort('TCP', 80)),
  fromCidrs(['127.0.0.0/8', '::1/128']),
]);

/**
 * Services have addresses of a block that EKS or a ServiceCIDR names. Where none does, those blocks that EKS
 * gives by itself may be it. Pods have addresses of subnets, which hold much else, so only those that pods have now
 * are told apart, and those that pods say of their nodes; blocks of which a node gives pods their addresses (`spec.podCIDRs`) are not set on EKS, and
 * say nothing of the network plugins that keep their own.
 */
export function clusterLocal({
  nodes,
  settings,
  podAddresses,
}: Pick<NetworkFacts, 'nodes' | 'settings' | 'podAddresses'>): ClusterLocal {
  const told = settings.serviceRanges ?? [];
  const services = fromSpans(told.map(parseCidr).filter((span) => span !== null));
  const machines = createAddressCollector(podAddresses);
  for (const name of nodes.keys()) machines.add(addressOfNode(name));
  return {
    definite: unionAll([ON_THE_NODE, services]),
    machines: machines.list(),
    perhaps: told.length > 0 ? NOTHING : fromCidrs(EKS_SERVICE_RANGES),
  };
}

/**
 * EKS names nodes by the private DNS names of their instances, which by default hold the address:
 * ip-10-0-1-10.eu-west-1.compute.internal.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hostname-types.html
 *
 * @returns no address for other names
 */
function addressOfNode(name: string): string {
  const [, ...octets] = /^(?:fargate-)?ip-(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})(?:\.|$)/.exec(name) ?? [];
  return octets.join('.');
}

/**
 * The set without what is inside the cluster. Nodes and pods go where a range holds nothing else: one that holds
 * their subnets is one range for people, and not thousands between pods.
 */
export function withoutLocal(set: AddressSet, { definite, machines }: ClusterLocal): AddressSet {
  const rest = subtract(set, definite);
  if (isEmpty(machines)) return rest;
  const inside = spansOf(rest).flatMap(({ span }) => (holdsNoOther(span, machines) ? [span] : []));
  return inside.length === 0 ? rest : subtract(rest, fromSpans(inside));
}

const holdsNoOther = (span: AddressSpan, machines: AddressList): boolean =>
  span.family === 4 ? hasEvery4(machines, span.from, span.end) : hasEvery6(machines, span.from, span.end);
