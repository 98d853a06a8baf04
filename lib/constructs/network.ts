import { Annotations, Stack, Token } from 'aws-cdk-lib';
import {
  CfnSecurityGroupIngress,
  type ISubnet,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  Subnet,
  type SubnetSelection,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { VpcPlacement } from '../../lambda/config/config.ts';
import { UsageError } from '../../lambda/errors.ts';
import { explain } from '../reasons.ts';
import type { AuditorVpc } from './auditor-vpc.ts';

/** Of the API server, and of every AWS API. */
const HTTPS = 443;
/** https://kubernetes.io/docs/reference/networking/ports-and-protocols/ */
const KUBELET = 10_250;

export interface NetworkProps {
  readonly placement: VpcPlacement | AuditorVpc;
  /** Whether kubelets are asked as well. @default false */
  readonly kubelets?: boolean;
}

/**
 * Where the function runs to reach clusters with private endpoints: in given subnets, with a security group
 * that allows HTTPS out and nothing in. The cluster security groups get an ingress rule for it.
 */
export class Network extends Construct {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  readonly securityGroup: SecurityGroup;
  /** Whether the endpoints that the function needs are made, and which route tables get a gateway for S3. */
  readonly endpoints: 'create' | 'off';
  readonly routeTables: readonly string[];
  readonly ipv6: 'on' | 'off' | 'only';

  constructor(scope: Construct, id: string, { placement, kubelets = false }: NetworkProps) {
    super(scope, id);
    explain(
      this,
      'Places the function in the VPC, with `deployment.vpc`: HTTPS out and nothing in, and ports 443 and 10250 of clusters open for it.',
    );
    const { vpc, subnets, groupIds } = 'vpc' in placement ? given(placement) : this.#imported(placement);
    this.endpoints = placement.endpoints ?? 'off';
    this.routeTables = placement.routeTables ?? [];
    this.ipv6 = placement.ipv6 ?? 'off';
    this.vpc = vpc;
    this.subnets = subnets;
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc: this.vpc,
      description: 'eks-drift-auditor: out to API servers and AWS APIs, nothing in',
      allowAllOutbound: false,
    });
    this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(HTTPS), 'API servers and AWS APIs');
    this.securityGroup.addEgressRule(Peer.anyIpv6(), Port.tcp(HTTPS), 'API servers and AWS APIs');
    if (kubelets) {
      this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(KUBELET), 'Kubelets');
      this.securityGroup.addEgressRule(Peer.anyIpv6(), Port.tcp(KUBELET), 'Kubelets');
    }
    groupIds.forEach((groupId, index) => {
      // The id of a security group of the app is not known yet.
      const name = Token.isUnresolved(groupId) ? `Group${index}` : groupId;
      this.#letIn(name, groupId, HTTPS);
      // Nodes of managed groups and of Auto Mode have the cluster security group, too.
      if (kubelets) this.#letIn(name, groupId, KUBELET);
    });
  }

  #imported({ id, subnets, clusterSecurityGroups }: VpcPlacement): Placed {
    // Attributes instead of a look-up, which would need an account to make the template.
    const vpc = Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: id,
      availabilityZones: Stack.of(this).availabilityZones.slice(0, 1),
    });
    // Nobody asks for the route tables of these subnets.
    Annotations.of(this).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId');
    return {
      vpc,
      subnets: subnets.map((subnet, i) => Subnet.fromSubnetId(this, `Subnet${i}`, subnet)),
      groupIds: clusterSecurityGroups,
    };
  }

  #letIn(id: string, groupId: string, port: number): void {
    new CfnSecurityGroupIngress(this, `Into${id}At${port}`, {
      groupId,
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      sourceSecurityGroupId: this.securityGroup.securityGroupId,
      description: 'eks-drift-auditor',
    });
  }
}

interface Placed {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  readonly groupIds: readonly string[];
}

function given(placement: AuditorVpc): Placed {
  const { vpc, subnets, clusterSecurityGroups = [], endpoints = 'off', routeTables = [] } = placement;
  if (endpoints === 'off' && routeTables.length > 0) {
    throw new UsageError(
      "vpc.routeTables get a gateway endpoint only with endpoints: 'create'; add it, or leave routeTables out.",
    );
  }
  if (subnets === undefined && endpoints === 'off' && vpc.privateSubnets.length === 0) {
    throw new UsageError(
      "The VPC has no private subnets with NAT: give vpc.subnets, or endpoints: 'create', which makes the endpoints that the function needs in the isolated ones.",
    );
  }
  return {
    vpc,
    subnets: vpc.selectSubnets(subnets ?? usual(vpc, endpoints)).subnets,
    groupIds: clusterSecurityGroups.map(({ securityGroupId }) => securityGroupId),
  };
}

/** Where endpoints are made there is no NAT as a rule. An endpoint takes one subnet of an availability zone. */
function usual(vpc: IVpc, endpoints: 'create' | 'off'): SubnetSelection {
  if (endpoints === 'off') return { subnetType: SubnetType.PRIVATE_WITH_EGRESS };
  const isolated = vpc.isolatedSubnets.length > 0;
  return {
    subnetType: isolated ? SubnetType.PRIVATE_ISOLATED : SubnetType.PRIVATE_WITH_EGRESS,
    onePerAz: true,
  };
}
