import { elementOf, itemsOf, requiredItems, requiredText, textOf, type Xml } from '../connect/aws/xml.ts';
import { inParallel } from '../in-parallel.ts';
import {
  type EgressRule,
  isUnread,
  type NatGateway,
  type Route,
  type RouteTable,
  type RouteTarget,
  type SecurityGroup,
  type Unread,
  type VpcEndpoint,
  type VpcFacts,
} from '../inventory/vpc.ts';
import { askAll, askInBatches, type Question, type VpcSource } from './ask.ts';

const LISTS_AT_ONCE = 4;

/**
 * What routes and filters traffic in a VPC. Security groups are asked for by id, since some may belong to
 * another VPC, and prefix lists where a rule or a route names them.
 */
export async function readFacts(
  source: VpcSource,
  securityGroupIds: Promise<readonly string[]>,
): Promise<VpcFacts | Unread> {
  const ofVpc = { pageSize: 100, filters: { 'vpc-id': [source.vpcId] } };
  const [routeTables, natGateways, endpoints, securityGroups] = await Promise.all([
    askAll(source, { ...ofVpc, action: 'ec2:DescribeRouteTables' }, (page) =>
      requiredItems(page, 'routeTableSet').map(routeTableOf),
    ),
    askAll(source, { ...ofVpc, action: 'ec2:DescribeNatGateways' }, (page) =>
      requiredItems(page, 'natGatewaySet').map(natGatewayOf),
    ),
    askAll(source, { ...ofVpc, action: 'ec2:DescribeVpcEndpoints' }, (page) =>
      requiredItems(page, 'vpcEndpointSet').map(endpointOf),
    ),
    securityGroupIds.then((ids) => readSecurityGroups(source, ids)),
  ]);
  if (isUnread(routeTables)) return routeTables;
  if (isUnread(securityGroups)) return securityGroups;
  const prefixLists = await readPrefixLists(source, listsIn(routeTables, securityGroups));
  return { routeTables, securityGroups, natGateways, endpoints, prefixLists };
}

const readSecurityGroups = (source: VpcSource, ids: readonly string[]) =>
  askInBatches(ids, (some) =>
    askAll(
      source,
      { action: 'ec2:DescribeSecurityGroups', pageSize: 1000, filters: { 'group-id': some } },
      (page) => requiredItems(page, 'securityGroupInfo').map(securityGroupOf),
    ),
  );

function listsIn(tables: readonly RouteTable[], groups: readonly SecurityGroup[]): readonly string[] {
  const inRoutes = tables.flatMap(({ routes }) =>
    routes.flatMap(({ destination }) => ('prefixList' in destination ? [destination.prefixList] : [])),
  );
  const inRules = groups.flatMap(({ egress }) => egress.flatMap(({ prefixLists }) => prefixLists));
  return [...new Set([...inRoutes, ...inRules])].sort();
}

async function readPrefixLists(source: VpcSource, ids: readonly string[]): Promise<VpcFacts['prefixLists']> {
  const question = (id: string): Question => ({
    action: 'ec2:GetManagedPrefixListEntries',
    pageSize: 100,
    parameters: { PrefixListId: id },
  });
  const lists = await inParallel(ids, LISTS_AT_ONCE, async (id) => {
    const cidrs = await askAll(source, question(id), (page) =>
      requiredItems(page, 'entrySet').map((entry) => requiredText(entry, 'cidr')),
    );
    return [id, cidrs] as const;
  });
  return new Map(lists);
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RouteTable.html */
function routeTableOf(item: Xml): RouteTable {
  const associations = itemsOf(item, 'associationSet').filter((one) => {
    const state = elementOf(one, 'associationState');
    return state === null || !/^(disassociated|failed)$/.test(textOf(state, 'state') ?? '');
  });
  return {
    id: requiredText(item, 'routeTableId'),
    main: associations.some((one) => textOf(one, 'main') === 'true'),
    subnets: associations.flatMap((one) => textOf(one, 'subnetId') ?? []),
    routes: requiredItems(item, 'routeSet').map(routeOf),
  };
}

/** Fields of a route that name its target; an instance is named with its interface, too. */
const TARGETS: readonly (readonly [field: string, target: RouteTarget])[] = [
  ['natGatewayId', 'NAT gateway'],
  ['egressOnlyInternetGatewayId', 'egress-only internet gateway'],
  ['transitGatewayId', 'transit gateway'],
  ['vpcPeeringConnectionId', 'VPC peering connection'],
  ['localGatewayId', 'local gateway'],
  ['carrierGatewayId', 'carrier gateway'],
  ['coreNetworkArn', 'core network'],
  ['networkInterfaceId', 'network interface'],
];

/** A `gatewayId` may be of several kinds. */
const GATEWAYS: readonly (readonly [prefix: string, target: RouteTarget])[] = [
  ['igw-', 'internet gateway'],
  ['vgw-', 'virtual private gateway'],
  ['vpce-', 'VPC endpoint'],
];

/**
 * What has no target that this version knows leads somewhere unknown, never nowhere.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
 */
function routeOf(item: Xml): Route {
  const cidr = textOf(item, 'destinationCidrBlock') ?? textOf(item, 'destinationIpv6CidrBlock');
  const destination =
    cidr === null ? { prefixList: requiredText(item, 'destinationPrefixListId') } : { cidr };
  return {
    destination,
    ...targetOf(item),
    active: textOf(item, 'state') !== 'blackhole',
    propagated: textOf(item, 'origin') === 'EnableVgwRoutePropagation',
  };
}

function targetOf(item: Xml): Pick<Route, 'target' | 'id'> {
  for (const [field, target] of TARGETS) {
    const id = textOf(item, field);
    if (id !== null) return { target, id };
  }
  const id = textOf(item, 'gatewayId') ?? '(of an unknown kind)';
  if (id === 'local') return { target: 'local', id };
  return { target: GATEWAYS.find(([prefix]) => id.startsWith(prefix))?.[1] ?? 'other', id };
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroup.html */
const securityGroupOf = (item: Xml): SecurityGroup => ({
  id: requiredText(item, 'groupId'),
  egress: requiredItems(item, 'ipPermissionsEgress').map(
    (rule): EgressRule => ({
      protocol: requiredText(rule, 'ipProtocol'),
      fromPort: portIn(rule, 'fromPort'),
      toPort: portIn(rule, 'toPort'),
      cidrs: [
        ...itemsOf(rule, 'ipRanges').map((range) => requiredText(range, 'cidrIp')),
        ...itemsOf(rule, 'ipv6Ranges').map((range) => requiredText(range, 'cidrIpv6')),
      ],
      prefixLists: itemsOf(rule, 'prefixListIds').map((one) => requiredText(one, 'prefixListId')),
      groups: itemsOf(rule, 'groups').map((one) => textOf(one, 'groupId') ?? '(unnamed)'),
    }),
  ),
});

function portIn(rule: Xml, name: string): number | null {
  const text = textOf(rule, name);
  if (text === null) return null;
  const port = Number(text);
  if (!Number.isInteger(port)) throw new Error(`${name} of a rule is not a number`);
  return port;
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html */
const natGatewayOf = (item: Xml): NatGateway => ({
  id: requiredText(item, 'natGatewayId'),
  state: requiredText(item, 'state'),
  public: textOf(item, 'connectivityType') !== 'private',
  subnet: textOf(item, 'subnetId'),
  routeTable: textOf(item, 'routeTableId'),
});

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html */
const endpointOf = (item: Xml): VpcEndpoint => ({
  id: requiredText(item, 'vpcEndpointId'),
  type: textOf(item, 'vpcEndpointType') ?? '',
  service: textOf(item, 'serviceName'),
});
