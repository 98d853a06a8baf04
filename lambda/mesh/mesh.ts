import { MESH_ANNOTATIONS } from '../inventory/annotations.ts';
import type { Setting } from '../inventory/engine-settings.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { proxyOf } from '../inventory/mesh.ts';
import type { WorkloadRef } from '../inventory/names.ts';
import type { PodClass } from '../inventory/pod-class.ts';
import type { PolicyObject } from '../inventory/policy-object.ts';
import { asksNamespace, hasSidecar, MEMBERSHIP_LABELS, type Membership, membershipOf } from './membership.ts';
import { createOutbound, type Outbound } from './outbound.ts';
import { type Audience, audienceOf, createScopes, type Scope } from './scopes.ts';
import { parseServiceEntry, type ServiceEntry } from './service-entry.ts';
import { parseSidecar } from './sidecar.ts';

/** What checks ask about the mesh of a cluster. Pure; what looks at all pods is computed when it is asked for. */
export interface Mesh {
  membership(subject: PodClass): Membership;
  /** Of pods with a sidecar; `null` for all others. */
  outbound(subject: PodClass): Outbound | null;
  /** In the order in which they were read. */
  readonly entries: readonly { readonly ref: WorkloadRef; readonly entry: Setting<ServiceEntry> }[];
  /** All pods in the mesh. */
  scopes(): readonly Scope[];
  /** Whose proxies know an entry. */
  audience(entry: ServiceEntry): Audience;
}

type MeshInput = Pick<Inventory, 'classes' | 'mesh' | 'meshConfigs' | 'namespaces'> &
  Partial<Pick<Inventory, 'gaps'>>;

export function createMesh(inventory: MeshInput): Mesh {
  const ofKind = (kind: string): readonly PolicyObject[] => inventory.mesh.filter((one) => one.kind === kind);
  const rules = createOutbound(ofKind('Sidecar').map(parseSidecar), inventory.meshConfigs);
  const present = isPresent(inventory);
  const unread = inventory.gaps?.find(({ resource, scope }) => resource === 'namespaces' && !scope);
  let scopes: readonly Scope[] | null = null;
  // Several checks ask of the same pods in turn. One for every class would be a heavy load for the collector.
  let last: { readonly subject: PodClass; readonly membership: Membership } | null = null;

  function membership(subject: PodClass): Membership {
    if (last?.subject !== subject) last = { subject, membership: decide(subject) };
    return last.membership;
  }

  function decide(subject: PodClass): Membership {
    const found = membershipOf(subject, inventory.namespaces.get(subject.workload.namespace));
    if (found.mode === 'none' && unread !== undefined && asksNamespace(subject)) {
      const { reason, message, remedy } = unread;
      return { mode: 'unknown', because: { reason, message, remedy } };
    }
    // Manifests of a cluster in which nothing speaks of a mesh.
    if (found.mode !== 'unknown') return found;
    return present ? found : { mode: 'none' };
  }

  const allScopes = (): readonly Scope[] => {
    scopes ??= createScopes(inventory.classes, membership, rules);
    return scopes;
  };

  return {
    membership,
    outbound(subject) {
      const found = membership(subject);
      return hasSidecar(found) ? rules.outbound({ subject, revision: found.revision }) : null;
    },
    entries: ofKind('ServiceEntry').map((object) => {
      const { namespace, kind, name } = object;
      return { ref: { namespace, kind, name }, entry: parseServiceEntry(object) };
    }),
    scopes: allScopes,
    audience: (entry) => audienceOf(entry, allScopes()),
  };
}

const OWN_ANNOTATIONS: readonly string[] = Object.values(MESH_ANNOTATIONS);

/** Whether anything in the cluster speaks of a mesh. */
function isPresent({ mesh, classes, namespaces }: MeshInput): boolean {
  const speaks = (keys: Readonly<Record<string, unknown>> | undefined, names: readonly string[]): boolean =>
    keys !== undefined && names.some((name) => Object.hasOwn(keys, name));
  return (
    mesh.length > 0 ||
    classes.some(
      (subject) =>
        proxyOf(subject) !== null ||
        speaks(subject.spec.annotations, OWN_ANNOTATIONS) ||
        speaks(subject.labels, MEMBERSHIP_LABELS),
    ) ||
    [...namespaces.values()].some((labels) => speaks(labels, [...MEMBERSHIP_LABELS, 'istio-injection']))
  );
}

/** Revisions of the control planes whose configuration decides something; the others need not be asked for. */
export function openRevisions(found: Omit<MeshInput, 'meshConfigs'>): readonly string[] {
  const mesh = createMesh({ ...found, meshConfigs: new Map() });
  const open = new Set<string>();
  for (const subject of found.classes) {
    const member = mesh.membership(subject);
    if (!hasSidecar(member) || member.revision === null) continue;
    const outbound = mesh.outbound(subject);
    if (outbound !== null && 'unknown' in outbound) open.add(member.revision);
  }
  return [...open];
}

/** The label keys by which pods are in a mesh, or something in it selects them. */
export function meshLabelKeys(mesh: readonly PolicyObject[]): ReadonlySet<string> {
  const selected = mesh
    .filter(({ kind }) => kind === 'Sidecar')
    .flatMap((object) => {
      const { selector } = parseSidecar(object);
      return 'known' in selector ? Object.keys(selector.known ?? {}) : [];
    });
  return new Set([...MEMBERSHIP_LABELS, ...selected]);
}
