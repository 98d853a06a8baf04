import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';

/** A VPC that the app has at hand, instead of `deployment.vpc` in the configuration. */
export interface AuditorVpc {
  readonly vpc: IVpc;
  /** @default the subnets with egress */
  readonly subnets?: SubnetSelection;
  /** Security groups of the clusters, which get an ingress rule on 443. @default none */
  readonly clusterSecurityGroups?: readonly ISecurityGroup[];
}
