import { partition } from '@aws-sdk/core/client';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { MINUTE } from '../../inventory/durations.ts';
import type { CredentialsProvider } from '../aws/client.ts';

export interface EksTokenOptions {
  /** Its name; the id of a local cluster on an Outpost. */
  readonly cluster: string;
  readonly region: string;
  readonly credentials: CredentialsProvider;
  /** Epoch milliseconds. @defaultValue the clock */
  readonly now?: () => number;
}

export interface EksToken {
  readonly token: string;
  /** Epoch milliseconds: when to make another one. */
  readonly renewAt: number;
}

/**
 * STS takes a presigned request for 15 minutes after its date, whatever `X-Amz-Expires` says; the official
 * client gives a token up a minute before (aws-iam-authenticator, `pkg/token/token.go`).
 */
const LIFETIME = 14 * MINUTE;
/** Ignored by STS; authenticators up to 0.3.0 refuse more (same file). */
const PRESIGNED_SECONDS = 60;

/**
 * A bearer token for one EKS cluster: a presigned `GetCallerIdentity` that names the cluster in the signed
 * header `x-k8s-aws-id`, so that the API server of a cluster with another name refuses it.
 * https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster
 */
export async function mintEksToken(options: EksTokenOptions): Promise<EksToken> {
  const { cluster, region, credentials } = options;
  const now = (options.now ?? Date.now)();
  const host = publicSts(region);
  const identity = await credentials();
  const signer = new SignatureV4({ service: 'sts', region, credentials: identity, sha256: Sha256 });
  const { query = {} } = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname: host,
      path: '/',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { host, 'x-k8s-aws-id': cluster },
    },
    { expiresIn: PRESIGNED_SECONDS, signingDate: new Date(now) },
  );
  const url = `https://${host}/?${new URLSearchParams(query as Record<string, string>)}`;
  // A token is worth nothing once the credentials that signed it have expired.
  const end =
    identity.expiration === undefined ? Number.POSITIVE_INFINITY : identity.expiration.getTime() - MINUTE;
  return {
    token: `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`,
    renewAt: Math.min(now + LIFETIME, end),
  };
}

/**
 * The regional STS as the public knows it. Neither `AWS_ENDPOINT_URL` nor a VPC endpoint's name may stand in a token: it
 * is the cluster that sends the request, and EKS takes no other host (`verifyHost` in `pkg/token/token.go`).
 * https://docs.aws.amazon.com/general/latest/gr/sts.html
 */
const publicSts = (region: string): string => `sts.${region}.${partition(region).dnsSuffix}`;

/** Hands out one token until it is time for another one, or the cluster has refused it. */
export function eksTokenSource(options: EksTokenOptions): (rejected: boolean) => Promise<string> {
  const now = options.now ?? Date.now;
  let kept: Promise<EksToken> | null = null;
  const mint = async (): Promise<string> => {
    const minting = mintEksToken(options);
    kept = minting;
    try {
      return (await minting).token;
    } catch (error) {
      if (kept === minting) kept = null;
      throw error;
    }
  };
  return async (rejected) => {
    if (rejected || kept === null) return mint();
    const { token, renewAt } = await kept;
    return now() < renewAt ? token : mint();
  };
}
