import { elementOf, itemsOf, requiredItems, requiredText, textOf, type Xml } from '../connect/aws/xml.ts';
import type { InstanceMetadata } from '../inventory/node-network.ts';
import { isUnread, type Machine, type Unread, type VpcInterface } from '../inventory/vpc.ts';
import { ask, askAll, askInBatches, type VpcSource } from './ask.ts';

/** Few, because an instance comes with all addresses of all its interfaces: about 10 kB each. */
const INSTANCES_A_PAGE = 200;
const INTERFACES_A_PAGE = 1000;

/** Instances that run, or still do; others have no traffic. */
const STATES = ['pending', 'running', 'stopping', 'shutting-down'];

/**
 * The instances behind nodes. Of the VPC's instances those are kept whose private DNS name, id or address
 * is the name of a node: so EKS names them, for all kinds of nodes.
 * https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html (`system:node:{{EC2PrivateDNSName}}`)
 */
export async function readInstances(
  source: VpcSource,
  nodes: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Machine> | Unread> {
  const byAddress = nodesByAddress(nodes, 'ip-');
  const found = new Map<string, Machine>();
  const unread = await ask(
    source,
    {
      action: 'ec2:DescribeInstances',
      pageSize: INSTANCES_A_PAGE,
      filters: { 'vpc-id': [source.vpcId], 'instance-state-name': STATES },
    },
    (page) => {
      for (const instance of requiredItems(page, 'reservationSet').flatMap((one) =>
        requiredItems(one, 'instancesSet'),
      )) {
        const names = [textOf(instance, 'privateDnsName'), textOf(instance, 'instanceId')];
        const name =
          names.find((one) => one !== null && nodes.has(one)) ??
          byAddress.get(textOf(instance, 'privateIpAddress') ?? '');
        if (name === undefined || name === null) continue;
        const machine = machineOf(instance);
        if (machine !== null) found.set(name, machine);
      }
    },
  );
  return unread ?? found;
}

/** Interfaces of pods that have their own (branches of a trunk), by id. */
export async function readPodInterfaces(
  source: VpcSource,
): Promise<ReadonlyMap<string, VpcInterface> | Unread> {
  const found = await askAll(
    source,
    {
      action: 'ec2:DescribeNetworkInterfaces',
      pageSize: INTERFACES_A_PAGE,
      filters: { 'vpc-id': [source.vpcId], 'interface-type': ['branch'] },
    },
    (page) =>
      requiredItems(page, 'networkInterfaceSet').map(
        (item) => [requiredText(item, 'networkInterfaceId'), interfaceOf(item)] as const,
      ),
  );
  return isUnread(found) ? found : new Map(found);
}

/** The interfaces of Fargate nodes, each of which is the pod's own; the name of such a node holds its address. */
export async function readFargateNodes(
  source: VpcSource,
  nodes: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Machine | Unread>> {
  const byAddress = nodesByAddress(nodes, 'fargate-ip-');
  const found = await askInBatches([...byAddress.keys()], (addresses) =>
    askAll(
      source,
      {
        action: 'ec2:DescribeNetworkInterfaces',
        pageSize: INTERFACES_A_PAGE,
        filters: { 'vpc-id': [source.vpcId], 'private-ip-address': addresses },
      },
      (page) =>
        requiredItems(page, 'networkInterfaceSet').flatMap((item): (readonly [string, Machine])[] => {
          const name = byAddress.get(textOf(item, 'privateIpAddress') ?? '');
          return name === undefined ? [] : [[name, { interfaces: [interfaceOf(item)], metadata: null }]];
        }),
    ),
  );
  if (!isUnread(found)) return new Map(found);
  return new Map([...byAddress.values()].map((name) => [name, found]));
}

type NamePrefix = 'ip-' | 'fargate-ip-';

/** Names of nodes by the address that they are made of: `10.0.1.2` of `ip-10-0-1-2.eu-west-1.compute.internal`. */
function nodesByAddress(names: ReadonlySet<string>, prefix: NamePrefix): ReadonlyMap<string, string> {
  return new Map(
    [...names].flatMap((name): (readonly [string, string])[] => {
      const [first = ''] = name.split('.');
      const parts = first.startsWith(prefix) ? first.slice(prefix.length).split('-') : [];
      const isAddress = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part));
      return isAddress ? [[parts.join('.'), name]] : [];
    }),
  );
}

/** Types by which no traffic of ordinary pods leaves: a trunk only carries its branches. */
const WITHOUT_PODS = ['trunk', 'efa-only'];

function machineOf(instance: Xml): Machine | null {
  const [primary, ...others] = itemsOf(instance, 'networkInterfaceSet')
    .filter((item) => !WITHOUT_PODS.includes(textOf(item, 'interfaceType') ?? ''))
    .map((item) => ({ item, at: elementOf(item, 'attachment') ?? '' }))
    .sort((a, b) => deviceOf(a.at) - deviceOf(b.at))
    .map(({ item }) => interfaceOf(item));
  return primary === undefined
    ? null
    : { interfaces: [primary, ...others], metadata: metadataOf(elementOf(instance, 'metadataOptions')) };
}

const deviceOf = (attachment: Xml): number =>
  Number(textOf(attachment, 'networkCardIndex') ?? 0) * 100 + Number(textOf(attachment, 'deviceIndex') ?? 0);

/** As it stands in an instance and by itself. */
function interfaceOf(item: Xml): VpcInterface {
  const others = itemsOf(item, 'privateIpAddressesSet').filter((one) => textOf(one, 'primary') !== 'true');
  return {
    subnet: requiredText(item, 'subnetId'),
    // Without any group nothing would be let out: that must be said, not left out.
    securityGroups: requiredItems(item, 'groupSet')
      .map((group) => requiredText(group, 'groupId'))
      .sort(),
    ipv4: textOf(item, 'privateIpAddress') !== null,
    publicIpv4: isPublic(item),
    publicSecondary: others.some(isPublic),
    ipv6: itemsOf(item, 'ipv6AddressesSet').length + itemsOf(item, 'ipv6PrefixSet').length > 0,
  };
}

/** Of an interface, or of one of its private addresses. */
function isPublic(item: Xml): boolean {
  const association = elementOf(item, 'association');
  return association !== null && textOf(association, 'publicIp') !== null;
}

function metadataOf(options: Xml | null): InstanceMetadata | null {
  if (options === null) return null;
  const tokens = textOf(options, 'httpTokens');
  const hops = Number(textOf(options, 'httpPutResponseHopLimit') ?? Number.NaN);
  return {
    enabled: enabledIn(options, 'httpEndpoint'),
    tokens: tokens === 'required' || tokens === 'optional' ? tokens : null,
    hopLimit: Number.isInteger(hops) ? hops : null,
    ipv6: enabledIn(options, 'httpProtocolIpv6'),
  };
}

function enabledIn(options: Xml, name: string): boolean | null {
  const text = textOf(options, name);
  return text === 'enabled' ? true : text === 'disabled' ? false : null;
}
