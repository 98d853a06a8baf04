import type { AwsAccess } from '../aws/access.ts';
import { type KubeApi, type KubeResponse, openKubeApi } from '../kube/kube-api.ts';
import { assertConsistent, authorityOf, type EksEndpoint } from './endpoint.ts';
import { explainConnection, notLetIn } from './errors.ts';
import { eksTokenSource } from './token.ts';

export interface EksOptions {
  /** Whether to ask for compressed answers. @defaultValue `false` */
  readonly gzip?: boolean;
  /** Epoch milliseconds, for tokens. @defaultValue the clock */
  readonly now?: () => number;
}

/**
 * Opens the API server of an EKS cluster. Nothing is sent before the first request.
 *
 * That it is this cluster and no other is proven three times over: its ARN, account and role agree; AWS says
 * that the credentials are of its account; and the server must show a certificate of the cluster's own
 * authority. The token is signed for this cluster alone.
 * @throws ReadError when the target contradicts itself or has no certificate authority
 */
export function connectEks(target: EksEndpoint, access: AwsAccess, options: EksOptions = {}): KubeApi {
  assertConsistent(target);
  const ca = authorityOf(target);
  let signedIn: Promise<SignIn> | null = null;
  const signIn = (): Promise<SignIn> => {
    signedIn ??= openSignIn(target, access, options);
    return signedIn;
  };
  let answered = false;
  const api = openKubeApi({
    server: target.endpoint,
    gzip: options.gzip ?? false,
    async credentials(rejected) {
      answered ||= rejected;
      const { token } = await signIn();
      return { headers: { authorization: `Bearer ${await token(rejected)}` }, tls: { ca } };
    },
  });
  return {
    ...api,
    async request(request) {
      const { token, principalArn } = await signIn();
      // What AWS has to say about the credentials must not be taken for a word of the cluster's.
      await token(false);
      let response: KubeResponse;
      try {
        response = await api.request(request);
      } catch (error) {
        throw explainConnection(target, error, answered);
      }
      answered = true;
      if (response.status === 401) throw notLetIn(target, principalArn);
      return response;
    },
  };
}

interface SignIn {
  readonly principalArn: string;
  readonly token: (rejected: boolean) => Promise<string>;
}

async function openSignIn(target: EksEndpoint, access: AwsAccess, { now }: EksOptions): Promise<SignIn> {
  const { identity, role } = target;
  const { principalArn, credentials } = await access.account({ role, accountId: identity.accountId });
  const { name, region } = identity;
  const cluster = target.clusterId ?? name;
  const token = eksTokenSource({ cluster, region, credentials, ...(now === undefined ? {} : { now }) });
  return { principalArn, token };
}
