import type { NetworkFacts } from '../inventory/network.ts';
import { EKS_SERVICE_RANGES } from '../inventory/service-ranges.ts';
import {
  type AddressSet,
  fromCidrs,
  fromSpans,
  NOTHING,
  spansOf,
  subtract,
  unionAll,
} from './address-set.ts';
import { type AddressSpan, parseAddress, parseCidr } from './addresses.ts';
import { onePort, unionPorts } from './port-set.ts';

/** Addresses inside the cluster: what leads there does not leave it. */
export interface ClusterLocal {
  readonly surely: AddressSet;
  /** Addresses of nodes, IPv4. */
  readonly nodes: ReadonlySet<number>;
  /** What may be the addresses of Services, where nothing tells which these are. */
  readonly perhaps: AddressSet;
}

export const NOTHING_LOCAL: ClusterLocal = { surely: NOTHING, nodes: new Set(), perhaps: NOTHING };

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
 * Services have addresses of a block that EKS or a ServiceCIDR tells. Where nothing does, those blocks that EKS
 * gives by itself may be it. Addresses of pods are those of subnets, which hold much else, and are not told
 * apart.
 */
export function clusterLocal({ nodes, settings }: Pick<NetworkFacts, 'nodes' | 'settings'>): ClusterLocal {
  const told = settings.serviceRanges ?? [];
  const services = fromSpans(told.map(parseCidr).filter((span) => span !== null));
  return {
    surely: unionAll([ON_THE_NODE, services]),
    nodes: new Set([...nodes.keys()].map(addressOfNode).filter((address) => address !== null)),
    perhaps: told.length > 0 ? NOTHING : fromCidrs(EKS_SERVICE_RANGES),
  };
}

/**
 * EKS names nodes by the private DNS names of their instances, which by default hold the address:
 * ip-10-0-1-10.eu-west-1.compute.internal.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hostname-types.html
 *
 * @returns null for other names
 */
function addressOfNode(name: string): number | null {
  const [, ...octets] = /^(?:fargate-)?ip-(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})(?:\.|$)/.exec(name) ?? [];
  const address = parseAddress(octets.join('.'));
  return address?.family === 4 ? address.value : null;
}

/** How large a range of nothing but nodes may be. */
const MOST_NODES = 256;

/**
 * The set without what is inside the cluster. Nodes go where a range holds nothing else: one that holds
 * their subnets is one range for people, and not thousands between nodes.
 */
export function withoutLocal(set: AddressSet, { surely, nodes }: ClusterLocal): AddressSet {
  const rest = subtract(set, surely);
  if (nodes.size === 0) return rest;
  const ofNodes = spansOf(rest).flatMap(({ span }) => (isOfNodes(span, nodes) ? [span] : []));
  return ofNodes.length === 0 ? rest : subtract(rest, fromSpans(ofNodes));
}

function isOfNodes(span: AddressSpan, nodes: ReadonlySet<number>): boolean {
  if (span.family === 6 || span.end - span.from > MOST_NODES) return false;
  for (let address = span.from; address < span.end; address++) if (!nodes.has(address)) return false;
  return true;
}
