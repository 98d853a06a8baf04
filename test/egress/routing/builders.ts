import type {
  EgressRule,
  Exit,
  Route,
  RouteTable,
  RouteTarget,
  SecurityGroup,
  VpcFacts,
  VpcInterface,
} from '../../../lambda/inventory/vpc.ts';

/** An interface in `subnet-1` with the group `sg-1` and a private IPv4 address. */
export const anInterface = (facts: Partial<VpcInterface> = {}): VpcInterface => ({
  subnet: 'subnet-1',
  securityGroups: ['sg-1'],
  ipv4: true,
  publicIpv4: false,
  publicSecondary: false,
  ipv6: false,
  ...facts,
});

export const anExit = (facts: Partial<VpcInterface> = {}, traffic: Exit['traffic'] = 'all'): Exit => ({
  through: anInterface(facts),
  traffic,
});

/** An outbound rule for all traffic, to nowhere yet. */
export const aRule = (facts: Partial<EgressRule> = {}): EgressRule => ({
  protocol: '-1',
  fromPort: null,
  toPort: null,
  cidrs: [],
  prefixLists: [],
  groups: [],
  ...facts,
});

export const aGroup = (id: string, ...egress: readonly EgressRule[]): SecurityGroup => ({ id, egress });

const TARGETS: Readonly<Record<string, RouteTarget>> = {
  local: 'local',
  igw: 'internet gateway',
  eigw: 'egress-only internet gateway',
  nat: 'NAT gateway',
  vpce: 'VPC endpoint',
  tgw: 'transit gateway',
  pcx: 'VPC peering connection',
  vgw: 'virtual private gateway',
  eni: 'network interface',
};

/** `to`: a CIDR block or the id of a prefix list; `id` as EC2 gives it, such as `nat-1`. */
export function aRoute(to: string, id: string, facts: Partial<Route> = {}): Route {
  return {
    destination: to.startsWith('pl-') ? { prefixList: to } : { cidr: to },
    target: TARGETS[id.split('-')[0] ?? ''] ?? 'other',
    id,
    active: true,
    propagated: false,
    ...facts,
  };
}

export const aTable = (
  id: string,
  routes: readonly Route[],
  facts: Partial<RouteTable> = {},
): RouteTable => ({ id, main: false, subnets: [], routes, ...facts });

export const LOCAL = aRoute('10.0.0.0/16', 'local');

/**
 * `subnet-1` is private: what is not local goes to `nat-1` in `subnet-public`, which has an internet
 * gateway. The group `sg-1` lets everything out.
 */
export const aVpc = (facts: Partial<VpcFacts> = {}): VpcFacts => ({
  routeTables: [
    aTable('rtb-private', [LOCAL, aRoute('0.0.0.0/0', 'nat-1')], { subnets: ['subnet-1'] }),
    aTable('rtb-public', [LOCAL, aRoute('0.0.0.0/0', 'igw-1')], { subnets: ['subnet-public'] }),
    aTable('rtb-main', [LOCAL], { main: true }),
  ],
  securityGroups: [aGroup('sg-1', aRule({ cidrs: ['0.0.0.0/0', '::/0'] }))],
  natGateways: [{ id: 'nat-1', state: 'available', public: true, subnet: 'subnet-public', routeTable: null }],
  endpoints: [],
  prefixLists: new Map(),
  ...facts,
});

/** The VPC with these routes beside the local one for `subnet-1`. */
export const aVpcRouting = (routes: readonly Route[], facts: Partial<VpcFacts> = {}): VpcFacts =>
  aVpc({
    ...facts,
    routeTables: [
      aTable('rtb-1', [LOCAL, ...routes], { subnets: ['subnet-1'] }),
      aTable('rtb-public', [LOCAL, aRoute('0.0.0.0/0', 'igw-1')], { main: true }),
    ],
  });
