import { type IPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

export interface MeasuringRoleProps {
  readonly roleName: string;
  /** Who takes it on. */
  readonly assumedBy: IPrincipal;
}

/**
 * The role whose tokens kubelets get. It has no permission in AWS and never gets one: whoever owns a node can use what is
 * sent to it. In clusters it is in the group `eks-drift-auditor-measure`, which may read the statistics of nodes and nothing
 * else (manifests/measure-role.yaml).
 */
export const measuringRole = (scope: Construct, id: string, props: MeasuringRoleProps): Role =>
  new Role(scope, id, {
    description: 'Asks kubelets how much containers wrote: the principal of separate access entries',
    ...props,
  });
