import type { KubeApi } from '../connect/kube-api.ts';
import { ReadError } from '../errors.ts';
import type { Gap, Labels, PolicyObject, Resource } from '../inventory/model.ts';
import { isPolicyResource, type PolicyResource } from '../inventory/resources.ts';
import { discoverGroups, discoverResources, type ServedGroups } from './discovery.ts';
import { listPath, POLICY_KINDS, type PolicyKindSource } from './policy-kinds.ts';
import { gapOf, readList, readOptionalList } from './read-list.ts';
import { asFields, readMeta, readPolicy } from './read-object.ts';

/** Everything that decides what pods may reach. */
export interface PolicyObjects {
  readonly policies: readonly PolicyObject[];
  readonly mesh: readonly PolicyObject[];
  /** Labels by namespace; empty where no policy needs them. */
  readonly namespaces: ReadonlyMap<string, Labels>;
}

interface PolicyReading {
  readonly gaps: Gap[];
  readonly notes: string[];
  /** Whether labels of namespaces are wanted though no policy asks for them. @defaultValue false */
  readonly namespaceLabels?: boolean;
}

/**
 * Reads all kinds of policies that the cluster has. One that it does not serve is no gap; one that it
 * serves and does not show is, since the policies in it may allow or deny anything.
 */
export async function readPolicies(
  api: KubeApi,
  { gaps, notes, namespaceLabels = false }: PolicyReading,
): Promise<PolicyObjects> {
  const groups = await discover(api);
  const locate = createLocator(api, groups);
  const kinds = POLICY_KINDS.filter(({ resource }) => isCore(resource) || !isOutOfReach(groups));
  const found = await Promise.all(kinds.map((source) => readKind(api, source, locate)));
  const kindGaps = found.flatMap((kind) => kind.gaps);
  gaps.push(...(groups instanceof ReadError ? withoutDiscovery(groups, kindGaps) : distinct(kindGaps)));
  const objectsOf = (role: PolicyKindSource['role']): readonly PolicyObject[] =>
    found.filter(({ source }) => source.role === role).flatMap(({ objects }) => objects);
  const needsLabels =
    namespaceLabels || found.some(({ source, objects }) => source.readsNamespaceLabels && objects.length > 0);
  // Labels say which namespaces are in ambient mode, where a mesh need have no object at all.
  const hasMesh = found.some(({ source, served }) => source.role === 'mesh' && served);
  return {
    policies: objectsOf('policy'),
    mesh: objectsOf('mesh'),
    namespaces: needsLabels || hasMesh ? await readNamespaces(api, notes, needsLabels) : new Map(),
  };
}

/** Every server has the core kind; one that denies it must not pass for one without policies. */
const isCore = (resource: Resource | null): boolean => resource === 'networkpolicies';

/** Who was not let in, or found nobody, need not knock at every other door. */
const isOutOfReach = (groups: ServedGroups | ReadError): boolean =>
  groups instanceof ReadError && ['unauthorized', 'unreachable', 'timeout'].includes(groups.reason);

/** Kinds of one group fail alike; what is said once needs no repeating. */
const distinct = (gaps: readonly Gap[]): readonly Gap[] => [
  ...new Map(gaps.map((gap) => [gap.message, gap])).values(),
];

async function discover(api: KubeApi): Promise<ServedGroups | ReadError> {
  try {
    return await discoverGroups(api);
  } catch (error) {
    if (error instanceof ReadError) return error;
    throw error;
  }
}

/** Lists to try in turn; where the server said that it has one, there is only that. */
interface Places {
  readonly optional: boolean;
  readonly candidates: readonly { readonly group: string; readonly version: string }[];
}

type Locate = (source: PolicyKindSource) => Promise<Places>;

/**
 * Finds where the server has a kind. Versions that this program understands go before others; a kind
 * in another version is read all the same, since to pass it over would be to take it for harmless.
 */
function createLocator(api: KubeApi, groups: ServedGroups | ReadError): Locate {
  const resources = new Map<string, Promise<ReadonlySet<string>>>();
  const resourcesOf = (group: string, version: string): Promise<ReadonlySet<string>> => {
    const known = resources.get(`${group}/${version}`) ?? discoverResources(api, { group, version });
    resources.set(`${group}/${version}`, known);
    return known;
  };
  return async ({ resource, sources, plural }) => {
    const all = sources.flatMap(({ group, versions }) => versions.map((version) => ({ group, version })));
    if (isCore(resource)) return { optional: false, candidates: all };
    if (groups instanceof ReadError) return { optional: true, candidates: all };
    for (const { group, versions } of sources) {
      const served = groups.get(group) ?? [];
      const understood = versions.filter((version) => served.includes(version));
      for (const version of new Set([...understood, ...served])) {
        if (!(await resourcesOf(group, version)).has(plural)) continue;
        return { optional: false, candidates: [{ group, version }] };
      }
    }
    return { optional: false, candidates: [] };
  };
}

interface KindRead {
  readonly source: PolicyKindSource;
  readonly objects: readonly PolicyObject[];
  readonly gaps: readonly Gap[];
  /** Whether the server has the kind, as far as it told. */
  readonly served: boolean;
}

async function readKind(api: KubeApi, source: PolicyKindSource, locate: Locate): Promise<KindRead> {
  const { resource, kind, plural, namespaced } = source;
  let places: Places;
  try {
    places = await locate(source);
  } catch (error) {
    return { source, objects: [], gaps: [gapOf(resource, error)], served: false };
  }
  for (const { group, version } of places.candidates) {
    const gaps: Gap[] = [];
    const type = { apiVersion: `${group}/${version}`, kind, namespaced };
    const objects = await readOptionalList(api, gaps, {
      resource,
      path: listPath(group, version, plural),
      optional: places.optional,
      read: (item) => readPolicy(asFields(item), type),
    });
    if (objects !== null) return { source, objects, gaps, served: gaps.length === 0 };
  }
  return { source, objects: [], gaps: [], served: false };
}

/** Where it is not known what there is, the same refusal of many lists is one gap. */
function withoutDiscovery(error: ReadError, gaps: readonly Gap[]): readonly Gap[] {
  const core = gaps.filter(({ resource }) => isCore(resource));
  const others = gaps.filter(({ resource }) => !isCore(resource));
  const first = others.find(({ resource }) => isPolicyResource(resource)) ?? others[0];
  const unknown = `Which kinds of policies this cluster has is not known: ${error.message}`;
  if (isOutOfReach(error)) {
    const resource: PolicyResource = 'clusternetworkpolicies.policy.networking.k8s.io';
    return [...core, { resource, reason: error.reason, message: unknown, remedy: error.remedy }];
  }
  if (first === undefined) return core;
  const { resource, reason, remedy } = first;
  const names = others.map((gap) => gap.resource).join(', ');
  return [
    ...core,
    {
      resource,
      reason,
      message: `${unknown} These could not be read: ${names}.`,
      remedy: `${error.remedy} ${remedy}`,
    },
  ];
}

async function readNamespaces(
  api: KubeApi,
  notes: string[],
  forPolicies: boolean,
): Promise<ReadonlyMap<string, Labels>> {
  const gaps: Gap[] = [];
  const entries = await readList(api, gaps, {
    resource: 'namespaces',
    path: '/api/v1/namespaces',
    metadataOnly: true,
    read: (item) => {
      const { name, labels } = readMeta(asFields(item));
      return [name, labels] as const;
    },
  });
  for (const { message, remedy } of gaps) {
    const open = forPolicies
      ? 'Egress is open where policies select namespaces by labels other than their name.'
      : 'Pods in ambient mode are known by their own annotations and labels alone.';
    notes.push(`${message} ${open} ${remedy}`);
  }
  return new Map(entries);
}
