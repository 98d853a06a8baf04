import type { PolicyKind } from '../../policies/policy.ts';
import { field, isFields, isUnset, unknownFields } from '../../policies/shape.ts';
import { EVERYTHING, NOTHING } from '../../sets/address-set.ts';
import { atMost, type Bounds, certain, eitherOf } from '../../sets/bounds.ts';
import { ALL_PORTS } from '../../sets/port-set.ts';
import { parseDomainNames } from '../core/domain-names.ts';
import { destinations, type ParseEgressRule, parseIsolatingPolicy } from '../core/network-policy.ts';
import {
  onPortBounds,
  type PortBounds,
  parsePeer,
  parsePeers,
  parsePorts,
  type Remarks,
} from '../core/network-policy-rule.ts';
import { NAMES_NOTE } from './cluster-network-policy.ts';

/**
 * Amazon's `ApplicationNetworkPolicy`: aws/amazon-network-policy-controller-k8s,
 * api/v1alpha1/applicationnetworkpolicy_types.go. A NetworkPolicy whose egress peers may also be
 * domain names; it is evaluated in the tier of NetworkPolicies, to which it adds
 * (https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html).
 */
export const awsApplicationNetworkPolicy: PolicyKind = {
  apiVersion: 'networking.k8s.aws/v1alpha1',
  kind: 'ApplicationNetworkPolicy',
  parse: (object) => parseIsolatingPolicy(object, parseRule),
};

const parseRule: ParseEgressRule = (rule, path, remarks) => {
  const names: string[] = [];
  const match = destinations(rule, path, remarks, (to, toPath) =>
    Array.isArray(to) ? parseTo(to, toPath, remarks, names) : parsePeers(to, toPath, remarks),
  );
  if (names.length === 0) return { match, hosts: [] };
  remarks.notes.push(`${remarks.name} ${NAMES_NOTE}`);
  // What is wrong with the ports was remarked above.
  const ports = portsOf(rule, { ...remarks, uncertainties: [], notes: [] });
  return {
    // Names on ports that are not wholly understood may be reached by any address.
    match:
      ports.definite === ports.potential
        ? match
        : { definite: match.definite, potential: onPortBounds(atMost(EVERYTHING), ports).potential },
    hosts: names.map((host) => ({ host, ports: ports.potential, wildcard: 'labels' })),
  };
};

function portsOf(rule: unknown, remarks: Remarks): PortBounds {
  const ports = isFields(rule) ? field(rule, 'ports') : undefined;
  return isUnset(ports) || (Array.isArray(ports) && ports.length === 0)
    ? { definite: ALL_PORTS, potential: ALL_PORTS }
    : parsePorts(ports, '', remarks);
}

/** Domain names are "mutually exclusive with PodSelector, NamespaceSelector, and IPBlock". */
function parseTo(to: readonly unknown[], path: string, remarks: Remarks, names: string[]): Bounds {
  const peers = to.map((peer, index): Bounds => {
    const isNamed = isFields(peer) && !isUnset(field(peer, 'domainNames'));
    if (!isNamed) return parsePeer(peer, `${path}[${index}]`, remarks);
    const [other] = unknownFields(peer, ['domainNames']);
    const parsed = parseDomainNames(
      field(peer, 'domainNames'),
      `${path}[${index}].domainNames`,
      remarks.uncertainties,
    );
    names.push(...parsed.names);
    if (other === undefined) return parsed.understood ? certain(NOTHING) : atMost(EVERYTHING);
    remarks.uncertainties.push(`${path}[${index}] has ${other} beside domainNames`);
    return atMost(EVERYTHING);
  });
  return eitherOf(peers);
}
