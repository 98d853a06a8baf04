import { isIP, isIPv6 } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { ReadError } from '../../errors.ts';
import type { TlsMaterial } from './dispatcher.ts';
import { type Credentials, type KubeApiLimits, type KubeResponse, openKubeApi } from './kube-api.ts';
import { kubeletError, kubeletStatusError, NO_ADDRESS, NO_AUTHORITY } from './kubelet-errors.ts';

/** Where the kubelet of a node listens. */
export interface KubeletAddress {
  readonly address: string | null;
  readonly port: number | null;
}

/** Reads what kubelets say of the use of resources, and nothing else of them. */
export interface Kubelets {
  /**
   * `GET /stats/summary`.
   * @throws ReadError for anything but an answer of 200, in words that hold for any node; `TransientReadError` when another attempt may help.
   */
  summary(kubelet: KubeletAddress, signal?: AbortSignal): Promise<KubeResponse>;
}

export interface KubeletsOptions {
  /**
   * Of an identity that may do nothing else: whoever owns a node can use a token that is sent to it at the API server,
   * until it expires. With the authority that the certificates of kubelets are checked against.
   * @param rejected a kubelet has just answered 401; asked so at most once, since the next ones will not take it either
   */
  readonly credentials: (rejected: boolean) => Promise<Credentials>;
  readonly limits?: Partial<KubeApiLimits>;
}

/** A node that is gone must not hold the others up. */
const LIMITS: Partial<KubeApiLimits> = {
  connectMs: 3_000,
  headersMs: 10_000,
  bodyMs: 10_000,
  totalMs: 10_000,
  bodyBytes: 16 * 1024 * 1024,
};

/** `webhook` authentication of a kubelet takes the tokens of the API server. */
export const STATS_PATH = '/stats/summary';

/**
 * Opens the way to the kubelets of a cluster. Certificates are checked against the authority of the cluster and for the
 * address of the node, whatever a kubeconfig says of verification: EKS signs them with both
 * (https://github.com/awslabs/amazon-eks-ami/issues/610). A proxy of the environment is not used: addresses of nodes mean
 * something inside of the VPC alone.
 */
export function openKubelets({ credentials, limits }: KubeletsOptions): Kubelets {
  let renewal: Promise<Credentials> | null = null;
  const contextOf = createContexts();
  const verified = async (rejected: boolean): Promise<Credentials> => {
    if (rejected) renewal ??= credentials(true);
    const { headers, tls } = await (rejected && renewal !== null ? renewal : credentials(false));
    if (tls.ca === undefined) throw NO_AUTHORITY;
    const checked = { ...tls, rejectUnauthorized: true, servername: undefined };
    return { headers, tls: { ...checked, secureContext: contextOf(tls) } };
  };
  return {
    async summary({ address, port }, signal) {
      if (address === null || isIP(address) === 0 || port === null) throw NO_ADDRESS;
      // What keeps credentials from being made is no fault of the kubelet.
      await verified(false);
      // Nothing is kept of a kubelet: it is asked once.
      const api = openKubeApi({
        server: `https://${isIPv6(address) ? `[${address}]` : address}:${port}`,
        environmentProxy: false,
        credentials: verified,
        limits: { ...LIMITS, ...limits },
      });
      let response: KubeResponse;
      try {
        response = await api.request({ path: STATS_PATH, ...(signal === undefined ? {} : { signal }) });
      } catch (error) {
        signal?.throwIfAborted();
        throw error instanceof ReadError ? kubeletError(error, address) : error;
      } finally {
        await api.close();
      }
      if (response.status !== 200) throw kubeletStatusError(response);
      return response;
    },
  };
}

/** To read the authority anew for each of thousands of kubelets takes longer than to ask them. */
function createContexts(): (tls: TlsMaterial) => SecureContext {
  let kept: { readonly key: string; readonly context: SecureContext } | null = null;
  return ({ ca, cert, key, pfx, passphrase }) => {
    const material = { ca, cert, key, pfx, passphrase };
    const same = JSON.stringify(material);
    if (kept?.key !== same) kept = { key: same, context: createSecureContext(material) };
    return kept.context;
  };
}
