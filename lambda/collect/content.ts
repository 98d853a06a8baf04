import type { Gap, Resource } from '../inventory/gap.ts';
import { MESH_RESOURCES, POLICY_RESOURCES } from '../inventory/resources.ts';
import { POLICY_KINDS } from './policies/policy-kinds.ts';

/** A part of an inventory that a dump holds or does not hold. */
export type InventoryPart = Resource | 'nodeclasses';

/**
 * What the objects of a snapshot are: `dump`, as they were in a cluster; `manifests`, as they are before they are
 * applied, and judged as if these were all there is.
 */
export type SnapshotContent =
  | { readonly form: 'manifests' }
  | {
      readonly form: 'dump';
      readonly holds: ReadonlySet<InventoryPart>;
      /** Somebody said that it holds everything there is. */
      readonly complete: boolean;
    };

/** Said once of every audit of manifests. */
export const MANIFESTS_NOTE =
  'These are manifests, evaluated as declared and as if they were complete: ages and debug containers do not apply, and whether the policies are enforced is not checked.';

/** Whether what a dump does not hold of this part is not there either. */
export const holdsAll = (content: SnapshotContent, part: InventoryPart): boolean =>
  content.form === 'manifests' || content.complete || content.holds.has(part);

/** What is said of a kind that a dump does not hold. */
export const notInDump = (kind: string) => ({
  message: `The snapshot is a dump without any ${kind}, so whether the cluster has one is not known.`,
  remedy: COMPLETE_DUMP,
});

/** Every kind that some check needs as a whole. */
const NEEDED: readonly Resource[] = ['pods', ...POLICY_RESOURCES, ...MESH_RESOURCES];

/**
 * The gaps of a dump: a kind that does not occur in it was not read, since `kubectl get` writes nothing about a kind
 * of which there is no object, and fails for one that the cluster does not have.
 */
export function kindsNotRead(content: SnapshotContent): readonly Gap[] {
  const missing = NEEDED.filter((resource) => !holdsAll(content, resource));
  const message = `The snapshot is a dump in which ${listed(missing.map(kindOf))} ${missing.length === 1 ? 'does' : 'do'} not occur, so whether the cluster has any is not known.`;
  return missing.map((resource) => ({ resource, reason: 'not-in-snapshot', message, remedy: COMPLETE_DUMP }));
}

const MOST_NAMED = 4;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).join(', ');
  return names.length > MOST_NAMED ? `${shown} and ${names.length - MOST_NAMED} more kinds` : shown;
}

/** Kinds of the same name are distinguished by their group. */
function kindOf(resource: Resource): string {
  const found = POLICY_KINDS.find((one) => one.resource === resource);
  if (found === undefined) return 'Pod';
  const isOnly = POLICY_KINDS.every((one) => one === found || one.kind !== found.kind);
  return isOnly ? found.kind : `${found.kind} (${found.sources[0].group})`;
}

/** The names, as `kubectl api-resources -o name` gives them, of all that an audit reads. */
export const DUMPED =
  '^(pods|nodes|namespaces|serviceaccounts)$|^(replicasets|jobs|tiers|sidecars)[.]|networkpolic|networkset|cidrgroup|clustergroup|serviceentr|nodeclass|ciliumnodeconfig|securitygroup';

/** Asks only for kinds that the cluster has: `kubectl get` fails as a whole for one that it does not have. */
export const DUMP_COMMAND = `kubectl get "$(kubectl api-resources --verbs=list -o name | grep -E '${DUMPED}' | paste -sd, -)" -A -o json`;

const COMPLETE_DUMP = `Read the cluster with eks-drift-audit snapshot --out FILE, which also records what the cluster does not have; or add --complete to a dump of everything: ${DUMP_COMMAND}`;
