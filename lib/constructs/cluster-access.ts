import { CfnAccessEntry } from 'aws-cdk-lib/aws-eks';
import { Construct } from 'constructs';
import { AUDITOR_GROUP } from '../../lambda/connect/eks/errors.ts';
import { explain } from '../reasons.ts';

export interface ClusterAccessProps {
  /** In the account and region of the stack; its authentication mode must be API or API_AND_CONFIG_MAP. */
  readonly clusterName: string;
  /** The role that signs the auditor's tokens. */
  readonly principalArn: string;
  /** The group that it becomes a member of. @default that of the auditor */
  readonly group?: string;
}

/**
 * Lets the auditor into one EKS cluster as a member of its group, which may do nothing until the cluster has
 * the ClusterRole: `kubectl apply -f manifests/cluster-role.yaml`, or {@link clusterAccess} in a CDK app that
 * manages the cluster's objects.
 */
export class ClusterAccess extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { clusterName, principalArn, group = AUDITOR_GROUP }: ClusterAccessProps,
  ) {
    super(scope, id);
    explain(
      this,
      'Lets the role into a cluster of `deployment.accessEntries`, as a member of one group without rights.',
    );
    new CfnAccessEntry(this, 'Entry', {
      clusterName,
      principalArn,
      type: 'STANDARD',
      kubernetesGroups: [group],
    });
  }
}
