import { type Fields, field, isFields, isUnset, quote, unknownFields } from '../../policies/shape.ts';
import { EVERYTHING, isNothing, NOTHING } from '../../sets/address-set.ts';
import { atMost, type Bounds, certain } from '../../sets/bounds.ts';
import type { HostMatch } from '../../sets/hosts.ts';
import { ALL_PORTS, NO_PORTS, type PortSet, samePorts } from '../../sets/port-set.ts';
import { onPortBounds, type PortBounds } from '../core/network-policy-rule.ts';
import { narrowNames } from './asked-names.ts';
import type { PeerPlace, Peers } from './peer.ts';
import { PEER_FIELDS, readPeers } from './peers.ts';
import { readToPorts, type ToPorts } from './port-rules.ts';
import { ANY_PORTS } from './ports.ts';

/** What an entry of `egress` or `egressDeny` matches outside the cluster. */
export interface CiliumRule {
  readonly source: string;
  readonly match: Bounds;
  readonly hosts: readonly HostMatch[];
  /** Names of which it cannot be known whether the rule admits them. */
  readonly uncertainHosts: readonly HostMatch[];
}

export interface CiliumRulePlace extends PeerPlace {
  readonly action: 'allow' | 'deny';
}

/** `EgressCommonRule`, pkg/policy/api/egress.go; until 1.18 there was `toRequires`. */
const COMMON_FIELDS = [...PEER_FIELDS.filter((name) => name !== 'toFQDNs'), 'toRequires', 'toPorts', 'icmps'];
/** "Deny policies do not support […] `toFQDNs`." */
const FIELDS = {
  allow: [...COMMON_FIELDS, 'toFQDNs', 'authentication'],
  deny: COMMON_FIELDS,
} as const;

const ALL: PortBounds = { definite: ALL_PORTS, potential: ALL_PORTS };
const NONE: PortBounds = { definite: NO_PORTS, potential: NO_PORTS };
const ANYONE: Peers = { match: certain(EVERYTHING), hosts: [] };

/** "If multiple members of the structure are specified, then all members must match." */
export function parseRule(value: unknown, place: CiliumRulePlace): CiliumRule {
  const { path, remarks } = place;
  const bare = { source: `${remarks.name}: ${path}`, hosts: [], uncertainHosts: [] };
  if (!isFields(value)) {
    remarks.refusals.push(`${path} is ${quote(value)} and not a rule`);
    return { ...bare, match: atMost(EVERYTHING) };
  }
  const [strange] = unknownFields(value, FIELDS[place.action]);
  if (strange !== undefined) {
    remarks.uncertainties.push(`${path} has the unknown field ${quote(strange)}`);
    return { ...bare, match: atMost(EVERYTHING) };
  }
  const peers = readPeers(value, place);
  const outside = peers === null || peers === 'empty' || peers.hosts.length > 0 || !isNowhere(peers.match);
  const ports = readPorts(value, place, outside);
  // A rule that names neither peers nor ports selects nothing: `{}` allows nothing and denies nothing.
  if (ports === null && (peers === null || peers === 'empty')) return { ...bare, match: certain(NOTHING) };
  const named = peers === null || peers === 'empty' ? ANYONE : peers;
  const matched = matchOf(named, ports ?? { open: ALL, narrowed: [] });
  return isCertain(value, peers, place) ? { ...bare, ...matched } : { ...bare, ...asUncertain(matched) };
}

/** Where the rule asks for names in a connection, it counts as a rule for these, whatever their addresses are. */
function matchOf({ match, hosts }: Peers, { open, narrowed }: ToPorts): Matched {
  const parts = [
    onPorts(hosts, open),
    ...narrowed.map(({ ports, names }) => {
      if (hosts.length > 0) return onPorts(narrowNames(hosts, names), ports);
      if (isNowhere(match)) return NO_NAMES;
      // Whether there are such peers may not be known.
      return onPorts(names, isNothing(match.definite) ? { ...ports, definite: NO_PORTS } : ports);
    }),
  ];
  return {
    match: onPortBounds(match, open),
    hosts: parts.flatMap((part) => part.hosts),
    uncertainHosts: parts.flatMap((part) => part.uncertainHosts),
  };
}

const NO_NAMES = { hosts: [], uncertainHosts: [] };

const isNowhere = ({ potential }: Bounds): boolean => isNothing(potential);

type Matched = Omit<CiliumRule, 'source'>;

function onPorts(names: Peers['hosts'], { definite, potential }: PortBounds) {
  const at = (ports: PortSet): readonly HostMatch[] =>
    ports.length === 0 ? [] : names.map((name) => ({ ...name, ports }));
  return { hosts: at(definite), uncertainHosts: samePorts(definite, potential) ? [] : at(potential) };
}

const asUncertain = ({ match, hosts, uncertainHosts }: Matched): Matched => ({
  match: atMost(match.potential),
  hosts: [],
  uncertainHosts: [...hosts, ...uncertainHosts],
});

/** Null if the rule names none. */
function readPorts(rule: Fields, place: CiliumRulePlace, outside: boolean): ToPorts | null {
  const every = (open: PortBounds): ToPorts => ({ open, narrowed: [] });
  const { path, remarks } = place;
  const toPorts = readList(rule, 'toPorts', place);
  const icmps = readList(rule, 'icmps', place);
  if (toPorts.length > 0 && icmps.length > 0) {
    // "The ICMPs block may only be present without ToPorts."
    remarks.refusals.push(`${path} has both toPorts and icmps`);
    return every(ANY_PORTS);
  }
  if (toPorts.length > 0) return readToPorts(toPorts, `${path}.toPorts`, { ...place, outside });
  if (icmps.length === 0) return null;
  // ICMP has no ports. Without any type of it, versions differ in whether the rule is one for ICMP.
  if (icmps.every(namesTypes)) return every(NONE);
  remarks.uncertainties.push(`${path}.icmps is ${quote(icmps)} and names no types of ICMP`);
  return every(ANY_PORTS);
}

function namesTypes(entry: unknown): boolean {
  const types = isFields(entry) && unknownFields(entry, ['fields']).length === 0 && field(entry, 'fields');
  return Array.isArray(types) && types.length > 0 && types.every(isFields);
}

/** A list that is empty "will have no effect on the rule", like one that is not there. */
function readList(rule: Fields, name: string, { path, remarks }: CiliumRulePlace): readonly unknown[] {
  const value = field(rule, name) ?? [];
  if (Array.isArray(value)) return value;
  remarks.refusals.push(`${path}.${name} is ${quote(value)} and not a list`);
  return [value];
}

function isCertain(rule: Fields, peers: Peers | 'empty' | null, { path, remarks }: CiliumRulePlace): boolean {
  const uncertainties: string[] = [];
  if (peers === 'empty') {
    // By the comments of the API the member has no effect, by the code the rule selects nothing
    // (`mergeEndpointSelectors`, pkg/policy/utils).
    uncertainties.push(`${path} has an empty list of peers, of which sources differ in what it selects`);
  }
  if (!isUnset(field(rule, 'toRequires'))) {
    uncertainties.push(`${path}.toRequires was removed in Cilium 1.19`);
  }
  const authentication = field(rule, 'authentication');
  const mode = isFields(authentication) ? field(authentication, 'mode') : authentication;
  if (!isUnset(authentication) && mode !== 'disabled') {
    uncertainties.push(
      `${path}.authentication is ${quote(authentication)}, and whether it succeeds is not known`,
    );
  }
  remarks.uncertainties.push(...uncertainties);
  return uncertainties.length === 0;
}
