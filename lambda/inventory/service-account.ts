import type { Labels } from './names.ts';
import type { PodRecord } from './pod.ts';

/**
 * Policies that select pods by service account ask for this as if it were a label, as network plugins do
 * with labels of their own making. No label key begins like this, so no label of a pod and no selector of
 * labels can mean it.
 */
export const SERVICE_ACCOUNT = '#serviceAccountName';

/**
 * The same with its namespace, `shop/web`: asked for by policies that go by the ServiceAccount object, which may
 * be gone while its pods run.
 */
export const SERVICE_ACCOUNT_OBJECT = '#serviceAccount';

/** ServiceAccount objects, as far as they were read. */
export interface ServiceAccounts {
  /** Their labels, by {@link SERVICE_ACCOUNT_OBJECT}. */
  readonly labels: ReadonlyMap<string, Labels>;
  /** Whether one that is not among them does not exist. */
  readonly complete: boolean;
}

export const NO_SERVICE_ACCOUNTS: ServiceAccounts = { labels: new Map(), complete: false };

/**
 * The service account under which a pod runs. Where it names none, admission gives it `default`
 * (https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/), and so it does to
 * a pod of a manifest; but static pods have none ("a mirror pod may not reference service accounts",
 * kubernetes plugin/pkg/admission/serviceaccount/admission.go).
 *
 * @param named `spec.serviceAccountName`, or its deprecated alias
 */
export const serviceAccountOf = (named: string | null, mirror: boolean): string | null =>
  named || (mirror ? null : 'default');

/** A label of the pod, or what is asked for as one; never what the pod itself writes under that key. */
export function labelOf(
  { namespace, labels, serviceAccount }: Pick<PodRecord, 'namespace' | 'labels' | 'serviceAccount'>,
  key: string,
): string | undefined {
  if (key === SERVICE_ACCOUNT) return serviceAccount ?? undefined;
  if (key === SERVICE_ACCOUNT_OBJECT)
    return serviceAccount === null ? undefined : `${namespace}/${serviceAccount}`;
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
