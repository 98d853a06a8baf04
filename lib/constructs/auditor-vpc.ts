import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';

/** A VPC that the app has at hand, instead of `deployment.vpc` in the configuration. */
export interface AuditorVpc {
  readonly vpc: IVpc;
  /** @default the subnets with egress; with `endpoints: 'create'` the isolated ones, one for each availability zone */
  readonly subnets?: SubnetSelection;
  /** Security groups of the clusters, which get an ingress rule on 443. @default none */
  readonly clusterSecurityGroups?: readonly ISecurityGroup[];
  /**
   * Whether the VPC endpoints that the function needs are made, for it alone. They take one subnet for each availability zone.
   * @default 'off': the VPC has NAT, or endpoints of its own
   */
  readonly endpoints?: 'create' | 'off';
  /**
   * Whether the function may use IPv6 (`on`), and asks AWS APIs outside of the VPC by it as well (`only`), at their dual-stack
   * endpoints. The subnets must be dual-stack.
   * @default 'off'
   */
  readonly ipv6?: 'on' | 'off' | 'only';
  /**
   * Ids of route tables, those of the subnets, that get a gateway endpoint for S3 with `endpoints: 'create'`.
   * @default none: they have one
   */
  readonly routeTables?: readonly string[];
}
