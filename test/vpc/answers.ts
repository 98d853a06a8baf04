/** Answers of EC2 as its API reference shows them, shortened to what is read and some of what is not. */

export const instance = (
  id: string,
  { name = '', ip = '10.0.1.5', interfaces = anInterface({ ip }) } = {},
): string => `<item><reservationId>r-${id}</reservationId><ownerId>111122223333</ownerId><groupSet/><instancesSet><item>
  <instanceId>${id}</instanceId><instanceState><code>16</code><name>running</name></instanceState>
  <privateDnsName>${name}</privateDnsName><privateIpAddress>${ip}</privateIpAddress><subnetId>subnet-a</subnetId><vpcId>vpc-1</vpcId>
  <groupSet><item><groupId>sg-node</groupId><groupName>node</groupName></item></groupSet>
  <networkInterfaceSet>${interfaces}</networkInterfaceSet>
  <metadataOptions><state>applied</state><httpTokens>required</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit><httpEndpoint>enabled</httpEndpoint><httpProtocolIpv6>disabled</httpProtocolIpv6></metadataOptions>
</item></instancesSet></item>`;

export const anInterface = ({
  id = 'eni-1',
  ip = '10.0.1.5',
  subnet = 'subnet-a',
  group = 'sg-node',
  type = 'interface',
  device = 0,
  more = '',
} = {}): string => `<item><networkInterfaceId>${id}</networkInterfaceId><subnetId>${subnet}</subnetId><vpcId>vpc-1</vpcId>
  <privateIpAddress>${ip}</privateIpAddress><groupSet><item><groupId>${group}</groupId><groupName>g</groupName></item></groupSet>
  <attachment><deviceIndex>${device}</deviceIndex><networkCardIndex>0</networkCardIndex><status>attached</status></attachment>
  <privateIpAddressesSet><item><privateIpAddress>${ip}</privateIpAddress><primary>true</primary></item></privateIpAddressesSet>
  <interfaceType>${type}</interfaceType>${more}</item>`;

export const PUBLIC =
  '<association><publicIp>198.51.100.7</publicIp><ipOwnerId>amazon</ipOwnerId></association>';
export const IPV6 =
  '<ipv6AddressesSet><item><ipv6Address>2600:1f18::5</ipv6Address></item></ipv6AddressesSet>';

const NODES = `<reservationSet>${instance('i-0a', { name: 'ip-10-0-1-5.eu-west-1.compute.internal' })}</reservationSet>`;

const ROUTE_TABLES = `<routeTableSet>
  <item><routeTableId>rtb-a</routeTableId><vpcId>vpc-1</vpcId><routeSet>
    <item><destinationCidrBlock>10.0.0.0/16</destinationCidrBlock><gatewayId>local</gatewayId><state>active</state><origin>CreateRouteTable</origin></item>
    <item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><natGatewayId>nat-1</natGatewayId><state>active</state><origin>CreateRoute</origin></item>
    <item><destinationIpv6CidrBlock>::/0</destinationIpv6CidrBlock><egressOnlyInternetGatewayId>eigw-1</egressOnlyInternetGatewayId><state>blackhole</state><origin>CreateRoute</origin></item>
    <item><destinationPrefixListId>pl-s3</destinationPrefixListId><gatewayId>vpce-1</gatewayId><state>active</state><origin>CreateRoute</origin></item>
    <item><destinationCidrBlock>172.16.0.0/12</destinationCidrBlock><gatewayId>vgw-1</gatewayId><state>active</state><origin>EnableVgwRoutePropagation</origin></item>
    <item><destinationCidrBlock>192.0.2.0/24</destinationCidrBlock><instanceId>i-1</instanceId><networkInterfaceId>eni-9</networkInterfaceId><state>active</state><origin>CreateRoute</origin></item>
    <item><destinationCidrBlock>192.168.0.0/16</destinationCidrBlock><somethingNewId>new-1</somethingNewId><state>active</state><origin>CreateRoute</origin></item>
  </routeSet><associationSet>
    <item><routeTableAssociationId>rtbassoc-1</routeTableAssociationId><routeTableId>rtb-a</routeTableId><subnetId>subnet-a</subnetId><main>false</main><associationState><state>associated</state></associationState></item>
    <item><routeTableAssociationId>rtbassoc-2</routeTableAssociationId><routeTableId>rtb-a</routeTableId><subnetId>subnet-gone</subnetId><main>false</main><associationState><state>disassociated</state></associationState></item>
  </associationSet><propagatingVgwSet/><tagSet/></item>
</routeTableSet>`;

const MAIN_TABLE = `<routeTableSet>
  <item><routeTableId>rtb-main</routeTableId><vpcId>vpc-1</vpcId><routeSet>
    <item><destinationCidrBlock>10.0.0.0/16</destinationCidrBlock><gatewayId>local</gatewayId><state>active</state><origin>CreateRouteTable</origin></item>
    <item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><gatewayId>igw-1</gatewayId><state>active</state><origin>CreateRoute</origin></item>
  </routeSet><associationSet>
    <item><routeTableAssociationId>rtbassoc-3</routeTableAssociationId><routeTableId>rtb-main</routeTableId><main>true</main></item>
  </associationSet><propagatingVgwSet/><tagSet/></item>
</routeTableSet>`;

const SECURITY_GROUPS = `<securityGroupInfo><item><ownerId>111122223333</ownerId><groupId>sg-node</groupId><groupName>node</groupName><vpcId>vpc-1</vpcId>
  <ipPermissions><item><ipProtocol>-1</ipProtocol><groups/><ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges><ipv6Ranges/><prefixListIds/></item></ipPermissions>
  <ipPermissionsEgress>
    <item><ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort><groups/><ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges><ipv6Ranges><item><cidrIpv6>::/0</cidrIpv6></item></ipv6Ranges><prefixListIds/></item>
    <item><ipProtocol>-1</ipProtocol><groups><item><userId>111122223333</userId><groupId>sg-db</groupId></item></groups><ipRanges/><ipv6Ranges/><prefixListIds><item><prefixListId>pl-partner</prefixListId></item></prefixListIds></item>
  </ipPermissionsEgress><tagSet/></item></securityGroupInfo>`;

/** A VPC with one node, a NAT gateway, a gateway endpoint for S3, a VPN and a prefix list of a partner. */
export const ANSWERS = {
  DescribeInstances: NODES,
  DescribeNetworkInterfaces: '<networkInterfaceSet/>',
  DescribeRouteTables: [ROUTE_TABLES, MAIN_TABLE],
  DescribeSecurityGroups: SECURITY_GROUPS,
  DescribeNatGateways:
    '<natGatewaySet><item><natGatewayId>nat-1</natGatewayId><subnetId>subnet-public</subnetId><state>available</state><connectivityType>public</connectivityType><vpcId>vpc-1</vpcId></item></natGatewaySet>',
  DescribeVpcEndpoints:
    '<vpcEndpointSet><item><vpcEndpointId>vpce-1</vpcEndpointId><vpcEndpointType>Gateway</vpcEndpointType><serviceName>com.amazonaws.eu-west-1.s3</serviceName><state>available</state></item></vpcEndpointSet>',
  GetManagedPrefixListEntries:
    '<entrySet><item><cidr>52.218.0.0/17</cidr><description/></item><item><cidr>3.5.64.0/21</cidr></item></entrySet>',
} as const;
