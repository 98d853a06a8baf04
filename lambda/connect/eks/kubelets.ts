import { ReadError } from '../../errors.ts';
import { once } from '../../once.ts';
import type { AwsAccess, AwsRole } from '../aws/access.ts';
import { type Kubelets, type KubeletsOptions, openKubelets } from '../kube/kubelets.ts';
import { authorityOf, type EksEndpoint } from './endpoint.ts';
import { eksTokenSource } from './token.ts';

export interface EksKubeletsOptions extends Pick<KubeletsOptions, 'limits'> {
  /** Name of the role in the account of the cluster that may read the statistics of nodes, and nothing else. */
  readonly roleName: string;
  /** Epoch milliseconds, for tokens. @defaultValue the clock */
  readonly now?: (() => number) | undefined;
}

/**
 * The kubelets of an EKS cluster, asked with tokens of the measuring role. The token with which the API server is read never
 * leaves for a node: whoever owns the node could read the cluster with it.
 */
export function eksKubelets(
  target: EksEndpoint,
  access: AwsAccess,
  { roleName, now, limits }: EksKubeletsOptions,
): Kubelets {
  const tokens = once(() => signIn(target, access, { roleName, now }));
  return openKubelets({
    ...(limits === undefined ? {} : { limits }),
    async credentials(rejected) {
      const token = await tokens();
      return {
        headers: { authorization: `Bearer ${await token(rejected)}` },
        tls: { ca: authorityOf(target) },
      };
    },
  });
}

async function signIn(
  target: EksEndpoint,
  access: AwsAccess,
  { roleName, now }: Pick<EksKubeletsOptions, 'roleName' | 'now'>,
) {
  const { identity, role, clusterId } = target;
  const { accountId, name, region } = identity;
  const measuring: AwsRole = {
    arn: `arn:${identity.arn.split(':')[1]}:iam::${accountId}:role/${roleName}`,
    externalId: role?.externalId ?? null,
    tags: role?.tags ?? {},
  };
  const reading = await access.account({ role, accountId });
  if (nameOfRole(reading.principalArn) === nameOfRole(measuring.arn)) throw sameRole(measuring.arn);
  const { credentials } = await access.account({ role: measuring, accountId });
  return eksTokenSource({
    cluster: clusterId ?? name,
    region,
    credentials,
    ...(now === undefined ? {} : { now }),
  });
}

const nameOfRole = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

const sameRole = (arn: string): ReadError =>
  new ReadError(
    'unauthorized',
    `The measuring role ${arn} is the role that reads the cluster, whose tokens must not be sent to nodes; no kubelet was asked.`,
    'Set measure.roleName to a separate role, which only the group eks-drift-auditor-measure lets into the cluster.',
  );
