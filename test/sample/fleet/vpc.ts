import type { EgressRule, Machine, Route, VpcFacts, VpcReading } from '../../../lambda/inventory/vpc.ts';
import type { ClusterContext, NodePool, SampleNode } from './cluster.ts';

/** Where traffic of private subnets to the internet goes. */
export type WayOut = 'NAT gateway' | 'transit gateway';

/** What EC2 would say of the sample's VPC, since no server stands for EC2 here. */
export function sampleVpc(cluster: ClusterContext, wayOut: WayOut): VpcReading {
  return {
    machines: new Map(cluster.nodes.map((node) => [node.name, machineOf(node)])),
    podInterfaces: new Map(),
    facts: factsOf(cluster, wayOut),
  };
}

/** Somebody once gave it an address on the internet to debug it. */
const isPublic = (pool: NodePool): boolean => pool.name === 'legacy';
/** May talk to the VPC and to S3 alone. */
const isClosed = (pool: NodePool): boolean => pool.name === 'data';

function machineOf({ pool, zone }: SampleNode): Machine {
  const open = isPublic(pool);
  return {
    interfaces: [
      {
        subnet: `subnet-${open ? 'public' : 'private'}-${zone}`,
        securityGroups: [isClosed(pool) ? 'sg-data' : 'sg-nodes'],
        ipv4: true,
        publicIpv4: open,
        publicSecondary: false,
        ipv6: false,
      },
    ],
    metadata:
      pool.type === 'fargate'
        ? null
        : { enabled: true, tokens: open ? 'optional' : 'required', hopLimit: 2, ipv6: false },
  };
}

const S3 = 'pl-s3';

function factsOf({ vpc, nodes }: ClusterContext, wayOut: WayOut): VpcFacts {
  const zones = [...new Set(nodes.map(({ zone }) => zone))];
  const local = route(`${vpc}.0.0/16`, 'local', 'local');
  const out =
    wayOut === 'NAT gateway'
      ? route('0.0.0.0/0', 'NAT gateway', 'nat-0shared')
      : route('0.0.0.0/0', 'transit gateway', 'tgw-0inspection');
  const endpoint = { ...route('', 'VPC endpoint', 'vpce-0s3'), destination: { prefixList: S3 } };
  return {
    routeTables: [
      { id: 'rtb-private', main: true, subnets: [], routes: [local, out, endpoint] },
      {
        id: 'rtb-public',
        main: false,
        subnets: zones.map((zone) => `subnet-public-${zone}`),
        routes: [local, route('0.0.0.0/0', 'internet gateway', 'igw-0shared')],
      },
    ],
    securityGroups: [
      { id: 'sg-nodes', egress: [rule({ cidrs: ['0.0.0.0/0'] })] },
      {
        id: 'sg-data',
        egress: [
          rule({ cidrs: [`${vpc}.0.0/16`] }),
          rule({ protocol: 'tcp', fromPort: 443, toPort: 443, prefixLists: [S3] }),
        ],
      },
    ],
    natGateways: [
      {
        id: 'nat-0shared',
        state: 'available',
        public: true,
        subnet: `subnet-public-${zones[0] ?? ''}`,
        routeTable: null,
      },
    ],
    endpoints: [{ id: 'vpce-0s3', type: 'Gateway' }],
    // Of com.amazonaws.eu-west-1.s3, in part.
    prefixLists: new Map([[S3, ['52.218.0.0/17', '3.5.64.0/21']]]),
  };
}

const route = (cidr: string, target: Route['target'], id: string): Route => ({
  destination: { cidr },
  target,
  id,
  active: true,
  propagated: false,
});

const rule = (facts: Partial<EgressRule>): EgressRule => ({
  protocol: '-1',
  fromPort: null,
  toPort: null,
  cidrs: [],
  prefixLists: [],
  groups: [],
  ...facts,
});
