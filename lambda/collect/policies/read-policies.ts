import type { KubeApi } from '../../connect/kube/kube-api.ts';
import type { ReadError } from '../../errors.ts';
import type { Gap, Resource } from '../../inventory/gap.ts';
import type { Labels } from '../../inventory/names.ts';
import type { PolicyObject } from '../../inventory/policy-object.ts';
import { isPolicyResource } from '../../inventory/resources.ts';
import { clusterUidOf } from '../cluster-uid.ts';
import { gapOf, readList, readOptionalList } from '../read-list.ts';
import { asFields, readListedPolicy, readMeta } from '../read-object.ts';
import { listPath, POLICY_KINDS, type PolicyKindSource } from './policy-kinds.ts';
import { everyVersion, type Places, type ServedKinds } from './served-kinds.ts';

/** Everything that decides what pods may reach. */
export interface PolicyObjects {
  readonly policies: readonly PolicyObject[];
  readonly mesh: readonly PolicyObject[];
  /** Labels by namespace; empty where no policy needs them. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  /** Of the namespace `kube-system`; `undefined` where namespaces were not asked for. */
  readonly clusterUid: string | null | undefined;
}

interface PolicyReading {
  readonly gaps: Gap[];
  readonly notes: string[];
  /** What the server says of the kinds that it has. */
  readonly served: ServedKinds;
  /** Whether labels of namespaces are wanted though no policy asks for them. @defaultValue false */
  readonly namespaceLabels?: boolean;
}

/**
 * Reads all kinds of policies that the cluster has. One that it does not serve is no gap; one that it
 * serves and does not show is, since the policies in it may allow or deny anything. So is one of which the
 * server does not say whether it has it.
 */
export async function readPolicies(
  api: KubeApi,
  { gaps, notes, served, namespaceLabels = false }: PolicyReading,
): Promise<PolicyObjects> {
  const found = await Promise.all(POLICY_KINDS.map((source) => readKind(api, source, served)));
  const kindGaps = found.flatMap((kind) => kind.gap ?? []);
  gaps.push(...(served.unknown === null ? kindGaps : withoutDiscovery(served.unknown, kindGaps)));
  const objectsOf = (role: PolicyKindSource['role']): readonly PolicyObject[] =>
    found.filter(({ source }) => source.role === role).flatMap(({ objects }) => objects);
  const needsLabels =
    namespaceLabels || found.some(({ source, objects }) => source.readsNamespaceLabels && objects.length > 0);
  // Labels say which namespaces are in ambient mode, where a mesh need have no object at all.
  const hasMesh = found.some(({ source, isServed }) => source.role === 'mesh' && isServed);
  return {
    policies: objectsOf('policy'),
    mesh: objectsOf('mesh'),
    ...(needsLabels || hasMesh
      ? await readNamespaces(api, { gaps, notes, needsLabels, hasMesh })
      : { namespaces: new Map(), clusterUid: undefined }),
  };
}

/** Every server has the core kind; one that denies it must not pass for one without policies. */
const isCore = (resource: Resource | null): boolean => resource === 'networkpolicies';

/** Who was not let in, or got no answer, need not try every list. */
const isOutOfReach = ({ reason }: ReadError): boolean =>
  ['unauthorized', 'unreachable', 'timeout'].includes(reason);

interface KindRead {
  readonly source: PolicyKindSource;
  readonly objects: readonly PolicyObject[];
  /** Why it is not known what there is of this kind. */
  readonly gap: Gap | null;
  /** Whether the server has the kind, as far as it said. */
  readonly isServed: boolean;
}

async function readKind(api: KubeApi, source: PolicyKindSource, served: ServedKinds): Promise<KindRead> {
  const { resource, sources } = source;
  const unread = (gap: Gap): KindRead => ({ source, objects: [], gap, isServed: false });
  let places: Places;
  try {
    places = isCore(resource)
      ? { candidates: everyVersion(sources), unknown: null }
      : await served.locate(source);
  } catch (error) {
    return unread(gapOf(resource, error));
  }
  const { candidates, unknown } = places;
  if (unknown !== null && isOutOfReach(unknown)) return unread(gapOf(resource, unknown));
  const read: PolicyObject[] = [];
  let isServed = false;
  for (const ofGroup of Map.groupBy(candidates, ({ group }) => group).values()) {
    const found = await readFirst(api, source, { candidates: ofGroup, unknown });
    if (found !== null && 'gap' in found) return unread(found.gap);
    isServed ||= found !== null;
    read.push(...(found?.objects ?? []));
  }
  // That no known version is there is no word on others.
  return isServed || unknown === null
    ? { source, objects: read, gap: null, isServed }
    : unread(gapOf(resource, unknown));
}

/** Reads the first of several versions that is there; `null`: none is. */
async function readFirst(
  api: KubeApi,
  { resource, kind, plural, namespaced }: PolicyKindSource,
  { candidates, unknown }: Places,
): Promise<{ readonly objects: readonly PolicyObject[] } | { readonly gap: Gap } | null> {
  for (const { group, version, aggregated } of candidates) {
    const gaps: Gap[] = [];
    const type = { apiVersion: `${group}/${version}`, kind, namespaced };
    const objects = await readOptionalList(api, gaps, {
      resource,
      kind,
      aggregated,
      path: listPath(group, version, plural),
      optional: unknown !== null,
      read: (item) => readListedPolicy(asFields(item), type),
    });
    if (objects === null) continue;
    const [gap] = gaps;
    return gap === undefined ? { objects } : { gap };
  }
  return null;
}

/**
 * Where it is not known what there is, each kind that was not read is a gap; the same is said of all of them, so
 * that reports say it once.
 */
function withoutDiscovery(error: ReadError, gaps: readonly Gap[]): readonly Gap[] {
  const others = gaps.filter(({ resource }) => !isCore(resource));
  const refused = others.filter(({ message }) => message !== error.message);
  const first = refused.find(({ resource }) => isPolicyResource(resource)) ?? refused[0];
  const unknown = `Which kinds of policies this cluster has is not known: ${error.message}`;
  const names = refused.map(({ resource }) => resource).join(', ');
  const shared =
    first === undefined
      ? { reason: error.reason, message: unknown, remedy: error.remedy }
      : {
          reason: first.reason,
          message: `${unknown} These could not be read: ${names}.`,
          remedy: `${error.remedy} ${first.remedy}`,
        };
  return gaps.map((gap) => (isCore(gap.resource) ? gap : { resource: gap.resource, ...shared }));
}

/**
 * For policies it is a note that they cannot be read: the engine says of each pod whether it mattered. For a mesh it
 * is a gap: a pod of whose namespace nothing is known may be in it.
 */
async function readNamespaces(
  api: KubeApi,
  { gaps, notes, needsLabels, hasMesh }: NamespaceReading,
): Promise<Pick<PolicyObjects, 'namespaces' | 'clusterUid'>> {
  const own: Gap[] = [];
  let clusterUid: string | null = null;
  const entries = await readList(api, own, {
    resource: 'namespaces',
    kind: 'Namespace',
    path: '/api/v1/namespaces',
    metadataOnly: true,
    read: (item) => {
      const object = asFields(item);
      const { name, labels } = readMeta(object);
      clusterUid ??= clusterUidOf(object);
      return [name, labels] as const;
    },
  });
  if (own.length === 0 && entries.length === 0) own.push(NO_NAMESPACES);
  for (const { message, remedy } of own) {
    const open = needsLabels
      ? 'Egress is not evaluated where policies select namespaces by labels other than their name.'
      : 'Whether pods without a sidecar are in ambient mode is not known.';
    notes.push(`${message} ${open} ${remedy}`);
  }
  if (hasMesh) gaps.push(...own);
  return { namespaces: new Map(entries), clusterUid: own.length === 0 ? clusterUid : null };
}

interface NamespaceReading {
  readonly gaps: Gap[];
  readonly notes: string[];
  /** Whether policies ask for their labels. */
  readonly needsLabels: boolean;
  readonly hasMesh: boolean;
}

/** Every cluster has some (`immortalNamespaces` in kube-apiserver's NamespaceLifecycle). */
const NO_NAMESPACES: Gap = {
  resource: 'namespaces',
  reason: 'list-incomplete',
  message: 'The list of namespaces is empty, although every cluster has namespaces.',
  remedy: 'Look for a proxy between here and the API server that answers in its place.',
};
