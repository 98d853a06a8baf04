/** Every IAM action that reading a VPC calls: what `egress.routing: read` must allow, with what each is for. */
export const VPC_ACTIONS = {
  'ec2:DescribeInstances': 'the subnets, security groups and metadata options of nodes',
  'ec2:DescribeNetworkInterfaces':
    'the subnets and security groups of pods that have their own, and of Fargate',
  'ec2:DescribeRouteTables': 'where subnets route traffic',
  'ec2:DescribeSecurityGroups': 'what security groups allow outbound',
  'ec2:DescribeNatGateways': 'whether a NAT gateway is public, and its subnet',
  'ec2:DescribeVpcEndpoints': 'which routes lead to AWS services',
  'ec2:GetManagedPrefixListEntries': 'the addresses of prefix lists in routes and rules',
} as const;

export type VpcAction = keyof typeof VPC_ACTIONS;
