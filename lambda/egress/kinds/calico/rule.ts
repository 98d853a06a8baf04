import type { Action } from '../../policies/policy.ts';
import { type Fields, field, isFields, isUnset, quote, unknownFields } from '../../policies/shape.ts';
import {
  EVERYTHING,
  intersect,
  isNothing,
  NOTHING,
  onPorts,
  subtract,
  unionAll,
} from '../../sets/address-set.ts';
import { atMost, type Bounds, both, certain, either } from '../../sets/bounds.ts';
import type { HostMatch } from '../../sets/hosts.ts';
import { intersectPorts, NO_PORTS, samePorts, subtractPorts } from '../../sets/port-set.ts';
import { onPortBounds, type PortBounds } from '../core/network-policy-rule.ts';
import { type Destination, readDestination } from './destination.ts';
import { readEntity } from './entity.ts';
import { type Expression, TRUE } from './expression.ts';
import { nodesWithPort } from './members.ts';
import { FAMILIES } from './nets.ts';
import { type PortList, type Protocols, parsePortList, parseProtocols } from './ports.ts';
import type { RulePlace } from './rule-place.ts';
import { readSource } from './source.ts';

/** An egress rule; more than one action if it is not known which, none if it decides nothing. */
export interface CalicoRule {
  readonly source: string;
  readonly actions: readonly Action[];
  /** The pods of the policy for which the rule counts. */
  readonly from: Expression;
  readonly match: Bounds;
  readonly hosts: readonly HostMatch[];
  /** Names of which it cannot be known whether the rule admits them. */
  readonly uncertainHosts: readonly HostMatch[];
}

/** `Rule`, api/pkg/apis/projectcalico/v3/policy_common.go. */
const FIELDS = [
  'action',
  'ipVersion',
  'protocol',
  'icmp',
  'notProtocol',
  'notICMP',
  'source',
  'destination',
  'http',
  'metadata',
];

const EVERY_ACTION: readonly Action[] = ['allow', 'deny', 'pass'];
const ACTIONS: ReadonlyMap<unknown, readonly Action[]> = new Map<unknown, readonly Action[]>([
  ['Allow', ['allow']],
  ['Deny', ['deny']],
  ['Pass', ['pass']],
  // "After a Log action, processing continues with the next rule."
  ['Log', []],
]);

/**
 * "All the match criteria within a rule must be satisfied for a packet to match. A single rule can
 * contain the positive and negative version of a match and both must be satisfied for the rule to
 * match."
 */
export function parseRule(value: unknown, place: RulePlace): CalicoRule {
  const { path, remarks } = place;
  const nothingKnown = {
    source: `${remarks.name}: ${path}`,
    from: TRUE,
    match: atMost(EVERYTHING),
    hosts: [],
    uncertainHosts: [],
  };
  if (!isFields(value)) {
    remarks.refuse(`${path} is ${quote(value)} and not a rule`);
    return { ...nothingKnown, actions: EVERY_ACTION };
  }
  const actions = readAction(value, place);
  const [strange] = unknownFields(value, FIELDS);
  if (strange !== undefined) {
    remarks.refuse(`${path} has the unknown field ${quote(strange)}`);
    return { ...nothingKnown, actions };
  }
  const protocols = parseProtocols(value, path, remarks);
  const { from, match: versions } = readSource(field(value, 'source'), place, protocols);
  const entity = readEntity(field(value, 'destination'), `${path}.destination`, remarks);
  if (entity === null) return { ...nothingKnown, from, actions };
  const destination = readDestination(entity, place, actions.includes('allow'));
  const addresses = both(destination.match, both(versions, ofVersion(value, place)));
  const ports = readPorts(entity, protocols, place);
  const match = onlyKnown(value, withNamedPorts(addresses, ports, place), place);
  return { ...nothingKnown, actions, from, match, ...hostsOf(destination, ports.numbers) };
}

function readAction(rule: Fields, { path, remarks }: RulePlace): readonly Action[] {
  const action = field(rule, 'action');
  const actions = ACTIONS.get(action);
  if (actions === undefined) remarks.refuse(`${path}.action is ${quote(action)} and not an action`);
  return actions ?? EVERY_ACTION;
}

function ofVersion(rule: Fields, { path, remarks }: RulePlace): Bounds {
  const version = field(rule, 'ipVersion');
  if (isUnset(version)) return certain(EVERYTHING);
  const [v4 = NOTHING, v6 = NOTHING] = FAMILIES;
  if (version === 4) return certain(v4);
  if (version === 6) return certain(v6);
  remarks.refuse(`${path}.ipVersion is ${quote(version)} and not 4 or 6`);
  return atMost(EVERYTHING);
}

interface RulePorts {
  readonly protocols: Protocols;
  /** Ports by number, or all of the protocols if the rule lists none. */
  readonly numbers: PortBounds;
  readonly names: readonly string[];
  readonly notNames: readonly string[];
}

function readPorts(entity: Fields, protocols: Protocols, { path, remarks }: RulePlace): RulePorts {
  const read = (name: string): PortList | null =>
    parsePortList(field(entity, name), `${path}.destination.${name}`, {
      protocol: protocols.withPorts,
      remarks,
    });
  const listed = read('ports');
  const excluded = read('notPorts');
  const only = listed?.understood === false ? null : listed;
  const except = excluded?.understood === false ? null : excluded;
  const potential = subtractPorts(
    only === null ? protocols.potential : intersectPorts(protocols.potential, only.numbers),
    except?.numbers ?? NO_PORTS,
  );
  const known = only === listed && except === excluded && samePorts(protocols.definite, protocols.potential);
  return {
    protocols,
    numbers: known ? { definite: potential, potential } : { definite: NO_PORTS, potential },
    names: listed?.names ?? [],
    notNames: excluded?.names ?? [],
  };
}

/** "A named port, as defined in the ports list of one or more endpoints": of pods, or of nodes. */
function withNamedPorts(addresses: Bounds, ports: RulePorts, place: RulePlace): Bounds {
  const { path, remarks, context } = place;
  const match = onPortBounds(addresses, ports.numbers);
  const nodes = (names: readonly string[]) => unionAll(names.map((name) => nodesWithPort(name, context)));
  const [named, notNamed] = [nodes(ports.names), nodes(ports.notNames)];
  if (isNothing(named) && isNothing(notNamed)) {
    for (const name of ports.names) {
      remarks.note(
        `${remarks.name}: ${path} names the port ${quote(name)}, which allows ports of pods, not ports outside the cluster.`,
      );
    }
    return match;
  }
  remarks.wonder(`${path} names ports of host endpoints`);
  return {
    definite: subtract(match.definite, notNamed),
    potential: either(
      match,
      certain(onPorts(intersect(addresses.potential, named), ports.protocols.potential)),
    ).potential,
  };
}

/** Conditions of other layers, under which the rule matches only some of the traffic. */
function onlyKnown(rule: Fields, match: Bounds, { path, remarks }: RulePlace): Bounds {
  if (isNothing(match.potential)) return match;
  // "ICMP fields require protocol to be ICMP or ICMPv6", and these have no ports.
  if (!isUnset(field(rule, 'icmp'))) remarks.refuse(`${path}.icmp is allowed only with protocol ICMP`);
  if (!isUnset(field(rule, 'notICMP')))
    remarks.wonder(`${path}.notICMP is used with more protocols than ICMP`);
  // "Egress policy must not contain any application layer policy match clauses."
  if (!isUnset(field(rule, 'http'))) remarks.refuse(`${path}.http is not allowed in egress rules`);
  const more = ['icmp', 'notICMP', 'http'].some((name) => !isUnset(field(rule, name)));
  return more ? atMost(match.potential) : match;
}

function hostsOf({ domains, uncertainDomains }: Destination, ports: PortBounds) {
  const toHost = (host: string): HostMatch => ({ host, ports: ports.potential, wildcard: 'labels' });
  const certainly = samePorts(ports.definite, ports.potential);
  return {
    hosts: certainly ? domains.map(toHost) : [],
    uncertainHosts: [...(certainly ? [] : domains), ...uncertainDomains].map(toHost),
  };
}
