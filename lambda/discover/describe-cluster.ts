import { type Cluster, DescribeClusterCommand } from '@aws-sdk/client-eks';
import { codeOf } from '../connect/aws/errors.ts';
import type { AuthenticationMode, EksEndpoint, EksIdentity } from '../connect/eks/endpoint.ts';
import { ReadError } from '../errors.ts';
import { errorAt, gapOf, identityAt, type Place } from './place.ts';
import type { ClusterFacts, DiscoveryGap } from './target.ts';

export type Described =
  | { readonly cluster: Cluster; readonly identity: EksIdentity }
  | { readonly gap: DiscoveryGap }
  /** There is no cluster of this name here, or not any more. */
  | 'absent';

/** Asks EKS for a cluster, and makes sure that the answer is about that one. */
export async function describeCluster(place: Place, name: string): Promise<Described> {
  const identity = identityAt(place, name);
  let cluster: Cluster | undefined;
  try {
    ({ cluster } = await place.eks.send(new DescribeClusterCommand({ name })));
  } catch (error) {
    if (codeOf(error) === 'ResourceNotFoundException') return 'absent';
    return { gap: gapOf(identity, errorAt(place, 'eks:DescribeCluster', error)) };
  }
  if (cluster?.arn !== identity.arn || cluster.name !== name) {
    return { gap: gapOf(identity, another(identity, cluster?.arn)) };
  }
  return { cluster, identity };
}

function another({ arn }: EksIdentity, answered: string | undefined): ReadError {
  return new ReadError(
    'unauthorized',
    `EKS described ${answered ?? 'a cluster without an ARN'} instead of ${arn}; the cluster was not read.`,
    'Check the credentials and AWS_ENDPOINT_URL_EKS: they lead to another account or region.',
  );
}

/** How to reach a described cluster; an error when it cannot be audited now, with the command that helps. */
export function endpointOf(place: Place, cluster: Cluster, identity: EksIdentity): EksEndpoint | ReadError {
  const { endpoint, certificateAuthority, resourcesVpcConfig: vpc } = cluster;
  if (cluster.connectorConfig !== undefined) return registeredOnly(identity);
  // Whatever the status: a cluster that is being updated or deleted goes on to run pods.
  if (!endpoint && cluster.status !== 'ACTIVE') return notActive(identity, cluster.status);
  const local = cluster.outpostConfig !== undefined;
  if (local && !cluster.id) return noId(identity);
  if (!endpoint || !certificateAuthority?.data)
    return noEndpoint(identity, endpoint ? 'certificate authority' : 'endpoint');
  return {
    identity,
    endpoint,
    certificateAuthority: certificateAuthority.data,
    role: place.role,
    authenticationMode: (cluster.accessConfig?.authenticationMode as AuthenticationMode | undefined) ?? null,
    access: {
      // EKS opens the public endpoint unless configured otherwise.
      public: vpc?.endpointPublicAccess ?? true,
      private: vpc?.endpointPrivateAccess ?? false,
      publicCidrs: vpc?.publicAccessCidrs ?? [],
    },
    vpcId: vpc?.vpcId || null,
    ...(local && cluster.id ? { clusterId: cluster.id } : {}),
  };
}

export function factsOf(cluster: Cluster): Omit<ClusterFacts, 'vpcCni' | 'fargateProfiles' | 'unread'> {
  const { version, platformVersion, createdAt, status, kubernetesNetworkConfig, computeConfig } = cluster;
  return {
    version: version ?? null,
    platformVersion: platformVersion ?? null,
    createdAt: createdAt?.toISOString() ?? null,
    status: status ?? null,
    ipFamily: kubernetesNetworkConfig?.ipFamily ?? null,
    serviceRanges: [
      kubernetesNetworkConfig?.serviceIpv4Cidr,
      kubernetesNetworkConfig?.serviceIpv6Cidr,
    ].filter((block) => block !== undefined),
    autoMode: computeConfig?.enabled ?? null,
  };
}

/** https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html (status) */
function notActive({ name, region }: EksIdentity, status: string | undefined): ReadError {
  const cluster = `--region ${region} --name ${name}`;
  const message = `The cluster ${name} in ${region} is ${status ?? 'in an unknown state'} and has no endpoint, so it was not audited.`;
  const remedy =
    status === 'DELETING'
      ? 'No action is needed if its deletion is intended.'
      : status === 'FAILED'
        ? `Look at what failed with aws eks describe-cluster ${cluster} --query cluster.health.`
        : `Wait for it with aws eks wait cluster-active ${cluster}, then run again.`;
  return new ReadError('unreachable', message, remedy);
}

function noEndpoint({ name, region }: EksIdentity, what: string): ReadError {
  return new ReadError(
    'field-missing',
    `EKS gives no ${what} for the cluster ${name} in ${region}, so it cannot be reached.`,
    `Look at it with aws eks describe-cluster --region ${region} --name ${name}.`,
  );
}

/** `id`: https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html */
function noId({ name, region }: EksIdentity): ReadError {
  return new ReadError(
    'field-missing',
    `The cluster ${name} in ${region} is local to an Outpost, and EKS does not give the id that its tokens are signed for.`,
    `Look at it with aws eks describe-cluster --region ${region} --name ${name} --query cluster.id.`,
  );
}

function registeredOnly({ name }: EksIdentity): ReadError {
  return new ReadError(
    'platform',
    `The cluster ${name} is only registered with EKS and runs elsewhere; EKS does not say how to reach it.`,
    'Audit it through a kubeconfig: --context.',
  );
}
