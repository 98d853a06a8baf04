import { type Fields, field, isFields, isUnset, quote, unknownFields } from '../../policies/shape.ts';
import { everyPortOf, intersectPorts, NO_PORTS, type PortSet, subtractPorts } from '../../sets/port-set.ts';
import type { PortBounds } from '../core/network-policy-rule.ts';
import { namesAsked } from './asked-names.ts';
import type { HostName } from './peer.ts';
import { ANY_PORTS, joinPorts, type PortEntry, type PortPlace, readPortEntry } from './ports.ts';

/** `PortRule` and `PortDenyRule`, pkg/policy/api/l4.go. */
const FIELDS = {
  allow: ['ports', 'terminatingTLS', 'originatingTLS', 'serverNames', 'listener', 'rules'],
  deny: ['ports'],
} as const;

/** `maxPorts`, pkg/policy/api/rule_validation_helpers.go. */
const MOST_PORTS = 40;

export interface PortRulePlace extends PortPlace {
  readonly action: 'allow' | 'deny';
}

/** The ports of a non-empty `toPorts`. */
export interface ToPorts {
  /** To whatever the peers of the rule are. */
  readonly open: PortBounds;
  /** To some names alone. */
  readonly narrowed: readonly NarrowedPorts[];
}

export interface NarrowedPorts {
  readonly ports: PortBounds;
  readonly names: readonly HostName[];
}

export function readToPorts(list: readonly unknown[], path: string, place: PortRulePlace): ToPorts {
  const rules = list.map((entry, index) => readPortRule(entry, `${path}[${index}]`, place));
  return {
    open: joinPorts(rules.map(({ open }) => open)),
    narrowed: rules.flatMap(({ narrowed }) => narrowed),
  };
}

const allOpen = (open: PortBounds): ToPorts => ({ open, narrowed: [] });

/** Names are in TLS and HTTP, and so on TCP; what the rule opens of other protocols is not narrowed. */
function narrow(ports: PortBounds, names: readonly HostName[] | null): ToPorts {
  if (names === null) return allOpen(ports);
  const map = (change: (set: PortSet) => PortSet): PortBounds => ({
    definite: change(ports.definite),
    potential: change(ports.potential),
  });
  return {
    open: map((set) => subtractPorts(set, EVERY_TCP_PORT)),
    narrowed: [{ ports: map((set) => intersectPorts(set, EVERY_TCP_PORT)), names }],
  };
}

const EVERY_TCP_PORT = everyPortOf('TCP');

function readPortRule(value: unknown, path: string, place: PortRulePlace): ToPorts {
  const { remarks } = place;
  if (!isFields(value)) {
    remarks.refusals.push(`${path} is ${quote(value)} and not a rule for ports`);
    return allOpen(ANY_PORTS);
  }
  const [strange] = unknownFields(value, FIELDS[place.action]);
  if (strange !== undefined) {
    remarks.uncertainties.push(`${path} has the unknown field ${quote(strange)}`);
    return allOpen(ANY_PORTS);
  }
  const list = field(value, 'ports') ?? [];
  if (!Array.isArray(list) || list.length === 0 || list.length > MOST_PORTS) {
    // Without any, "all ports of the endpoint […] are being redirected", or none: that is not settled.
    const what = Array.isArray(list) ? `has ${list.length} ports` : `is ${quote(list)} and not a list`;
    remarks.refusals.push(`${path}.ports ${what}`);
    return allOpen(ANY_PORTS);
  }
  const entries = list.map((entry: unknown, index) => readPortEntry(entry, `${path}.ports[${index}]`, place));
  const ports = joinPorts(entries.map((entry) => entry.ports));
  const names = namesAsked(value);
  const restricted = readLayer7(value, path, { ...place, entries, names });
  return narrow(restricted ? { definite: NO_PORTS, potential: ports.potential } : ports, names);
}

type Layer7Place = PortRulePlace & {
  readonly entries: readonly PortEntry[];
  readonly names: readonly HostName[] | null;
};

/**
 * What else the rule asks of a connection. Names in it narrow the rule; whatever else of requests is
 * restricted, after the connection is made, leaves the destination reachable.
 *
 * @returns whether the rule may not allow the connection at all
 */
function readLayer7(rule: Fields, path: string, place: Layer7Place): boolean {
  const { remarks } = place;
  const kinds = readRules(field(rule, 'rules'), `${path}.rules`, place);
  const asked = [
    ...(kinds ?? []),
    ...['serverNames', 'originatingTLS', 'terminatingTLS'].filter((name) => !isEmpty(field(rule, name))),
  ];
  if (asked.length > 0 && place.outside) {
    const what =
      place.names === null
        ? `restricts or inspects what is sent (${asked.join(', ')}), which is not counted here`
        : `asks for names (${asked.join(', ')}) and counts as a rule for these`;
    remarks.notes.push(`${remarks.name}: ${path} ${what}.`);
  }
  checkServerNames(rule, path, { remarks, hasRules: kinds === null || kinds.length > 0 });
  if (isUnset(field(rule, 'listener'))) return kinds === null;
  // "Instead of allowing or denying the traffic, Cilium hands the traffic to the Envoy proxy."
  if (kinds !== null && kinds.length > 0) remarks.refusals.push(`${path} has both a listener and rules`);
  remarks.uncertainties.push(`${path}.listener hands connections to Envoy, which may send them anywhere`);
  return true;
}

const KINDS = ['http', 'kafka', 'dns', 'l7proto', 'l7'];

/** @returns the kinds of rules, null if they are not understood */
function readRules(
  value: unknown,
  path: string,
  { remarks, entries }: Layer7Place,
): readonly string[] | null {
  if (isUnset(value)) return [];
  if (!isFields(value)) {
    remarks.refusals.push(`${path} is ${quote(value)} and not an object`);
    return null;
  }
  const [strange] = unknownFields(value, KINDS);
  if (strange !== undefined) {
    remarks.uncertainties.push(`${path} has the unknown field ${quote(strange)}`);
    return null;
  }
  const kinds = KINDS.filter((name) => !isEmpty(field(value, name)));
  if (kinds.length === 0) return [];
  // "Mixing of different port level rule types is disallowed"; `l7` goes with `l7proto`.
  if (kinds.filter((name) => name !== 'l7').length > 1) {
    remarks.refusals.push(`${path} mixes ${kinds.join(' and ')}`);
  }
  const isDns = kinds.includes('dns');
  if (entries.some(({ isZero }) => isZero)) remarks.refusals.push(`${path} cannot be combined with port 0`);
  if (isDns && entries.some(({ isRange }) => isRange)) {
    remarks.refusals.push(`${path}.dns cannot be combined with a range of ports`);
  }
  // "DNS L7 rules can be TCP, UDP or ANY, all others are TCP only."
  if (!isDns && entries.some(({ protocol }) => protocol !== 'TCP')) {
    remarks.refusals.push(`${path} can be combined only with TCP`);
  }
  return kinds;
}

function checkServerNames(
  rule: Fields,
  path: string,
  { remarks, hasRules }: Pick<Layer7Place, 'remarks'> & { readonly hasRules: boolean },
): void {
  const names = field(rule, 'serverNames');
  if (isEmpty(names)) return;
  if (!Array.isArray(names) || names.some((name) => typeof name !== 'string' || name === '')) {
    remarks.refusals.push(`${path}.serverNames is ${quote(names)} and not a list of names`);
  }
  if (hasRules && isUnset(field(rule, 'terminatingTLS'))) {
    remarks.refusals.push(`${path} has serverNames with rules but without terminatingTLS`);
  }
}

const isEmpty = (value: unknown): boolean =>
  isUnset(value) || value === '' || (Array.isArray(value) && value.length === 0);
