import type { NetworkFacts } from '../inventory/network.ts';
import { EKS_SERVICE_RANGES } from '../inventory/service-ranges.ts';
import { type AddressSet, fromCidrs, fromSpans, NOTHING, unionAll } from './address-set.ts';
import { parseCidr } from './addresses.ts';
import { onePort, unionPorts } from './port-set.ts';

/** Addresses inside the cluster: what leads there does not leave it. */
export interface ClusterLocal {
  readonly surely: AddressSet;
  /** What may be the addresses of Services, where nothing tells which these are. */
  readonly perhaps: AddressSet;
}

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
  const ofNodes = fromSpans(
    [...nodes.keys()]
      .map(addressOfNode)
      .map(parseCidr)
      .filter((span) => span !== null),
  );
  return {
    surely: unionAll([ON_THE_NODE, services, ofNodes]),
    perhaps: told.length > 0 ? NOTHING : fromCidrs(EKS_SERVICE_RANGES),
  };
}

/**
 * EKS names nodes by the private DNS names of their instances, which by default hold the address:
 * ip-10-0-1-10.eu-west-1.compute.internal.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hostname-types.html
 *
 * @returns no block for other names
 */
function addressOfNode(name: string): string {
  const [, ...octets] = /^(?:fargate-)?ip-(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})(?:\.|$)/.exec(name) ?? [];
  return octets.length === 4 ? `${octets.join('.')}/32` : '';
}
