import { EKSClient } from '@aws-sdk/client-eks';
import type { AwsAccess, AwsAccount, AwsRole } from '../connect/aws/access.ts';
import { bounded, serviceConfig } from '../connect/aws/client.ts';
import { awsError } from '../connect/aws/errors.ts';
import type { EksIdentity } from '../connect/eks/endpoint.ts';
import type { ReadError } from '../errors.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import type { DiscoveryGap } from './target.ts';

/** One account in one region, with what to ask it by. */
export interface Place {
  readonly account: AwsAccount;
  readonly role: AwsRole | null;
  readonly region: string;
  readonly eks: EKSClient;
}

export interface PlaceName {
  /** `null` when not even the account of the credentials is known. */
  readonly accountId: string | null;
  readonly region: string;
}

export function openPlace(
  access: AwsAccess,
  { account, role, region }: Pick<Place, 'account' | 'role' | 'region'>,
): Place {
  const { credentials } = account;
  const { settings } = access;
  const eks = bounded(
    new EKSClient(serviceConfig('eks', { ...settings, region, credentials })),
    settings.signal,
  );
  return { account, role, region, eks };
}

/** The identity that a cluster of this name has here. */
export function identityAt({ account, region }: Place, name: string): EksIdentity {
  const { accountId, partition } = account;
  return { name, arn: `arn:${partition}:eks:${region}:${accountId}:cluster/${name}`, accountId, region };
}

/** The sentence for a call that failed here. The credentials are good: AWS has said whose they are. */
export function errorAt({ account, region }: Place, action: string, error: unknown): ReadError {
  return awsError(error, {
    action,
    region,
    what: `account ${account.accountId}`,
    verified: true,
  });
}

export function placeGap({ accountId, region }: PlaceName, error: ReadError): DiscoveryGap {
  const account = accountId ?? 'this account';
  const cluster = { name: `(all clusters of ${account} in ${region})`, arn: null, accountId, region };
  return { ...gapOf(cluster, error), scope: 'place' };
}

export function gapOf(cluster: ClusterIdentity, { reason, message, remedy }: ReadError): DiscoveryGap {
  return { cluster, scope: 'cluster', reason, message, remedy };
}
