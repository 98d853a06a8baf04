/** One collection that the server offers, and what is in it. */
export interface Collection {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** Plural, as in paths and RBAC rules. */
  readonly resource: string;
  readonly kind: string;
  /** Built-in kinds are listed without `apiVersion` and `kind` in their items; custom resources with. */
  readonly builtIn: boolean;
  readonly namespaced: boolean;
  /** Sorted by storage key. */
  readonly entries: readonly Entry[];
}

export interface Entry {
  /** `namespace/name`, or the name at the cluster scope: the order of etcd's keys. */
  readonly key: string;
  readonly namespace: string;
  readonly object: ApiObject;
}

export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** What every API server has, whether or not objects exist. `apiVersion`: kinds. */
const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  v1: ['Pod', 'Node', 'Namespace', 'Service', 'ServiceAccount', 'ConfigMap', 'ReplicationController'],
  'apps/v1': ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'],
  'batch/v1': ['Job', 'CronJob'],
  'networking.k8s.io/v1': ['NetworkPolicy', 'Ingress'],
};

const CLUSTER_SCOPED = new Set(['Node', 'Namespace']);

const VERSION = /^v(?<major>\d+)(?:(?<stage>alpha|beta)(?<minor>\d+))?$/;
const STAGES = ['alpha', 'beta', undefined];

/**
 * Orders versions by maturity and then by number, the best first; other names come last
 * (`CompareKubeAwareVersionStrings`, k8s.io/apimachinery/pkg/version).
 */
export function byVersion(a: string, b: string): number {
  const [first, second] = [a, b].map((version) => {
    const parts = VERSION.exec(version)?.groups;
    return parts === undefined
      ? [-1, 0, 0]
      : [STAGES.indexOf(parts['stage']), Number(parts['major']), Number(parts['minor'] ?? 0)];
  });
  const difference = [0, 1, 2].map((i) => (second?.[i] ?? 0) - (first?.[i] ?? 0)).find((d) => d !== 0);
  return difference ?? (a < b ? -1 : 1);
}

/** Sorts objects into the collections they are served from, by path below `/api` or `/apis`. */
export function toCollections(objects: readonly object[]): ReadonlyMap<string, Collection> {
  const collections = new Map<string, Collection & { entries: Entry[] }>();
  const collection = (apiVersion: string, kind: string, namespaced: boolean): { entries: Entry[] } => {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/', 2) : ['', apiVersion];
    const resource = pluralOf(kind);
    const path = `${apiVersion}/${resource}`;
    const found = collections.get(path);
    if (found) return found;
    const builtIn = BUILT_IN[apiVersion]?.includes(kind) ?? false;
    const names = { group: group ?? '', version: version ?? '', resource, kind };
    const made = { ...names, builtIn, namespaced, entries: [] };
    collections.set(path, made);
    return made;
  };
  for (const [apiVersion, kinds] of Object.entries(BUILT_IN)) {
    for (const kind of kinds) collection(apiVersion, kind, !CLUSTER_SCOPED.has(kind));
  }
  for (const object of objects.map(asApiObject)) {
    const { namespace = '', name } = object.metadata;
    const key = namespace === '' ? name : `${namespace}/${name}`;
    collection(object.apiVersion, object.kind, namespace !== '').entries.push({ key, namespace, object });
  }
  for (const { entries } of collections.values())
    entries.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return collections;
}

function asApiObject(object: object): ApiObject {
  const { apiVersion, kind, metadata } = object as Partial<ApiObject>;
  if (typeof apiVersion === 'string' && typeof kind === 'string' && typeof metadata?.name === 'string') {
    return object as ApiObject;
  }
  throw new TypeError('Every object needs apiVersion, kind and metadata.name.');
}

/** The plural that the API conventions and controller-gen give: NetworkPolicy → networkpolicies. */
function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (/[^aeiou]y$/.test(lower)) return `${lower.slice(0, -1)}ies`;
  return /(?:s|x|z|ch|sh)$/.test(lower) ? `${lower}es` : `${lower}s`;
}
