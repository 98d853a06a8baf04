import type { Compute, InstanceMetadata } from './node-network.ts';

/**
 * What was read of the VPC of a cluster: where its routing and its security groups let traffic go.
 * It stands beside the policies and never in their place: unreachable today is not denied.
 */

/** Something that EC2 was not asked for, or did not tell: sentences with what to do. */
export interface Unread {
  readonly unread: string;
}

export const isUnread = (value: object): value is Unread => 'unread' in value;

/** A network interface that traffic of pods leaves by, reduced to what decides where it may go. */
export interface VpcInterface {
  readonly subnet: string;
  /** Ids, sorted. */
  readonly securityGroups: readonly string[];
  /** Whether it has a private IPv4 address. */
  readonly ipv4: boolean;
  /** Whether a public or Elastic IP address is associated with its primary address; `null`: not known. */
  readonly publicIpv4: boolean | null;
  /** Whether one is with any other of its addresses, such as those of pods that share it. */
  readonly publicSecondary: boolean;
  /** Whether it has an IPv6 address or prefix. */
  readonly ipv6: boolean;
}

/** The instance behind a node. */
export interface Machine {
  /** The primary one first. */
  readonly interfaces: readonly [VpcInterface, ...VpcInterface[]];
  /** `null` where EC2 does not say, and on Fargate. */
  readonly metadata: InstanceMetadata | null;
}

/** Which traffic takes a way out: all of it, or IPv4 to addresses of the VPC or to all others. */
export type Traffic = 'all' | 'all but outside IPv4' | 'outside IPv4';

/** One of the ways out that traffic of some pods takes. */
export interface Exit {
  /** With the addresses that this traffic leaves with. */
  readonly through: VpcInterface;
  /** Others that it may take in its place: which one it takes is not known. */
  readonly or?: readonly VpcInterface[];
  readonly traffic: Traffic;
  /** IPv4 ranges that count as the VPC does here, since pods keep their addresses to them. */
  readonly untranslated?: readonly string[];
}

/** By which ways the traffic of some pods leaves their nodes. */
export interface WaysOut {
  /** Each once. */
  readonly ways: readonly Exit[];
  /** Why further ways may exist: sentences, each once. */
  readonly unknown: readonly string[];
}

/** Those of a class. */
export interface Exits extends WaysOut {
  /** The kinds of nodes where running pods have no interface of their own. */
  readonly sharedOn: readonly Compute[];
}

/** What a route leads to. `other`: something that this version does not know. */
export type RouteTarget =
  | 'local'
  | 'internet gateway'
  | 'egress-only internet gateway'
  | 'NAT gateway'
  | 'VPC endpoint'
  | 'transit gateway'
  | 'VPC peering connection'
  | 'virtual private gateway'
  | 'network interface'
  | 'local gateway'
  | 'carrier gateway'
  | 'core network'
  | 'other';

export interface Route {
  readonly destination: { readonly cidr: string } | { readonly prefixList: string };
  readonly target: RouteTarget;
  /** Of the target. */
  readonly id: string;
  /** `false`: a blackhole, whose target is not there any more. */
  readonly active: boolean;
  /** By a virtual private gateway (`EnableVgwRoutePropagation`), and so weaker than a static route. */
  readonly propagated: boolean;
}

export interface RouteTable {
  readonly id: string;
  /** Whether it serves all subnets that no table names. */
  readonly main: boolean;
  /** Subnets that it is explicitly associated with. */
  readonly subnets: readonly string[];
  readonly routes: readonly Route[];
}

/** One entry of `IpPermissionsEgress`. */
export interface EgressRule {
  /** `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all. */
  readonly protocol: string;
  /** `null`, or -1: every port. */
  readonly fromPort: number | null;
  readonly toPort: number | null;
  readonly cidrs: readonly string[];
  readonly prefixLists: readonly string[];
  readonly groups: readonly string[];
}

export interface SecurityGroup {
  readonly id: string;
  readonly egress: readonly EgressRule[];
}

export interface NatGateway {
  readonly id: string;
  readonly state: string;
  /** A private one has no public address. */
  readonly public: boolean;
  /** `null` for one of the whole region, which has its own route table. */
  readonly subnet: string | null;
  readonly routeTable: string | null;
}

export interface VpcEndpoint {
  readonly id: string;
  /** `Gateway`, `Interface`, `GatewayLoadBalancer`… */
  readonly type: string;
  /** Such as `com.amazonaws.eu-west-1.s3`; `null` where EC2 does not say. */
  readonly service?: string | null;
}

/** Without route tables and security groups there is nothing to say; the rest may be missing in part. */
export interface VpcFacts {
  readonly routeTables: readonly RouteTable[];
  readonly securityGroups: readonly SecurityGroup[];
  readonly natGateways: readonly NatGateway[] | Unread;
  readonly endpoints: readonly VpcEndpoint[] | Unread;
  /** CIDR blocks by id, of the lists that rules and routes name. */
  readonly prefixLists: ReadonlyMap<string, readonly string[] | Unread>;
}

/** All that was read of a VPC for the nodes and pods of one cluster. */
export interface VpcReading {
  /** By name of the node. */
  readonly machines: ReadonlyMap<string, Machine | Unread> | Unread;
  /** Interfaces of pods that have their own, by id. */
  readonly podInterfaces: ReadonlyMap<string, VpcInterface> | Unread;
  readonly facts: VpcFacts | Unread;
}

/** When nothing of a VPC can be read, for one reason. */
export const unreadVpc = (unread: string): VpcReading => ({
  machines: { unread },
  podInterfaces: { unread },
  facts: { unread },
});

/** Why parts of a VPC could not be read, each reason once. */
export function unreadPartsOf({ machines, podInterfaces, facts }: VpcReading): readonly string[] {
  const inFacts = isUnread(facts) ? [] : [facts.natGateways, facts.endpoints, ...facts.prefixLists.values()];
  const parts = [facts, machines, podInterfaces, ...inFacts];
  return [...new Set(parts.flatMap((part) => (isUnread(part) ? [part.unread] : [])))];
}

/** The ways out of several classes together. */
export const mergeExits = (all: readonly (WaysOut | undefined)[]): WaysOut => ({
  ways: [...new Set(all.flatMap((exits) => exits?.ways ?? []))],
  unknown: [...new Set(all.flatMap((exits) => exits?.unknown ?? []))].sort(),
});
