import { EVERYTHING, NOTHING } from '../../sets/address-set.ts';
import { atMost, type Bounds, certain } from '../../sets/bounds.ts';
import type { RulePlace } from './remarks.ts';
import {
  isOfKubernetes,
  isReserved,
  NAMESPACE_LABELS,
  POD_NAMESPACE,
  parseRequirements,
  type Requirement,
} from './selector.ts';

/** Labels that addresses outside the cluster have, or may have (pkg/identity; pkg/labels). */
const OUTSIDE = ['world', 'world-ipv4', 'world-ipv6', 'kube-apiserver'];

/**
 * An entry of `toEndpoints` matches pods. Cilium adds the policy's namespace to it, or, if it is
 * clusterwide, that there is one; but not where the selector itself speaks of namespaces or of reserved
 * labels (`getEndpointSelector`, pkg/k8s/apis/cilium.io/utils). So one that only says which labels must
 * be absent may match addresses outside too: https://github.com/cilium/cilium/issues/46949.
 */
export function readToEndpoint(value: unknown, path: string, { namespace, remarks }: RulePlace): Bounds {
  const { known, understood } = parseRequirements(value, path, remarks.uncertainties);
  if (!understood) return atMost(EVERYTHING);
  if (namespaceIsAdded(known, namespace)) return certain(NOTHING);
  if (known.some((requirement) => holdsOutside(requirement) === false)) return certain(NOTHING);
  remarks.uncertainties.push(
    `${path} may select addresses outside the cluster too, since they lack most labels`,
  );
  return atMost(EVERYTHING);
}

function namespaceIsAdded(requirements: readonly Requirement[], namespace: string | null): boolean {
  const ofKubernetes = requirements.filter(isOfKubernetes);
  const asks = (prefix: string): boolean => ofKubernetes.some(({ key }) => key.startsWith(prefix));
  if (requirements.some(isReserved) || ofKubernetes.some(({ key }) => key === POD_NAMESPACE)) return false;
  return namespace === null || !asks(NAMESPACE_LABELS);
}

/** Null if it depends on the address, or on how Cilium is set up. */
function holdsOutside(requirement: Requirement): boolean | null {
  const { source, key } = requirement;
  const mayHave = source === 'k8s' ? false : OUTSIDE.includes(key);
  // Other sources are `cidr`, `fqdn`, `cidrgroup`: what Cilium knows of addresses.
  if (mayHave || !(isReserved(requirement) || isOfKubernetes(requirement))) return null;
  return requirement.holds(undefined);
}
