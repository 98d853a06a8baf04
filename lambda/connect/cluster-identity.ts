import type { ClusterIdentity } from '../inventory/names.ts';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelastickubernetesservice.html */
const EKS_CLUSTER_ARN =
  /^arn:aws[a-z-]*:eks:(?<region>[a-z0-9-]+):(?<account>\d{12}):cluster\/(?<name>[0-9A-Za-z][\w-]*)$/;

/** @returns `null` when the text is not the ARN of an EKS cluster. */
export function parseClusterArn(arn: string): ClusterIdentity | null {
  const found = EKS_CLUSTER_ARN.exec(arn)?.groups;
  if (!found) return null;
  return {
    name: found['name'] ?? '',
    arn,
    accountId: found['account'] ?? null,
    region: found['region'] ?? null,
  };
}

/**
 * How eksctl names clusters, and contexts with the user before it
 * (https://github.com/eksctl-io/eksctl/blob/main/pkg/utils/kubeconfig/kubeconfig.go, `NewBuilder`). It does not say
 * the account.
 */
const EKSCTL = /^(?:.+@)?(?<name>[0-9A-Za-z][\w-]*)\.(?<region>[a-z]{2,}(?:-[a-z]+)+-\d{1,2})\.eksctl\.io$/;

function parseEksctlName(text: string): ClusterIdentity | null {
  const found = EKSCTL.exec(text)?.groups;
  if (!found) return null;
  return { name: found['name'] ?? '', arn: null, accountId: null, region: found['region'] ?? null };
}

/**
 * Which cluster a context of a kubeconfig means. `aws eks update-kubeconfig` names the cluster entry by
 * its ARN, even when `--alias` gives the context another name; eksctl names it by name and region, so that the contexts
 * of two users are one cluster; everything else is known by its context.
 */
export function identityOfContext(context: {
  readonly name: string;
  readonly cluster: string;
}): ClusterIdentity {
  return (
    parseClusterArn(context.cluster) ??
    parseClusterArn(context.name) ??
    parseEksctlName(context.cluster) ??
    parseEksctlName(context.name) ?? { name: context.name, arn: null, accountId: null, region: null }
  );
}
