import type { Resource } from '../inventory/gap.ts';
import { SERVICE_ACCOUNTS_PATH } from './policies/service-accounts.ts';

/** What every cluster has and where it is read; the kinds of policies are in `policy-kinds.ts`. */
export const PATHS = {
  pods: '/api/v1/pods',
  nodes: '/api/v1/nodes',
  namespaces: '/api/v1/namespaces',
  serviceaccounts: SERVICE_ACCOUNTS_PATH,
  replicasets: '/apis/apps/v1/replicasets',
  jobs: '/apis/batch/v1/jobs',
  networkpolicies: '/apis/networking.k8s.io/v1/networkpolicies',
} as const satisfies Partial<Readonly<Record<Resource, string>>>;
