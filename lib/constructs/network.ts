import { Annotations, Stack } from 'aws-cdk-lib';
import {
  CfnSecurityGroupIngress,
  type ISubnet,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  Subnet,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { VpcPlacement } from '../../lambda/config/config.ts';

/** Of the API server, and of every AWS API. */
const HTTPS = 443;

export interface NetworkProps {
  readonly placement: VpcPlacement;
}

/**
 * Where the function runs to reach clusters with private endpoints: in given subnets, with a security group
 * that allows HTTPS out and nothing in. The cluster security groups get an ingress rule for it.
 */
export class Network extends Construct {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, { placement }: NetworkProps) {
    super(scope, id);
    // Attributes instead of a look-up, which would need an account to make the template.
    this.vpc = Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: placement.id,
      availabilityZones: Stack.of(this).availabilityZones.slice(0, 1),
    });
    // Nobody asks for the route tables of these subnets.
    Annotations.of(this).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId');
    this.subnets = placement.subnets.map((subnet, i) => Subnet.fromSubnetId(this, `Subnet${i}`, subnet));
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc: this.vpc,
      description: 'eks-drift-auditor: out to API servers and AWS APIs, nothing in',
      allowAllOutbound: false,
    });
    this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(HTTPS), 'API servers and AWS APIs');
    this.securityGroup.addEgressRule(Peer.anyIpv6(), Port.tcp(HTTPS), 'API servers and AWS APIs');
    for (const groupId of placement.clusterSecurityGroups) {
      this.#letIn(groupId, HTTPS);
    }
  }

  #letIn(groupId: string, port: number): void {
    new CfnSecurityGroupIngress(this, `Into${groupId}At${port}`, {
      groupId,
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      sourceSecurityGroupId: this.securityGroup.securityGroupId,
      description: 'eks-drift-auditor',
    });
  }
}
