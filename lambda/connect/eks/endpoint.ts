import { X509Certificate } from 'node:crypto';
import { ReadError } from '../../errors.ts';
import type { ClusterIdentity } from '../../inventory/names.ts';
import { type AwsRole, accountOfArn } from '../aws/access.ts';
import { parseClusterArn } from '../cluster-identity.ts';
import { oneLine } from '../text.ts';

/** Of an EKS cluster everything is known. */
export interface EksIdentity extends ClusterIdentity {
  readonly arn: string;
  readonly accountId: string;
  readonly region: string;
}

/** From where the API server is reached, as its cluster is configured. */
export interface EndpointAccess {
  readonly public: boolean;
  readonly private: boolean;
  /** Who may use the public endpoint; empty when EKS did not say. */
  readonly publicCidrs: readonly string[];
}

export type AuthenticationMode = 'API' | 'API_AND_CONFIG_MAP' | 'CONFIG_MAP';

/** An EKS cluster, with what it takes to reach it and to be sure that it is the one. Plain JSON. */
export interface EksEndpoint {
  readonly identity: EksIdentity;
  /** URL of the API server. */
  readonly endpoint: string;
  /** The cluster's own certificate authority: PEM in base64, as `DescribeCluster` gives it. */
  readonly certificateAuthority: string;
  /** Who reads it; `null`: the program's own credentials. */
  readonly role: AwsRole | null;
  /** `null` when EKS did not say. */
  readonly authenticationMode: AuthenticationMode | null;
  readonly access: EndpointAccess;
  readonly vpcId: string | null;
  /**
   * Only of a local cluster on an Outpost: what its tokens are signed for, instead of the name
   * (`--cluster-id` of https://docs.aws.amazon.com/cli/latest/reference/eks/get-token.html).
   */
  readonly clusterId?: string | null | undefined;
}

/**
 * Refuses a target that contradicts itself: its ARN, name, account, region and role must be of one and the same
 * cluster, or findings would be filed under a name that is not theirs.
 * @throws ReadError
 */
export function assertConsistent({ identity, role, endpoint }: EksEndpoint): void {
  const named = parseClusterArn(identity.arn);
  const same =
    named !== null &&
    named.name === identity.name &&
    named.accountId === identity.accountId &&
    named.region === identity.region;
  if (!same)
    throw contradiction(identity, `its ARN ${oneLine(identity.arn, 200)} is that of another cluster`);
  if (role !== null && accountOfArn(role.arn) !== identity.accountId) {
    throw contradiction(
      identity,
      `the role ${oneLine(role.arn, 200)} is not of its account ${identity.accountId}`,
    );
  }
  if (URL.parse(endpoint)?.protocol !== 'https:') {
    throw contradiction(identity, `its endpoint "${oneLine(endpoint, 200)}" is no https:// URL`);
  }
}

function contradiction({ name }: EksIdentity, what: string): ReadError {
  return new ReadError(
    'unauthorized',
    `The target ${oneLine(name, 100)} contradicts itself: ${what}; nothing was read.`,
    'Discover the clusters again.',
  );
}

/**
 * The PEM of the one authority that the API server's certificate is checked against. Every cluster has an
 * authority of its own (https://docs.aws.amazon.com/eks/latest/userguide/cluster-trust.html), so that whoever
 * answers with a certificate of it is this cluster. There is no fallback to public authorities.
 * @throws ReadError when there is none
 */
export function authorityOf({ identity, certificateAuthority }: EksEndpoint): string {
  const pem = Buffer.from(certificateAuthority, 'base64').toString('utf8');
  try {
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    throw new ReadError(
      'field-missing',
      `EKS returned no usable certificate authority for the cluster ${identity.name}, so the identity of its API server cannot be verified.`,
      `Look at it with aws eks describe-cluster --region ${identity.region} --name ${identity.name}.`,
      error,
    );
  }
}
