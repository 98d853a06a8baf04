import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentials } from '../environment/aws-services.ts';

export interface TokenOptions {
  readonly credentials: AwsCredentials;
  readonly region: string;
  /** Value of the header x-k8s-aws-id; left out of the request when undefined. */
  readonly cluster: string | undefined;
  /** When it is signed; default the present. */
  readonly signedAt?: Date;
  /** Default the regional STS. */
  readonly host?: string;
  /** Query parameters beyond those of GetCallerIdentity. */
  readonly query?: Readonly<Record<string, string>>;
  /** Changes the URL after it was signed. */
  readonly afterwards?: (url: URL) => void;
}

/**
 * A bearer token for an EKS cluster, written down here apart from the product so that one proves the
 * other: a presigned GetCallerIdentity in unpadded base64url behind `k8s-aws-v1.`.
 *
 * @see https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster
 */
export async function eksToken(options: TokenOptions): Promise<string> {
  const host = options.host ?? `sts.${options.region}.amazonaws.com`;
  const signer = new SignatureV4({
    service: 'sts',
    region: options.region,
    credentials: options.credentials,
    sha256: Sha256,
  });
  const signed = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname: host,
      path: '/',
      headers: { host, ...(options.cluster !== undefined && { 'x-k8s-aws-id': options.cluster }) },
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15', ...options.query },
    },
    { expiresIn: 60, signingDate: options.signedAt ?? new Date() },
  );
  const url = new URL(`https://${host}/`);
  for (const [name, value] of Object.entries(signed.query ?? {})) {
    url.searchParams.set(name, String(value));
  }
  options.afterwards?.(url);
  return `k8s-aws-v1.${Buffer.from(url.toString()).toString('base64url')}`;
}
