import { type Fields, field, isUnset, quote } from '../../policies/shape.ts';
import { EVERYTHING, fromCidrs, NOTHING } from '../../sets/address-set.ts';
import { atMost, type Bounds, certain, eitherOf } from '../../sets/bounds.ts';
import { readToEndpoint } from './endpoints.ts';
import { readToFqdns } from './names.ts';
import { readToCidr, readToCidrSet } from './nets.ts';
import type { PeerPlace, Peers } from './peer.ts';

type ReadPeers = (list: readonly unknown[], path: string, place: PeerPlace) => Peers;

const nets = (read: (list: readonly unknown[], path: string, place: PeerPlace) => Bounds): ReadPeers => {
  return (list, path, place) => ({ match: read(list, path, place), hosts: [] });
};

const each = (read: (entry: unknown, path: string, place: PeerPlace) => Bounds): ReadPeers =>
  nets((list, path, place) => eitherOf(list.map((entry, index) => read(entry, `${path}[${index}]`, place))));

const nobodyKnows = (why: string): ReadPeers =>
  nets((_, path, { remarks }) => {
    remarks.uncertainties.push(`${path} ${why}`);
    return atMost(EVERYTHING);
  });

/** Every kind of peer of `EgressCommonRule` and `EgressRule`, pkg/policy/api/egress.go. */
const READERS: ReadonlyMap<string, ReadPeers> = new Map<string, ReadPeers>([
  ['toEndpoints', each(readToEndpoint)],
  ['toCIDR', nets(readToCidr)],
  ['toCIDRSet', nets(readToCidrSet)],
  ['toEntities', each(readToEntity)],
  // "The IPs in the service's EndpointSlices are converted to CIDR selectors" if it has no selector.
  ['toServices', nobodyKnows('names services, and whether they lead out of the cluster was not read')],
  // "CIDRs are resolved by an external provider": the addresses of members of AWS security groups.
  ['toGroups', nobodyKnows('names security groups, whose members were not read')],
  ['toNodes', nets(readToNodes)],
  ['toFQDNs', readToFqdns],
]);

export const PEER_FIELDS: readonly string[] = [...READERS.keys()];

/**
 * The peers of a rule; null if it names none, `empty` if its list of them is empty. "Only one of these
 * members may be present within an individual rule" (`EgressCommonRule.Validate`,
 * pkg/policy/api/rule_validation.go).
 */
export function readPeers(rule: Fields, place: PeerPlace): Peers | 'empty' | null {
  const present = PEER_FIELDS.filter((name) => !isUnset(field(rule, name)));
  const peers = present.map((name) => readMember(name, field(rule, name), place));
  const named = peers.filter((one) => one !== 'empty');
  const [first] = named;
  if (first === undefined) return present.length === 0 ? null : 'empty';
  if (named.length === 1) return first;
  const names = present.filter((_, index) => peers[index] !== 'empty').join(' and ');
  place.remarks.refusals.push(`${place.path} combines ${names}, which must be in separate rules`);
  return {
    match: eitherOf(named.map(({ match }) => match)),
    hosts: named.flatMap(({ hosts }) => hosts),
  };
}

function readMember(name: string, list: unknown, place: PeerPlace): Peers | 'empty' {
  const path = `${place.path}.${name}`;
  if (!Array.isArray(list)) {
    place.remarks.refusals.push(`${path} is ${quote(list)} and not a list`);
    return { match: atMost(EVERYTHING), hosts: [] };
  }
  const read = READERS.get(name);
  return list.length === 0 || read === undefined ? 'empty' : read(list, path, place);
}

const INSIDE = certain(NOTHING);
const ANYWHERE = certain(EVERYTHING);

/**
 * https://docs.cilium.io/en/stable/security/policy/layer3/#entities-based; "cluster" and the others
 * are nodes and endpoints inside. "Allowing to world is identical to allowing to CIDR 0.0.0.0/0", of
 * either family (`EntitySelectorMapping`, pkg/policy/api/entity.go).
 */
const ENTITIES: ReadonlyMap<unknown, Bounds> = new Map<unknown, Bounds>([
  ['all', ANYWHERE],
  ['world', ANYWHERE],
  ...['cluster', 'host', 'init', 'ingress', 'unmanaged', 'remote-node', 'health', 'none'].map(
    (name) => [name, INSIDE] as const,
  ),
]);

/**
 * Entities of one family. The agent knows them (`EntitySelectorMapping`), but the enumeration of the resource definition
 * does not (`+kubebuilder:validation:Enum` of Entity, https://github.com/cilium/cilium/blob/main/pkg/policy/api/entity.go),
 * so the API server refuses a policy with them. Where one is stored nevertheless they match nothing without dual-stack,
 * as in EKS: whatever is outside then has the identity `world` alone (pkg/ipcache: `ReservedIdentityWorldIPv6`).
 */
const OF_ONE_FAMILY: ReadonlyMap<unknown, Bounds> = new Map([
  ['world-ipv4', atMost(fromCidrs(['0.0.0.0/0']))],
  ['world-ipv6', atMost(fromCidrs(['::/0']))],
]);

const API_SERVER = 'kube-apiserver';

function readToEntity(entity: unknown, path: string, { remarks }: PeerPlace): Bounds {
  const known = ENTITIES.get(entity);
  if (known !== undefined) return known;
  if (entity === API_SERVER) {
    // "This entity represents both deployments of the kube-apiserver: within the cluster and outside."
    remarks.notes.push(
      `${remarks.name}: ${path} is the API server of Kubernetes, whose addresses are not known and not counted here.`,
    );
    return INSIDE;
  }
  const ofFamily = OF_ONE_FAMILY.get(entity);
  remarks.refusals.push(
    ofFamily === undefined
      ? `${path} is ${quote(entity)} and not an entity`
      : `${path} is ${quote(entity)}, which the CRD of Cilium rejects: no such policy can be created, and one that is stored nevertheless allows at most the entities of that family`,
  );
  return ofFamily ?? atMost(EVERYTHING);
}

/** "Fields will only take effect when `enable-node-selector-labels` flag is set"; else the rule is refused. */
function readToNodes(_: readonly unknown[], path: string, { remarks }: PeerPlace): Bounds {
  remarks.refusals.push(`${path} needs node selector labels to be enabled in Cilium, which is not known`);
  return INSIDE;
}
