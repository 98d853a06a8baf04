import type { IpFamily } from './engine-settings.ts';
import type { NodeNetwork } from './node-network.ts';
import type { Exit, Machine, Traffic, VpcInterface } from './vpc.ts';

/** By which addresses pods leave a node, as far as its VPC CNI says; `null`: it does not. */
export interface Leaving {
  readonly family: IpFamily | null;
  /** Whether IPv4 traffic out of the VPC gets the address of the node. */
  readonly translated: boolean | null;
  /** IPv4 ranges outside the VPC for which it does not. */
  readonly untranslated: readonly string[];
  /** Whether pods reach addresses of the family that is not theirs; that always gets the address of the node. */
  readonly other: boolean | null;
  /** What the security groups of pods that have their own apply to. */
  readonly podGroups: 'all traffic' | 'traffic within the VPC' | null;
}

/**
 * In EKS Auto Mode the plugin is part of the machine, and other plugins have settings of their own; where Cilium runs
 * beside it, either may translate addresses. Pods have addresses of one family; those of EKS say which one.
 * https://docs.aws.amazon.com/eks/latest/userguide/external-snat.html
 * https://github.com/aws/amazon-vpc-cni-k8s#cni-configuration-variables
 */
export function leavingOf(network: NodeNetwork | undefined, ipFamily: IpFamily | null): Leaving {
  const agents = network?.agents ?? [];
  const cni = network?.compute === 'auto' ? undefined : agents.find(({ engine }) => engine === 'vpc-cni');
  const alone = agents.every(({ engine }) => engine !== 'cilium');
  const configured = cni === undefined || cni.ipv6 === null ? null : cni.ipv6 ? 'ipv6' : 'ipv4';
  const family = ipFamily ?? configured;
  const { externalSnat = null, untranslated = null, podGroups = null } = (alone && cni) || {};
  const isPlain = externalSnat !== null && (externalSnat || untranslated !== null);
  return {
    family,
    translated: isPlain ? !externalSnat : null,
    untranslated: isPlain && !externalSnat ? (untranslated ?? []) : [],
    other: cni === undefined || family === null ? null : otherFamily(cni, family),
    podGroups: podGroups === 'traffic within the VPC' && !isPlain ? null : podGroups,
  };
}

/** ENABLE_V4_EGRESS is true by default, ENABLE_V6_EGRESS is false. */
const otherFamily = ({ egressV4, egressV6 }: NodeNetwork['agents'][number], family: IpFamily): boolean =>
  family === 'ipv6' ? egressV4 !== false : egressV6 === true;

/** Where the way is not clear: one of these interfaces, each with the addresses that traffic may leave with. */
export type Way = Omit<Exit, 'through' | 'or'> & { readonly among: readonly VpcInterface[] };

/**
 * The ways out of pods that share the interfaces of their node. A pod has a secondary address of one of these, and
 * which interface that is is not read. Out of the VPC its IPv4 traffic gets the address of the node's primary
 * interface, unless source NAT is external.
 */
export function waysOfShared({ interfaces }: Machine, leaving: Leaving): readonly Way[] {
  const [primary] = interfaces;
  const { translated, untranslated, other } = leaving;
  const family = leaving.family ?? (interfaces.some(({ ipv6 }) => ipv6) ? null : 'ipv4');
  const own = interfaces.map((one) =>
    ipv4Of({ ...one, publicIpv4: one.publicSecondary === false ? false : null }),
  );
  const ownIpv6 = interfaces.map(ipv6Of);
  const all = (...among: readonly VpcInterface[]): Way => ({ among, traffic: 'all' });
  const split = (traffic: Traffic, among: readonly VpcInterface[]): Way => ({
    among,
    traffic,
    ...(untranslated.length > 0 && { untranslated }),
  });
  if (family === null) {
    return [all(ipv4Of(primary), ...own, neitherOf(primary)), all(...ownIpv6, neitherOf(primary))];
  }
  const perhapsNone = other === null ? [neitherOf(primary)] : [];
  if (family === 'ipv6') {
    return [...(other === false ? [] : [all(ipv4Of(primary), ...perhapsNone)]), all(...ownIpv6)];
  }
  const ipv6 = other === false || !primary.ipv6 ? [] : [all(ipv6Of(primary), ...perhapsNone)];
  if (translated === null) return [all(ipv4Of(primary), ...own), ...ipv6];
  if (!translated) return [all(...own), ...ipv6];
  const [same] = distinct([ipv4Of(primary), ...own]).length === 1 ? own : [];
  return same === undefined
    ? [split('outside IPv4', [ipv4Of(primary)]), split('all but outside IPv4', own), ...ipv6]
    : [all(same), ...ipv6];
}

/**
 * The ways out of a pod that has its own interface: with its groups, but in standard mode with those of the
 * node's primary one to addresses outside the VPC.
 * https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html
 */
export function waysOfOwn(
  own: VpcInterface | null,
  primary: VpcInterface | null,
  { family, untranslated, other, podGroups }: Leaving,
): readonly Way[] {
  const by = (traffic: Traffic, ...interfaces: readonly (VpcInterface | null)[]): readonly Way[] => {
    const known = interfaces.filter((one) => one !== null);
    const split = traffic !== 'all' && untranslated.length > 0;
    return known.length === 0 ? [] : [{ among: known, traffic, ...(split && { untranslated }) }];
  };
  const ofNode = primary === null ? null : ipv4Of(primary);
  const ofPod = own === null ? null : ipv4Of(own);
  if (own?.ipv6 && family !== 'ipv4') {
    const perhapsNone = family === null ? [neitherOf(own)] : [];
    const ipv4 = other === false ? [] : by('all', ofPod, ofNode, ...(other === null ? [neitherOf(own)] : []));
    return [...by('all', ipv6Of(own), ...perhapsNone), ...ipv4];
  }
  const ipv6 = other !== false && primary?.ipv6 ? by('all', ipv6Of(primary), neitherOf(primary)) : [];
  if (podGroups === 'all traffic') return [...by('all', ofPod), ...ipv6];
  const outside = podGroups === null ? [ofPod, ofNode] : [ofNode];
  return [...by('all but outside IPv4', ofPod), ...by('outside IPv4', ...outside), ...ipv6];
}

const ipv4Of = (one: VpcInterface): VpcInterface => ({ ...one, ipv6: false });
const ipv6Of = (one: VpcInterface): VpcInterface => ({ ...one, ipv4: false, publicIpv4: false });
const neitherOf = (one: VpcInterface): VpcInterface => ipv6Of(ipv4Of(one));

/** Each once, in their order. */
export const distinct = (interfaces: readonly VpcInterface[]): readonly VpcInterface[] => [
  ...new Map(interfaces.map((one) => [JSON.stringify(one), one])).values(),
];
