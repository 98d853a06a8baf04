import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CredentialsProvider } from '../../lambda/connect/aws/client.ts';
import { openEc2 } from '../../lambda/connect/aws/ec2-query.ts';
import { awsError } from '../../lambda/connect/aws/errors.ts';
import { createRoutable, type Routable } from '../../lambda/egress/routing/routable.ts';
import { type Exit, isUnread, type VpcReading } from '../../lambda/inventory/vpc.ts';
import { readVpc } from '../../lambda/vpc/read-vpc.ts';
import { type AwsServices, startAwsServices } from './environment/aws-services.ts';
import { openProcesses, type Processes } from './environment/processes.ts';

let processes: Processes;
let aws: AwsServices;
let vpc: Made;
let reading: VpcReading;

beforeAll(async () => {
  processes = await openProcesses();
  aws = await startAwsServices(processes);
  vpc = await makeVpc();
  reading = await read(vpc.id, [
    vpc.privateNode,
    vpc.publicNode,
    vpc.fargateNode,
    'ip-10-0-9-9.ec2.internal',
  ]);
}, 120_000);

afterAll(() => processes?.stop());

/** What was made, by id; nodes by name. */
interface Made {
  readonly id: string;
  readonly privateNode: string;
  readonly publicNode: string;
  readonly fargateNode: string;
}

/** Asks moto's EC2 for something, and finds in the answer the first text of an element. */
async function ec2(
  action: string,
  parameters: Readonly<Record<string, string>>,
  element = 'requestId',
): Promise<string> {
  const { status, body } = await aws.request({
    service: 'ec2',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ Action: action, Version: '2016-11-15', ...parameters }).toString(),
  });
  if (status !== 200) throw new Error(`${action}: ${status} ${body}`);
  return new RegExp(`<${element}>([^<]+)</${element}>`).exec(body)?.[1] ?? '';
}

/**
 * A VPC with a private subnet behind a NAT gateway, a public one, a gateway endpoint for S3 and a route to
 * a peer. Nodes in the private subnet may talk HTTPS to a partner's prefix list and to the VPC alone.
 */
async function makeVpc(): Promise<Made> {
  const id = await ec2('CreateVpc', { CidrBlock: '10.0.0.0/16' }, 'vpcId');
  const subnet = (block: string) =>
    ec2('CreateSubnet', { VpcId: id, CidrBlock: block, AvailabilityZone: 'eu-west-1a' }, 'subnetId');
  const [inside, outside] = [await subnet('10.0.1.0/24'), await subnet('10.0.2.0/24')];
  const gateway = await ec2('CreateInternetGateway', {}, 'internetGatewayId');
  await ec2('AttachInternetGateway', { VpcId: id, InternetGatewayId: gateway });
  const publicTable = await ec2('CreateRouteTable', { VpcId: id }, 'routeTableId');
  await ec2('AssociateRouteTable', { RouteTableId: publicTable, SubnetId: outside });
  const route = (table: string, block: string, target: Readonly<Record<string, string>>) =>
    ec2('CreateRoute', { RouteTableId: table, DestinationCidrBlock: block, ...target });
  await route(publicTable, '0.0.0.0/0', { GatewayId: gateway });
  const address = await ec2('AllocateAddress', { Domain: 'vpc' }, 'allocationId');
  const nat = await ec2('CreateNatGateway', { SubnetId: outside, AllocationId: address }, 'natGatewayId');
  const privateTable = await ec2('CreateRouteTable', { VpcId: id }, 'routeTableId');
  await ec2('AssociateRouteTable', { RouteTableId: privateTable, SubnetId: inside });
  await route(privateTable, '0.0.0.0/0', { NatGatewayId: nat });
  const peer = await ec2('CreateVpc', { CidrBlock: '10.9.0.0/16' }, 'vpcId');
  const peering = await ec2(
    'CreateVpcPeeringConnection',
    { VpcId: id, PeerVpcId: peer },
    'vpcPeeringConnectionId',
  );
  await route(privateTable, '10.9.0.0/16', { VpcPeeringConnectionId: peering });
  await ec2('CreateVpcEndpoint', {
    VpcId: id,
    ServiceName: 'com.amazonaws.eu-west-1.s3',
    VpcEndpointType: 'Gateway',
    'RouteTableId.1': privateTable,
  });
  const partnerList = await ec2(
    'CreateManagedPrefixList',
    {
      PrefixListName: 'partner',
      MaxEntries: '5',
      AddressFamily: 'IPv4',
      'Entry.1.Cidr': '198.51.100.0/24',
      'Entry.1.Description': 'partner',
    },
    'prefixListId',
  );
  const closed = await ec2(
    'CreateSecurityGroup',
    { VpcId: id, GroupName: 'closed', GroupDescription: 'closed' },
    'groupId',
  );
  await ec2('RevokeSecurityGroupEgress', {
    GroupId: closed,
    'IpPermissions.1.IpProtocol': '-1',
    'IpPermissions.1.IpRanges.1.CidrIp': '0.0.0.0/0',
  });
  await ec2('AuthorizeSecurityGroupEgress', {
    GroupId: closed,
    'IpPermissions.1.IpProtocol': 'tcp',
    'IpPermissions.1.FromPort': '443',
    'IpPermissions.1.ToPort': '443',
    'IpPermissions.1.PrefixListIds.1.PrefixListId': partnerList,
    'IpPermissions.2.IpProtocol': '-1',
    'IpPermissions.2.IpRanges.1.CidrIp': '10.0.0.0/8',
  });
  const open = await ec2(
    'CreateSecurityGroup',
    { VpcId: id, GroupName: 'open', GroupDescription: 'open' },
    'groupId',
  );
  const node = (subnetId: string, group: string, more: Readonly<Record<string, string>>) =>
    ec2(
      'RunInstances',
      {
        ImageId: 'ami-12345678',
        MinCount: '1',
        MaxCount: '1',
        'NetworkInterface.1.DeviceIndex': '0',
        'NetworkInterface.1.SubnetId': subnetId,
        'NetworkInterface.1.SecurityGroupId.1': group,
        ...more,
      },
      'privateDnsName',
    );
  const privateNode = await node(inside, closed, {});
  const publicNode = await node(outside, open, { 'NetworkInterface.1.AssociatePublicIpAddress': 'true' });
  const fargate = await ec2(
    'CreateNetworkInterface',
    { SubnetId: inside, 'SecurityGroupId.1': open, PrivateIpAddress: '10.0.1.77' },
    'privateIpAddress',
  );
  return {
    id,
    privateNode,
    publicNode,
    fargateNode: `fargate-ip-${fargate.replaceAll('.', '-')}.eu-west-1.compute.internal`,
  };
}

async function read(vpcId: string, nodes: readonly string[]): Promise<VpcReading> {
  const issued = await aws.assumeRole(`arn:aws:iam::${aws.accountId}:role/auditor`);
  const credentials = (async () => issued) as unknown as CredentialsProvider;
  const client = openEc2({ region: aws.region, endpoint: aws.url, credentials, maxAttempts: 2 });
  const explain = (action: string, error: unknown) =>
    awsError(error, { action, what: `account ${aws.accountId}`, region: aws.region, verified: true });
  try {
    return await readVpc({ ec2: client, vpcId, explain }, nodes);
  } finally {
    client.close();
  }
}

function routable(node: string): Routable {
  const machine = isUnread(reading.machines) ? reading.machines : reading.machines.get(node);
  if (machine === undefined || isUnread(machine)) throw new Error(`${node} was not read: ${machine?.unread}`);
  const ways = machine.interfaces.map((through): Exit => ({ through, traffic: 'all' }));
  return createRoutable(reading.facts)({ ways, unknown: [] });
}

describe('a VPC as EC2 describes it', () => {
  test('is read without a gap', () => {
    expect([reading.machines, reading.podInterfaces, reading.facts].filter(isUnread)).toEqual([]);
    const { natGateways, endpoints } = isUnread(reading.facts)
      ? { natGateways: {}, endpoints: {} }
      : reading.facts;
    expect([natGateways, endpoints].filter(isUnread)).toEqual([]);
  });

  test('nodes are found by their names, and one that is not there is not', () => {
    const found = isUnread(reading.machines) ? [] : [...reading.machines.keys()];
    expect(found.sort()).toEqual([vpc.privateNode, vpc.publicNode, vpc.fargateNode].sort());
  });

  test('a private node reaches the partner by HTTPS through the NAT gateway, the VPC, and what is beyond the peering is not known', () => {
    const answer = routable(vpc.privateNode);
    expect(answer).toMatchObject({
      external: expect.arrayContaining([
        expect.objectContaining({
          from: '198.51.100.0',
          to: '198.51.100.255',
          ports: [{ protocol: 'TCP', from: 443, to: 443 }],
        }),
        expect.objectContaining({ from: '10.0.0.0', to: '10.0.255.255', ports: 'all' }),
      ]),
      undecided: [
        {
          external: [{ from: '10.9.0.0', to: '10.9.255.255', ports: 'all' }],
          because: expect.stringMatching(/VPC peering connection pcx-/),
        },
      ],
    });
  });

  test('a node with a public address reaches the internet directly', () => {
    expect(routable(vpc.publicNode)).toEqual({
      external: [{ from: '0.0.0.0', to: '255.255.255.255', ports: 'all' }],
    });
  });

  test('a Fargate pod has the security groups of its own interface', () => {
    const answer = routable(vpc.fargateNode);
    expect(JSON.stringify(answer)).toContain('"from":"0.0.0.0"');
  });

  test('what does not exist is unread with its reason', async () => {
    const nothing = await read('vpc-00000000000000000', [vpc.privateNode]);
    expect(isUnread(nothing.machines) ? nothing.machines : nothing.machines.size).toEqual(0);
  });
});
