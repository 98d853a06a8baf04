/**
 * Actions that can only be granted on all resources, and why each is granted nevertheless. Nothing else may
 * stand beside `Resource: "*"`: a test holds it, and docs/security.md repeats it.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export const UNSCOPED: Readonly<Record<string, string>> = {
  'eks:ListClusters':
    'AWS defines no resource for it. It returns names of clusters of the account in the regions of the configuration.',
  'xray:PutTraceSegments': 'AWS defines no resource for it. It writes traces and reads nothing.',
  'xray:PutTelemetryRecords': 'AWS defines no resource for it. It writes telemetry and reads nothing.',
  'xray:GetSamplingRules': 'AWS defines no resource for it. It returns which requests are traced.',
  'xray:GetSamplingTargets': 'AWS defines no resource for it. It returns which requests are traced.',
  'ec2:CreateNetworkInterface':
    'Lambda asks for it without naming a resource when it places the function in the VPC; a deny keeps the code of the function from using it.',
  'ec2:DescribeInstances':
    'AWS defines no resource for it. It returns the subnets, security groups and metadata options of nodes, not their user data.',
  'ec2:DescribeNetworkInterfaces':
    'AWS defines no resource for it. It returns the security groups of pods that have their own; Lambda needs it to place the function in the VPC, and unless egress.routing is read a deny keeps the code of the function from using it.',
  'ec2:DescribeRouteTables': 'AWS defines no resource for it. It returns where subnets route traffic.',
  'ec2:DescribeSecurityGroups':
    'AWS defines no resource for it. It returns what security groups allow outbound.',
  'ec2:DescribeNatGateways':
    'AWS defines no resource for it. It returns whether a NAT gateway is public, and its subnet.',
  'ec2:DescribeVpcEndpoints': 'AWS defines no resource for it. It returns which routes lead to AWS services.',
  'ec2:DescribeSubnets':
    'AWS defines no resource for it. Lambda needs it to place the function in the VPC; a deny keeps the code of the function from using it.',
  'ec2:DeleteNetworkInterface':
    'Lambda asks for it without naming a resource when the function leaves the VPC; a deny keeps the code of the function from using it.',
  'ec2:AssignPrivateIpAddresses':
    'Lambda asks for it without naming a resource; a deny keeps the code of the function from using it.',
  'ec2:UnassignPrivateIpAddresses':
    'Lambda asks for it without naming a resource; a deny keeps the code of the function from using it.',
  'ecr:DescribePullThroughCacheRules':
    'AWS defines no resource for it. It returns which repositories are caches of other registries.',
  'ecr:GetRegistryScanningConfiguration':
    'AWS defines no resource for it. It returns how the registry of the account scans images.',
  'inspector2:ListCoverage':
    'AWS defines no resource for it. It returns which images Inspector scans and when it last did, not what it found.',
  'logs:CreateLogDelivery':
    'AWS defines no resource for it. Step Functions delivers the log of the fleet run.',
  'logs:GetLogDelivery': 'AWS defines no resource for it. Step Functions delivers the log of the fleet run.',
  'logs:UpdateLogDelivery':
    'AWS defines no resource for it. Step Functions delivers the log of the fleet run.',
  'logs:DeleteLogDelivery':
    'AWS defines no resource for it. Step Functions delivers the log of the fleet run.',
  'logs:ListLogDeliveries':
    'AWS defines no resource for it. Step Functions delivers the log of the fleet run.',
  'logs:PutResourcePolicy':
    'AWS defines no resource for it. Step Functions delivers the log of the fleet run.',
  'logs:DescribeResourcePolicies':
    'AWS defines no resource for it. Step Functions delivers the log of the fleet run.',
  'logs:DescribeLogGroups':
    'AWS defines no resource for it. Step Functions delivers the log of the fleet run.',
};

/** The reasons of these actions as one sentence each, repeated ones once. */
export const unscopedReason = (actions: readonly string[]): string =>
  [...new Set(actions.map((action) => UNSCOPED[action] ?? `${action} has no reason.`))].join(' ');
