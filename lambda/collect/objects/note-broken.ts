import type { Resource } from '../../inventory/gap.ts';
import { CILIUM_NODE_CONFIG } from '../engines/engine-sources.ts';
import type { Fields, MalformedObject } from '../fields.ts';
import { malformedGap } from '../observe.ts';
import { policyKindOf } from '../policies/policy-kinds.ts';
import { SECURITY_GROUP_POLICY, SECURITY_GROUP_RESOURCE } from '../policies/security-group-policies.ts';
import { nameOf } from '../read-object.ts';
import type { Sorted } from './sorted.ts';

/** Of kinds that are neither policies nor hold pods. */
const OTHER_RESOURCES: ReadonlyMap<string, Resource> = new Map<string, Resource>([
  ['Node', 'nodes'],
  [SECURITY_GROUP_POLICY.kind, SECURITY_GROUP_RESOURCE],
]);

/** Says of an object that cannot be read what is not known without it. */
export function noteBroken(sorted: Sorted, kind: string, object: Fields, error: MalformedObject): void {
  const scope = nameOf(object, kind);
  const policy = policyKindOf(String(object['apiVersion'] ?? ''), kind);
  const resource: Resource | null = policy?.resource ?? OTHER_RESOURCES.get(kind) ?? null;
  if (kind === 'Namespace') {
    const { message, remedy } = malformedGap('namespaces', scope, error);
    sorted.notes.push(`${message} Its labels are treated as unknown. ${remedy}`);
  } else if (kind === 'ServiceAccount') {
    const { message, remedy } = malformedGap('serviceaccounts', scope, error);
    sorted.notes.push(`${message} It is treated as not read. ${remedy}`);
  } else if (kind === CILIUM_NODE_CONFIG.kind) {
    const { message, remedy } = malformedGap('nodes', scope, error);
    sorted.ciliumPerNode = { reason: 'malformed-object', message, remedy };
  } else if (resource === null) sorted.gaps.push(malformedGap('pods', scope, error));
  else {
    // Which pods it concerns is unknown, so nothing that needs the whole kind can be decided.
    const { scope: _, ...gap } = malformedGap(resource, scope, error);
    sorted.gaps.push(gap);
  }
}
