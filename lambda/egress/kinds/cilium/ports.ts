import { type Fields, field, isFields, isUnset, quote, unknownFields } from '../../policies/shape.ts';
import {
  isPort,
  MAX_PORT,
  NO_PORTS,
  type PortSet,
  type Protocol,
  portRange,
  unionOfPorts,
} from '../../sets/port-set.ts';
import type { PortBounds } from '../core/network-policy-rule.ts';
import type { RulePlace } from './remarks.ts';

/** One entry of `ports`, and what rules of layer 7 must know of it. */
export interface PortEntry {
  readonly ports: PortBounds;
  readonly protocol: string;
  /** Port 0, which means all ports. */
  readonly isZero: boolean;
  readonly isRange: boolean;
}

const EVERY_PROTOCOL: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];

/** "If `ANY`, omitted or empty, any protocols with transport ports (TCP, UDP, SCTP) match." */
const PROTOCOLS: ReadonlyMap<string, readonly Protocol[]> = new Map<string, readonly Protocol[]>([
  ['TCP', ['TCP']],
  ['UDP', ['UDP']],
  ['SCTP', ['SCTP']],
  ['ANY', EVERY_PROTOCOL],
  ['', EVERY_PROTOCOL],
  // "These protocols do not use transport-layer ports."
  ...['VRRP', 'IGMP', 'GRE', 'IPIP', 'IPV6', 'ESP', 'AH'].map((name): [string, []] => [name, []]),
]);

const onEach = (protocols: readonly Protocol[], from: number, to: number): PortSet =>
  unionOfPorts(protocols.map((name) => portRange(name, from, to)));

const everyPort = (protocols: readonly Protocol[]): PortSet => onEach(protocols, 1, MAX_PORT);

export const ANY_PORTS: PortBounds = { definite: NO_PORTS, potential: everyPort(EVERY_PROTOCOL) };

const known = (ports: PortSet): PortBounds => ({ definite: ports, potential: ports });

export function joinPorts(list: readonly PortBounds[]): PortBounds {
  const definite = unionOfPorts(list.map((entry) => entry.definite));
  return list.every((entry) => entry.definite === entry.potential)
    ? known(definite)
    : { definite, potential: unionOfPorts(list.map((entry) => entry.potential)) };
}

const NOT_UNDERSTOOD: PortEntry = { ports: ANY_PORTS, protocol: 'TCP', isZero: false, isRange: false };

export interface PortPlace extends RulePlace {
  /** Whether the rule has peers outside the cluster. */
  readonly outside: boolean;
}

/** `PortProtocol`, pkg/policy/api/l4.go. */
export function readPortEntry(value: unknown, path: string, place: PortPlace): PortEntry {
  const { remarks } = place;
  if (!isFields(value)) {
    remarks.refusals.push(`${path} is ${quote(value)} and not a port`);
    return NOT_UNDERSTOOD;
  }
  const [strange] = unknownFields(value, ['port', 'endPort', 'protocol']);
  if (strange !== undefined) {
    remarks.uncertainties.push(`${path} has the unknown field ${quote(strange)}`);
    return NOT_UNDERSTOOD;
  }
  const protocol = field(value, 'protocol') ?? '';
  const protocols = typeof protocol === 'string' ? PROTOCOLS.get(protocol) : undefined;
  if (typeof protocol !== 'string' || protocols === undefined) {
    remarks.refusals.push(`${path}.protocol is ${quote(protocol)} and not a protocol`);
    return NOT_UNDERSTOOD;
  }
  const entry = { ...NOT_UNDERSTOOD, protocol };
  if (protocols.length === 0) return { ...entry, ports: known(NO_PORTS) };
  const numbers = readNumbers(value, path, place);
  const every = everyPort(protocols);
  if (numbers === null) return { ...entry, ports: { definite: NO_PORTS, potential: every } };
  if (numbers.from === 0) return { ...entry, ports: known(every), isZero: true };
  const ports = known(onEach(protocols, numbers.from, numbers.to));
  return { ...entry, ports, isRange: numbers.to > numbers.from };
}

type Numbers = { readonly from: number; readonly to: number };

/** @returns null, with an uncertainty, if they are not understood */
function readNumbers(entry: Fields, path: string, { outside, remarks }: PortPlace): Numbers | null {
  const port = field(entry, 'port');
  const endPort = field(entry, 'endPort') ?? 0;
  if (isPortName(port)) {
    // Releases look the name up in the container ports of all pods, and the number then counts for every
    // destination of the rule (`Endpoint.GetNamedPort`, pkg/endpoint/policy.go); newer code asks only the
    // pods among these.
    if (outside)
      remarks.uncertainties.push(`${path} names the port ${quote(port)}, whose number was not read`);
    return null;
  }
  // `strconv.ParseUint(port, 0, 16)`: leading zeros would make it octal.
  const from = typeof port === 'string' && /^(?:0|[1-9]\d{0,4})$/.test(port) ? Number(port) : null;
  if (from === null || from > MAX_PORT) {
    remarks.refusals.push(`${path}.port is ${isUnset(port) ? 'missing' : `${quote(port)} and not a port`}`);
    return null;
  }
  if (endPort !== 0 && !isPort(endPort)) {
    remarks.refusals.push(`${path}.endPort is ${quote(endPort)} and not a port`);
    return null;
  }
  // `PortRangeToMaskedPorts`, pkg/policy/portrange.go: without an end above it, it is a single port.
  if (from > 0) {
    if (endPort === 0 || endPort >= from) return { from, to: Math.max(from, endPort) };
  } else if (endPort === 0 || endPort === MAX_PORT) {
    return { from, to: MAX_PORT };
  }
  remarks.uncertainties.push(`${path} from port ${from} to ${endPort} is not a valid range`);
  return null;
}

/** `IsSvcName`, pkg/iana: RFC 6335 §5.1, in either case. */
const isPortName = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length <= 15 &&
  /^[a-z0-9]+(-[a-z0-9]+)*$/i.test(value) &&
  /[a-z]/i.test(value);
