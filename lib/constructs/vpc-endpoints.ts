import { Aws, CfnCondition, Fn, Stack, Token } from 'aws-cdk-lib';
import {
  CfnVPCEndpoint,
  type CfnVPCEndpointProps,
  type ISecurityGroup,
  Port,
  SecurityGroup,
} from 'aws-cdk-lib/aws-ec2';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { homeOfOrganizations } from '../../lambda/connect/aws/global-endpoint.ts';
import { type EndpointUsers, endpointPolicy } from '../iam/endpoint-policy.ts';
import {
  askedServices,
  ENDPOINT_SERVICES,
  type EndpointService,
  endpointName,
} from '../iam/endpoint-services.ts';
import type { Permission } from '../iam/grant.ts';
import { explain, explainStatement } from '../reasons.ts';
import type { Network } from './network.ts';

export interface VpcEndpointsProps extends Pick<EndpointUsers, 'members' | 'measurers'> {
  /** Of the function, which alone may use them. */
  readonly network: Pick<Network, 'vpc' | 'subnets' | 'securityGroup' | 'routeTables'>;
  /** What the function may do. */
  readonly permissions: readonly Permission[];
  readonly role: IRole;
}

/**
 * The endpoints that a function needs in a VPC without NAT, for it alone: they have no private DNS, so that everything else in
 * the VPC reaches AWS as before, and the function is told their names.
 */
export class VpcEndpoints extends Construct {
  /** For `VPC_ENDPOINTS`. */
  readonly urls: string;
  readonly #props: VpcEndpointsProps;

  constructor(scope: Construct, id: string, props: VpcEndpointsProps) {
    super(scope, id);
    this.#props = props;
    const { vpc, securityGroup, routeTables } = props.network;
    const group = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'eks-drift-auditor: endpoints of AWS APIs, open to its function only',
      allowAllOutbound: false,
    });
    group.addIngressRule(securityGroup, Port.tcp(443), 'eks-drift-auditor');
    if (routeTables.length > 0)
      this.#make('s3', { vpcEndpointType: 'Gateway', routeTableIds: [...routeTables] });
    const made = endpointsMade(props.permissions, Stack.of(this).region);
    this.urls = made.map((service) => `${service}=${this.#interface(service, group)}`).join(' ');
  }

  #interface(service: EndpointService, group: ISecurityGroup): string {
    const endpoint = this.#make(service, {
      vpcEndpointType: 'Interface',
      subnetIds: this.#props.network.subnets.map(({ subnetId }) => subnetId),
      securityGroupIds: [group.securityGroupId],
      // With it the whole VPC would ask this endpoint, which is closed to all but the function.
      privateDnsEnabled: false,
    });
    // The first is the regional name; each comes after the id of its zone and a colon:
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcendpoint.html
    return `https://${Fn.select(1, Fn.split(':', Fn.select(0, endpoint.attrDnsEntries)))}`;
  }

  #make(
    service: EndpointService,
    props: Omit<CfnVPCEndpointProps, 'vpcId' | 'serviceName' | 'policyDocument'>,
  ): CfnVPCEndpoint {
    const { network, permissions, role, members, measurers } = this.#props;
    const { title } = ENDPOINT_SERVICES[service];
    const policy = endpointPolicy(service, permissions, { roleArn: role.roleArn, members, measurers });
    const endpoint = new CfnVPCEndpoint(this, title.replaceAll(' ', ''), {
      ...props,
      vpcId: network.vpc.vpcId,
      serviceName: this.#serviceName(service),
      policyDocument: policy.document,
    });
    explain(endpoint, `Access to ${title} without NAT, with \`deployment.vpc.endpoints: create\`.`);
    for (const [sid, reason] of policy.reasons) explainStatement(endpoint, sid, reason);
    return endpoint;
  }

  /** Where the region is not known at synth, the partition decides at deployment whether the name is one of China. */
  #serviceName(service: EndpointService): string {
    const { region } = Stack.of(this);
    if (!Token.isUnresolved(region)) return endpointName(service, region);
    const ordinary = endpointName(service, SOMEWHERE).replace(SOMEWHERE, Aws.REGION);
    const chinese = endpointName(service, SOMEWHERE_IN_CHINA).replace(SOMEWHERE_IN_CHINA, Aws.REGION);
    if (chinese === ordinary) return ordinary;
    return Fn.conditionIf(this.#inChina().logicalId, chinese, ordinary).toString();
  }

  #inChina(): CfnCondition {
    const found = this.node.tryFindChild('InChina');
    return found instanceof CfnCondition
      ? found
      : new CfnCondition(this, 'InChina', { expression: Fn.conditionEquals(Aws.PARTITION, 'aws-cn') });
  }
}

const SOMEWHERE = 'eu-west-1';
const SOMEWHERE_IN_CHINA = 'cn-north-1';

/** Those with a network interface; Organizations only where its endpoint is. */
function endpointsMade(permissions: readonly Permission[], region: string): readonly EndpointService[] {
  return askedServices(permissions).filter(
    (service) =>
      ENDPOINT_SERVICES[service].kind === 'interface' &&
      (service !== 'organizations' ||
        (!Token.isUnresolved(region) && homeOfOrganizations(region) === region)),
  );
}
