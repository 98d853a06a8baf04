import type { KubeApi } from '../../connect/kube/kube-api.ts';
import type { Gap } from '../../inventory/gap.ts';
import type { Labels } from '../../inventory/names.ts';
import { NO_SERVICE_ACCOUNTS, type ServiceAccounts } from '../../inventory/service-account.ts';
import type { Fields } from '../fields.ts';
import { readList } from '../read-list.ts';
import { asFields, readMeta, readNamespacedMeta } from '../read-object.ts';

export const SERVICE_ACCOUNTS_PATH = '/api/v1/serviceaccounts';

/**
 * Which ServiceAccounts there are, and their labels; nothing else of them is kept. Read once all pods are: no pod is
 * admitted without its account (kubernetes plugin/pkg/admission/serviceaccount/admission.go), so one that is then
 * not in the list was deleted.
 */
export async function readServiceAccounts(api: KubeApi, notes: string[]): Promise<ServiceAccounts> {
  const gaps: Gap[] = [];
  const entries = await readList(api, gaps, {
    resource: 'serviceaccounts',
    kind: 'ServiceAccount',
    path: SERVICE_ACCOUNTS_PATH,
    metadataOnly: true,
    read: (item) => {
      const { namespace, name, labels } = readNamespacedMeta(asFields(item));
      return [`${namespace}/${name}`, labels] as const;
    },
  });
  for (const { message, remedy } of gaps) {
    notes.push(
      `${message} Egress is not evaluated where Calico's policies select pods by ServiceAccount. ${remedy}`,
    );
  }
  return gaps.length > 0 ? NO_SERVICE_ACCOUNTS : { labels: new Map(entries), complete: true };
}

/** @throws MalformedObject */
export function serviceAccountEntry(object: Fields): readonly [path: string, labels: Labels] {
  const { namespace, name, labels } = readMeta(object);
  return [`${namespace || 'default'}/${name}`, labels];
}
