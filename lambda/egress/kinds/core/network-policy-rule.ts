import { type Fields, field, isFields, isUnset, quote, unknownFields } from '../../policies/shape.ts';
import { EVERYTHING, fromSpans, NOTHING, onPorts, subtract } from '../../sets/address-set.ts';
import { parseCidr } from '../../sets/addresses.ts';
import { atMost, type Bounds, certain, eitherOf } from '../../sets/bounds.ts';
import {
  ALL_PORTS,
  everyPortOf,
  isPort,
  isProtocol,
  NO_PORTS,
  type PortSet,
  portRange,
  unionOfPorts,
} from '../../sets/port-set.ts';

/** Where parsing leaves what it noticed about one policy. */
export interface Remarks {
  readonly name: string;
  readonly uncertainties: string[];
  readonly notes: string[];
}

/** Ports of which not everything is known. */
export interface PortBounds {
  readonly definite: PortSet;
  readonly potential: PortSet;
}

export function onPortBounds(set: Bounds, ports: PortBounds): Bounds {
  const definite = onPorts(set.definite, ports.definite);
  return set.definite === set.potential && ports.definite === ports.potential
    ? certain(definite)
    : { definite, potential: onPorts(set.potential, ports.potential) };
}

/** The external destinations of a non-empty `to`. */
export function parsePeers(value: unknown, path: string, remarks: Remarks): Bounds {
  if (Array.isArray(value)) {
    return eitherOf(value.map((peer: unknown, index) => parsePeer(peer, `${path}[${index}]`, remarks)));
  }
  remarks.uncertainties.push(`${path} is ${quote(value)} and not a list of peers`);
  return atMost(EVERYTHING);
}

export function parsePeer(peer: unknown, path: string, { uncertainties }: Remarks): Bounds {
  if (!isFields(peer)) {
    uncertainties.push(`${path} is ${quote(peer)} and not a peer`);
    return atMost(EVERYTHING);
  }
  const [strange] = unknownFields(peer, ['podSelector', 'namespaceSelector', 'ipBlock']);
  if (strange !== undefined) {
    uncertainties.push(`${path} has the unknown field ${quote(strange)}`);
    return atMost(EVERYTHING);
  }
  const selectsPods = !isUnset(field(peer, 'podSelector')) || !isUnset(field(peer, 'namespaceSelector'));
  const ipBlock = field(peer, 'ipBlock');
  if (isUnset(ipBlock)) {
    // Selectors select pods: they say nothing about addresses outside the cluster.
    if (selectsPods) return certain(NOTHING);
    uncertainties.push(`${path} names no peer`);
    return atMost(EVERYTHING);
  }
  const block = parseIpBlock(ipBlock, `${path}.ipBlock`, uncertainties);
  if (!selectsPods) return block;
  uncertainties.push(`${path} has both ipBlock and a selector`);
  return atMost(block.potential);
}

/** `except` only narrows this block; it denies nothing that another rule allows. */
function parseIpBlock(value: unknown, path: string, uncertainties: string[]): Bounds {
  const cidr = isFields(value) ? field(value, 'cidr') : undefined;
  const span = typeof cidr === 'string' ? parseCidr(cidr) : null;
  if (!isFields(value) || span === null) {
    uncertainties.push(`${path}.cidr is ${quote(cidr)} and not a CIDR block`);
    return atMost(EVERYTHING);
  }
  const block = fromSpans([span]);
  const [strange] = unknownFields(value, ['cidr', 'except']);
  if (strange !== undefined) {
    uncertainties.push(`${path} has the unknown field ${quote(strange)}`);
    return atMost(block);
  }
  const except = field(value, 'except');
  if (isUnset(except)) return certain(block);
  if (!Array.isArray(except)) {
    uncertainties.push(`${path}.except is ${quote(except)} and not a list of CIDR blocks`);
    return atMost(block);
  }
  const spans = except.map((entry: unknown) => (typeof entry === 'string' ? parseCidr(entry) : null));
  const rest = subtract(block, fromSpans(spans.filter((entry) => entry !== null)));
  const wrong = spans.indexOf(null);
  if (wrong < 0) return certain(rest);
  uncertainties.push(`${path}.except[${wrong}] is ${quote(except[wrong])} and not a CIDR block`);
  return atMost(rest);
}

/** The ports of a non-empty `ports`. */
export function parsePorts(value: unknown, path: string, remarks: Remarks): PortBounds {
  if (!Array.isArray(value)) {
    remarks.uncertainties.push(`${path} is ${quote(value)} and not a list of ports`);
    return ANY_PORTS;
  }
  const entries = value.map((entry: unknown, index) => parsePort(entry, `${path}[${index}]`, remarks));
  const definite = unionOfPorts(entries.map((entry) => entry.definite));
  return entries.every((entry) => entry.definite === entry.potential)
    ? known(definite)
    : { definite, potential: unionOfPorts(entries.map((entry) => entry.potential)) };
}

const ANY_PORTS: PortBounds = { definite: NO_PORTS, potential: ALL_PORTS };
const known = (ports: PortSet): PortBounds => ({ definite: ports, potential: ports });

function parsePort(entry: unknown, path: string, remarks: Remarks): PortBounds {
  if (!isFields(entry)) {
    remarks.uncertainties.push(`${path} is ${quote(entry)} and not a port`);
    return ANY_PORTS;
  }
  const [strange] = unknownFields(entry, ['protocol', 'port', 'endPort']);
  // "If not specified, this field defaults to TCP."
  const protocol = field(entry, 'protocol') ?? 'TCP';
  if (strange !== undefined || !isProtocol(protocol)) {
    remarks.uncertainties.push(
      strange === undefined
        ? `${path}.protocol is ${quote(protocol)} and not TCP, UDP or SCTP`
        : `${path} has the unknown field ${quote(strange)}`,
    );
    return ANY_PORTS;
  }
  const numbers = portNumbers(entry, path, remarks);
  const everyPort = everyPortOf(protocol);
  if (numbers === 'every') return known(everyPort);
  if (numbers === 'none') return known(NO_PORTS);
  if (numbers !== 'unknown') return known(portRange(protocol, numbers.from, numbers.to));
  remarks.uncertainties.push(
    `${path} with port ${quote(field(entry, 'port'))} and endPort ${quote(field(entry, 'endPort'))} is not a range of ports`,
  );
  return { definite: NO_PORTS, potential: everyPort };
}

type PortNumbers = 'every' | 'none' | 'unknown' | { readonly from: number; readonly to: number };

/** "If this field is not provided, this matches all port names and numbers." */
function portNumbers(entry: Fields, path: string, remarks: Remarks): PortNumbers {
  const port = field(entry, 'port');
  const endPort = field(entry, 'endPort');
  if (isUnset(port)) return isUnset(endPort) ? 'every' : 'unknown';
  if (isPort(port)) {
    if (isUnset(endPort)) return { from: port, to: port };
    return isPort(endPort) && endPort >= port ? { from: port, to: endPort } : 'unknown';
  }
  if (!isPortName(port) || !isUnset(endPort)) return 'unknown';
  // A name is looked up in the container ports of the destination pod, and addresses have none.
  remarks.notes.push(
    `${remarks.name}: ${path} names the port ${quote(port)}, which allows ports of pods, not ports outside the cluster.`,
  );
  return 'none';
}

/** `IsValidPortName`, k8s.io/apimachinery/pkg/util/validation: an IANA service name (RFC 6335 §5.1). */
const isPortName = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length <= 15 &&
  /^[a-z0-9]+(-[a-z0-9]+)*$/.test(value) &&
  /[a-z]/.test(value);
