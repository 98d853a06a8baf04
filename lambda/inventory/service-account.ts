import type { PodRecord } from './model.ts';

/**
 * Policies that select pods by service account ask for this as if it were a label, as network plugins do
 * with labels of their own making. No label key begins like this, so no label of a pod and no selector of
 * labels can mean it.
 */
export const SERVICE_ACCOUNT = '#serviceAccountName';

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
export function labelOf({ labels, serviceAccount }: PodRecord, key: string): string | undefined {
  if (key === SERVICE_ACCOUNT) return serviceAccount ?? undefined;
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
