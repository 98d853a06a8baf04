import type { Gap, Resource } from '../../inventory/gap.ts';
import type { ObjectOrigin } from '../../inventory/inventory.ts';
import { isSummary, type NodeLayers, readSummary } from '../../measure/summary.ts';
import { isRegistryAnswer, type RegistryAnswer } from '../../registry/in-files.ts';
import type { InventoryPart } from '../content.ts';
import { knownKind, miswrittenKind, partOfKind } from './kinds.ts';
import { newPages, notePage, type Pages } from './pages.ts';
import type { Place } from './places.ts';

export type KubernetesObject = Record<string, unknown>;

export interface SnapshotObject {
  readonly object: KubernetesObject;
  /** `pods.json (item 17)` */
  readonly origin: string;
  /** Not where it was read from a cluster. */
  readonly at?: ObjectOrigin;
  /** Where it and others of its name are that differ from it: `a.yaml and b.yaml`. */
  readonly differs?: string;
}

/** Where the parts of a document end up. */
export interface Sorting {
  readonly objects: SnapshotObject[];
  readonly gaps: Gap[];
  /** How many objects of kinds that no check reads, by `Kind (apiVersion)`. */
  readonly ignored: Map<string, number>;
  /** Documents that are no manifests: values files and the like. */
  readonly foreign: string[];
  /** The parts of an inventory of which there is an object, or a list that says what it is a list of. */
  readonly holds: Set<InventoryPart>;
  readonly pages: Pages;
  /** Answers of kubelets about what containers wrote. */
  readonly summaries: NodeLayers[];
  /** Answers of ECR about images. */
  readonly registryAnswers: RegistryAnswer[];
  /** Whether something in it was read from a cluster. */
  fromCluster: boolean;
}

export const newSorting = (): Sorting => ({
  objects: [],
  gaps: [],
  ignored: new Map(),
  foreign: [],
  holds: new Set(),
  pages: newPages(),
  summaries: [],
  registryAnswers: [],
  fromCluster: false,
});

/** Which part of which file a value is. */
export interface PartOfFile {
  /** `pods.json (item 17)` */
  readonly origin: string;
  readonly file: string;
  readonly place: () => Place | undefined;
}

interface Part extends PartOfFile {
  readonly value: unknown;
  /** What the items of a typed list inherit. */
  readonly inherited?: { readonly apiVersion: string; readonly kind: string };
  readonly depth: number;
}

interface TypedPart extends Omit<Part, 'value'> {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Lists in lists exist (`kubectl get` of several lists joined); lists without end do not. */
const MAX_LIST_DEPTH = 8;

/** Why a part of a document is no object; completes "ORIGIN is not a Kubernetes object that can be read: …". */
class MalformedPart extends Error {
  readonly resource: Resource | null;

  constructor(message: string, resource: Resource | null = null) {
    super(message);
    this.resource = resource;
  }
}

/** Takes a document apart into objects: lists are opened, kinds and namespaces filled in. */
export function sortDocument(value: unknown, part: PartOfFile, sorting: Sorting): void {
  // An empty document, between two `---`.
  if (value === null || value === undefined) return;
  if (Array.isArray(value)) sortItems(value, { ...part, depth: 0 }, sorting);
  else trySortPart({ ...part, value, depth: 0 }, sorting);
}

function sortItems(items: readonly unknown[], parent: Omit<Part, 'value'>, sorting: Sorting): void {
  for (const [index, value] of items.entries()) {
    const origin = withItem(parent.origin, index + 1);
    // What YAML merges from elsewhere is in no place of its own.
    const place = (): Place | undefined => parent.place()?.items[index] ?? parent.place();
    trySortPart({ ...parent, value, origin, place, depth: parent.depth + 1 }, sorting);
  }
}

/** One broken part does not keep its neighbours from being read. */
function trySortPart(part: Part, sorting: Sorting): void {
  try {
    sortPart(part, sorting);
  } catch (error) {
    if (!(error instanceof MalformedPart)) throw error;
    sorting.gaps.push({
      resource: error.resource,
      reason: 'malformed-object',
      message: `${part.origin} is not a Kubernetes object that can be read: ${error.message}.`,
      remedy: 'Correct the object, or leave it out of the audit.',
    });
  }
}

function sortPart(part: Part, sorting: Sorting): void {
  const { value, inherited } = part;
  if (!isObject(value)) throw new MalformedPart(`it is ${nameOfType(value)}, not an object`);
  if (sortSummary(value, sorting)) return;
  if (isRegistryAnswer(value)) {
    sorting.registryAnswers.push(value);
    return;
  }
  const apiVersion = value['apiVersion'] ?? inherited?.apiVersion;
  const kind = value['kind'] ?? inherited?.kind;
  // A Chart.yaml has an apiVersion, too.
  if (
    kind === undefined &&
    !looksLikeManifest(value) &&
    (apiVersion === undefined || !('metadata' in value))
  ) {
    sorting.foreign.push(part.origin);
    return;
  }
  if (typeof kind !== 'string' || kind === '') throw new MalformedPart('it has no kind');
  if (typeof apiVersion !== 'string' || apiVersion === '') {
    throw new MalformedPart(`its kind is ${quoted(kind)}, but it has no apiVersion`);
  }
  if (isList(kind, value)) {
    noteContent(value, { apiVersion, kind: kind.slice(0, -'List'.length) }, sorting);
    sortList(value, { ...part, apiVersion, kind }, sorting);
  } else {
    if (kind === 'Status' && apiVersion === 'v1' && value['status'] === 'Failure') {
      throw new MalformedPart(
        `it is the error of an API server, ${quoted(String(value['message'] ?? value['reason']))}`,
      );
    }
    noteContent(value, { apiVersion, kind }, sorting);
    sortObject({ ...value, apiVersion, kind }, { ...part, apiVersion, kind }, sorting);
  }
}

/** The answer of a kubelet is no object of the API: it has neither kind nor apiVersion. */
function sortSummary(value: KubernetesObject, sorting: Sorting): boolean {
  if ('kind' in value || 'apiVersion' in value || !isSummary(value)) return false;
  const layers = readSummary(value);
  if (layers === null) return false;
  sorting.summaries.push(layers);
  return true;
}

/**
 * An API server gives each object a uid and a version, and lists a version (empty in what kubectl puts together);
 * pods get a status. Nobody writes these down.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
function noteContent(
  { metadata, status }: KubernetesObject,
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  sorting: Sorting,
): void {
  const part = partOfKind(apiVersion, kind);
  if (part !== null) sorting.holds.add(part);
  const meta = isObject(metadata) ? metadata : {};
  const versioned = typeof meta['uid'] === 'string' || typeof meta['resourceVersion'] === 'string';
  const lives = part === 'pods' && isObject(status) && Object.keys(status).length > 0;
  if (versioned || lives) sorting.fromCluster = true;
}

function isList(kind: string, value: KubernetesObject): boolean {
  return (
    kind === 'List' || (kind.endsWith('List') && (Array.isArray(value['items']) || value['items'] === null))
  );
}

function sortList(
  value: KubernetesObject,
  { apiVersion, kind, inherited: _, ...part }: TypedPart,
  sorting: Sorting,
): void {
  const items = value['items'] ?? [];
  if (!Array.isArray(items)) throw new MalformedPart(`the items of its ${quoted(kind)} are no list`);
  if (part.depth >= MAX_LIST_DEPTH)
    throw new MalformedPart(`it holds lists nested deeper than ${MAX_LIST_DEPTH}`);
  const itemKind = kind.slice(0, -'List'.length);
  const inventoryPart = itemKind === '' ? null : partOfKind(apiVersion, itemKind);
  if (itemKind === '' || inventoryPart !== null) {
    const resource = inventoryPart === 'nodeclasses' ? 'nodes' : inventoryPart;
    const page = { origin: part.origin, resource, items: items.length };
    notePage(value['metadata'], `${kind} (${apiVersion})`, page, sorting.pages);
  }
  const inherited = itemKind === '' ? {} : { inherited: { apiVersion, kind: itemKind } };
  sortItems(items, { ...part, ...inherited }, sorting);
}

function sortObject(
  object: KubernetesObject,
  { apiVersion, kind, origin, file, place: placeOf }: TypedPart,
  sorting: Sorting,
): void {
  const known = knownKind(apiVersion, kind, object);
  const meant = known === null ? miswrittenKind(apiVersion, kind) : null;
  if (meant !== null)
    throw new MalformedPart(`its kind is ${quoted(kind)}; write ${meant.kind}`, meant.resource);
  if (known === null || !isKept(object, known.only)) {
    const name = `${kind} (${apiVersion})`.slice(0, 120);
    sorting.ignored.set(name, (sorting.ignored.get(name) ?? 0) + 1);
    return;
  }
  const { metadata } = object;
  const { resource } = known;
  if (!isObject(metadata)) throw new MalformedPart(`the ${kind} has no metadata`, resource);
  // Only creation turns generateName into a name; before it, the prefix is what people know the object by.
  const name = metadata['name'] ?? metadata['generateName'];
  if (typeof name !== 'string' || name === '')
    throw new MalformedPart(`the ${kind} has no metadata.name`, resource);
  const { namespace } = metadata;
  if (namespace !== undefined && namespace !== null && typeof namespace !== 'string') {
    throw new MalformedPart(`the metadata.namespace of the ${kind} ${quoted(name)} is no text`, resource);
  }
  const place = known.namespaced ? { namespace: namespace || 'default' } : {};
  // Of a dump, which may be large, no line is asked for.
  const found = sorting.fromCluster ? undefined : placeOf();
  sorting.objects.push({
    object: { ...object, metadata: { ...metadata, name, ...place } },
    origin,
    ...(found === undefined ? {} : { at: { file, line: found.line, containers: found.containers } }),
  });
}

function isKept({ metadata }: KubernetesObject, only: ((path: string) => boolean) | undefined): boolean {
  return only === undefined || (isObject(metadata) && only(`${metadata['namespace']}/${metadata['name']}`));
}

/** A manifest whose kind was forgotten must not pass for a file of another sort. */
function looksLikeManifest(value: KubernetesObject): boolean {
  return isObject(value['metadata']) && (isObject(value['spec']) || isObject(value['status']));
}

function withItem(origin: string, item: number): string {
  return origin.endsWith(')') ? `${origin.slice(0, -1)}, item ${item})` : `${origin} (item ${item})`;
}

function isObject(value: unknown): value is KubernetesObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOfType(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
