import type { PolicyObject } from '../../inventory/policy-object.ts';

/** The policies of a cluster once others were applied. */
export interface AppliedPolicies {
  readonly policies: readonly PolicyObject[];
  /** Of those that were applied, the ones that took the place of another. */
  readonly replacing: ReadonlySet<PolicyObject>;
}

/** As `kubectl apply` does: an object of the same kind, namespace and name is replaced, any other is added. */
export function applyPolicies(
  existing: readonly PolicyObject[],
  applied: readonly PolicyObject[],
): AppliedPolicies {
  const byIdentity = new Map(applied.map((object) => [identityOf(object), object]));
  const replacing = new Set<PolicyObject>();
  const kept = existing.filter((object) => {
    const by = byIdentity.get(identityOf(object));
    if (by !== undefined) replacing.add(by);
    return by === undefined;
  });
  return { policies: [...kept, ...byIdentity.values()], replacing };
}

/** Whatever the version: one object may be read in one and written in another. */
function identityOf({ apiVersion, kind, namespace, name }: PolicyObject): string {
  const [group = ''] = apiVersion.split('/', 1);
  const isCalico = group.endsWith('projectcalico.org');
  // Calico's API and its custom resources are the same objects, and in the tier `default` a policy may
  // be named with the tier or without (`determinePolicyName`, libcalico-go).
  const plain = isCalico && kind.endsWith('NetworkPolicy') ? name.replace(/^default\./, '') : name;
  return JSON.stringify([isCalico ? 'projectcalico.org' : group, kind, namespace, plain]);
}
