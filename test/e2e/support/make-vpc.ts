import type { AwsServices } from '../environment/aws-services.ts';

/** What was made, by id; nodes by name. */
export interface MadeVpc {
  readonly id: string;
  /** Of a subnet of nodes. */
  readonly subnet: string;
  readonly privateNode: string;
  readonly publicNode: string;
  readonly fargateNode: string;
}

/** Asks moto's EC2 for something, and finds in the answer the first text of an element. */
export const askEc2 =
  (aws: AwsServices, account: string) =>
  async (
    action: string,
    parameters: Readonly<Record<string, string>>,
    element = 'requestId',
  ): Promise<string> => {
    const { status, body } = await aws.request({
      service: 'ec2',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-moto-account-id': account,
      },
      body: new URLSearchParams({ Action: action, Version: '2016-11-15', ...parameters }).toString(),
    });
    if (status !== 200) throw new Error(`${action}: ${status} ${body}`);
    return new RegExp(`<${element}>([^<]+)</${element}>`).exec(body)?.[1] ?? '';
  };

/**
 * A VPC with a private subnet behind a NAT gateway, a public one, a gateway endpoint for S3 and a route to
 * a peer. Nodes in the private subnet may talk HTTPS to a partner's prefix list and to the VPC alone.
 */
export async function makeVpc(aws: AwsServices, account = aws.accountId): Promise<MadeVpc> {
  const ec2 = askEc2(aws, account);
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
    subnet: inside,
    privateNode,
    publicNode,
    fargateNode: `fargate-ip-${fargate.replaceAll('.', '-')}.eu-west-1.compute.internal`,
  };
}
