import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** Names by which clusters and member accounts know the hub; so they do not change with its mode. */
export const roleNames = (name: string) => ({
  /** Reads clusters, and in the mode single does everything: access entries name it. */
  reader: name,
  /** Finds clusters, in the mode fleet. */
  discovery: `${name}Discovery`,
  /** Sends the digest and imports into Security Hub, in the mode fleet. */
  sender: `${name}Sender`,
});

export interface AuditorRoleProps {
  readonly description: string;
  /** @default CloudFormation makes a name */
  readonly roleName?: string;
}

/** A role for one function, without any permission yet. */
export const auditorRole = (scope: Construct, id: string, props: AuditorRoleProps): Role =>
  new Role(scope, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com'), ...props });
