import { CATALOGUE } from '../checks/catalogue.ts';
import type { CheckInfo } from '../checks/check.ts';
import {
  CILIUM_NODE_CONFIGS,
  ENGINE_CONFIG_MAPS,
  ENGINE_NAMESPACE,
  NODE_CLASSES,
} from '../collect/engines/engine-sources.ts';
import type { PATHS } from '../collect/paths.ts';
import { MESH_CONFIG_MAP, MESH_NAMESPACE } from '../collect/policies/mesh-config.ts';
import { POLICY_KINDS, policyReads } from '../collect/policies/policy-kinds.ts';
import { SECURITY_GROUP_POLICIES } from '../collect/policies/security-group-policies.ts';
import type { Resource } from '../inventory/gap.ts';
import { isPolicyResource } from '../inventory/resources.ts';

/** One line of the auditor's ClusterRole, or of its Role in a namespace: what it may read, and for what. */
export interface AccessRule {
  /** API group; empty for the core group. */
  readonly group: string;
  /** As in RBAC: plural, with `/subresource` where one is meant. */
  readonly resource: string;
  readonly verbs: readonly string[];
  /** Where it is granted: in one namespace, by a Role. @defaultValue everywhere, by the ClusterRole */
  readonly namespace?: string;
  /** Grants these objects alone. @defaultValue all */
  readonly names?: readonly string[];
  /** What is read of it. */
  readonly why: string;
  /** Ids of the checks that are not evaluated without it; empty where they only say less. */
  readonly checks: readonly string[];
}

type Own = Exclude<keyof typeof PATHS, 'networkpolicies'>;

/** What is read besides policies. */
const OWN: Readonly<Record<Own, { readonly group: string; readonly why: string }>> = {
  pods: { group: '', why: 'age, containers and labels of every pod' },
  nodes: { group: '', why: 'the operating system of pods that do not set spec.os' },
  namespaces: { group: '', why: 'labels that policies select namespaces by' },
  serviceaccounts: { group: '', why: "names and labels that Calico's policies select pods by" },
  replicasets: { group: 'apps', why: 'the Deployment of a pod, where its labels do not show it' },
  jobs: { group: 'batch', why: 'the CronJob of a pod' },
};

/**
 * Everything that the auditor reads of a cluster, and nothing else: no secrets, no wildcards; lists, and
 * single ConfigMaps by name. A kind that a cluster does not have needs no rule to be absent, so one list
 * serves all clusters.
 */
export function accessRules(): readonly AccessRule[] {
  const own = (Object.keys(OWN) as Own[]).map(
    (resource): AccessRule => ({ ...OWN[resource], resource, ...LIST, checks: checksThatNeed(resource) }),
  );
  return [...own, ...policyReads().map(policyRule), POD_GROUPS, ...ENFORCING];
}

const LIST = { verbs: ['list'] };

function policyRule({ group, resource }: { readonly group: string; readonly resource: string }): AccessRule {
  const kind = POLICY_KINDS.find(
    ({ plural, sources }) => plural === resource && sources.some((source) => source.group === group),
  );
  const mesh = kind?.role === 'mesh';
  const why = mesh ? 'what the service mesh lets pods reach' : 'what pods may reach';
  return { group, resource, ...LIST, why, checks: checksThatNeed(mesh ? kind.resource : 'networkpolicies') };
}

/** No check without pods; and a policy of any kind may allow or deny anything, so who needs one needs all. */
function checksThatNeed(resource: Resource): readonly string[] {
  const needed = (check: CheckInfo): boolean =>
    resource === 'pods' ||
    check.needs.includes(resource) ||
    (isPolicyResource(resource) && check.needs.some(isPolicyResource));
  return CATALOGUE.filter(needed).map(({ id }) => id);
}

/** Some of their verdicts are open without these settings. */
function checksThatRead(settings: NonNullable<CheckInfo['readsSettings']>[number]): readonly string[] {
  return CATALOGUE.filter(({ readsSettings = [] }) => readsSettings.includes(settings)).map(({ id }) => id);
}

/** No check reads what the VPC routes. */
const POD_GROUPS: AccessRule = {
  ...SECURITY_GROUP_POLICIES,
  ...LIST,
  why: 'which pods are older than the security groups meant for them',
  checks: [],
};

/** What decides whether engines enforce. Other ConfigMaps may hold what is none of the auditor's business. */
const ENFORCING: readonly AccessRule[] = [
  {
    ...NODE_CLASSES,
    ...LIST,
    why: 'whether nodes of EKS Auto Mode enforce policies',
    checks: checksThatRead('policy-engine'),
  },
  {
    ...CILIUM_NODE_CONFIGS,
    ...LIST,
    why: 'whether Cilium is configured otherwise on some nodes',
    checks: checksThatRead('policy-engine'),
  },
  {
    group: '',
    resource: 'configmaps',
    verbs: ['get'],
    namespace: ENGINE_NAMESPACE,
    names: ENGINE_CONFIG_MAPS,
    why: 'whether the VPC CNI and Cilium are configured to enforce policies',
    checks: checksThatRead('policy-engine'),
  },
];

/**
 * Where no Sidecar says what it does with unknown destinations, the configuration of the mesh does. Not every
 * cluster has the namespace, without which a Role cannot be applied, so this is no part of {@link accessRules}.
 */
export const MESH_CONFIG_RULE: AccessRule = {
  group: '',
  resource: 'configmaps',
  verbs: ['get'],
  namespace: MESH_NAMESPACE,
  names: [MESH_CONFIG_MAP],
  why: 'the outbound mode of the mesh, where no Sidecar sets it (control planes with a revision: add istio-REVISION)',
  checks: checksThatRead('mesh'),
};
