import type { Config } from '../config/config.ts';
import type { AwsAccess } from '../connect/aws/access.ts';
import { openEc2 } from '../connect/aws/ec2-query.ts';
import { awsError } from '../connect/aws/errors.ts';
import type { ClusterTarget } from '../discover/target.ts';
import { ReadError } from '../errors.ts';
import { unreadVpc, type VpcReading } from '../inventory/vpc.ts';
import { orAborted } from '../or-aborted.ts';
import { readVpc } from '../vpc/read-vpc.ts';

export interface AskVpcOptions {
  readonly routing: Config['egress']['routing'];
  /** When it fires, pods must not wait for EC2; its reason is a ReadError. */
  readonly signal?: AbortSignal | undefined;
}

const NOT_KNOWN = 'What the VPC routes is not known:';

/**
 * Asks EC2 about the VPC of a cluster and the instances of its nodes, with the credentials that found the
 * cluster. Whatever stands in the way makes the answer unknown, never the audit of the cluster.
 */
export async function askVpc(
  target: ClusterTarget,
  access: AwsAccess,
  { routing, signal, nodes }: AskVpcOptions & { readonly nodes: readonly string[] },
): Promise<VpcReading> {
  const { identity, role, vpcId } = target;
  const { region, accountId, name } = identity;
  if (routing === 'off') {
    return unreadVpc(`${NOT_KNOWN} the configuration has egress.routing: off. Set it to read.`);
  }
  if (vpcId === null) {
    const command = `aws eks describe-cluster --region ${region} --name ${name} --query cluster.resourcesVpcConfig`;
    return unreadVpc(`${NOT_KNOWN} EKS returned no VPC for the cluster. Look at ${command}.`);
  }
  const explain = (action: string, error: unknown): ReadError =>
    awsError(error, { action, region, what: `account ${accountId}`, verified: true });
  try {
    const { credentials } = await access.account({ role, accountId });
    const ec2 = openEc2({ ...access.settings, region, credentials });
    const reading = readVpc({ ec2, vpcId, explain }, nodes).finally(() => ec2.close());
    return await orAborted(reading, signal);
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    return unreadVpc(`${NOT_KNOWN} ${error.message} ${error.remedy}`);
  }
}
