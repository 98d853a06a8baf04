import type { KubeApi } from '../connect/kube/kube-api.ts';
import { ReadError } from '../errors.ts';

/** Whoever can sign in may ask for it (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#discovery-roles). */
export const VERSION_PATH = '/version';

/** Such as `v1.36.1-eks-1a2b3c4`; more than that is not from a kube-apiserver. */
const GIT_VERSION = /^v\d+\.\d+[\w.+-]{0,60}$/;

/**
 * Asks an API server for its version, once: no verdict depends on it.
 * @returns `null` when it does not say
 */
export async function readServerVersion(api: KubeApi): Promise<string | null> {
  try {
    const response = await api.request({ path: VERSION_PATH });
    if (response.status !== 200) return null;
    const { gitVersion } = (response.json() ?? {}) as { readonly gitVersion?: unknown };
    return typeof gitVersion === 'string' && GIT_VERSION.test(gitVersion) ? gitVersion : null;
  } catch (error) {
    if (error instanceof ReadError || error instanceof SyntaxError) return null;
    throw error;
  }
}
