import { type Fields, field, isUnset, quote } from '../../policies/shape.ts';
import {
  ALL_PORTS,
  everyPortOf,
  isPort,
  MAX_PORT,
  NO_PORTS,
  type PortSet,
  type Protocol,
  portRange,
  subtractPorts,
  unionOfPorts,
} from '../../sets/port-set.ts';
import type { Refusals } from './remarks.ts';

/** The ports of TCP, UDP and SCTP that a rule's protocols leave. */
export interface Protocols {
  /** Not wholly known if the positive or the negative protocol was not understood. */
  readonly definite: PortSet;
  readonly potential: PortSet;
  /** The one protocol whose ports the rule may list; null if there is none. */
  readonly withPorts: Protocol | null;
}

/** "TCP", "UDP", "ICMP", "ICMPv6", "SCTP", "UDPLite" or an integer in the range 1-255. */
const NAMES: ReadonlyMap<unknown, number> = new Map([
  ['TCP', 6],
  ['UDP', 17],
  ['ICMP', 1],
  ['ICMPv6', 58],
  ['SCTP', 132],
  ['UDPLite', 136],
]);

const WITH_PORTS: ReadonlyMap<number, Protocol> = new Map([
  [6, 'TCP'],
  [17, 'UDP'],
  [132, 'SCTP'],
]);

export function parseProtocols(rule: Fields, path: string, remarks: Refusals): Protocols {
  const protocol = readProtocol(field(rule, 'protocol'), `${path}.protocol`, remarks);
  const notProtocol = readProtocol(field(rule, 'notProtocol'), `${path}.notProtocol`, remarks);
  const named = typeof protocol === 'number' ? (WITH_PORTS.get(protocol) ?? null) : null;
  const positive = protocol === null ? ALL_PORTS : named === null ? NO_PORTS : everyPortOf(named);
  const excluded = typeof notProtocol === 'number' ? WITH_PORTS.get(notProtocol) : undefined;
  const ports = excluded === undefined ? positive : subtractPorts(positive, everyPortOf(excluded));
  return {
    definite: protocol === 'unknown' || notProtocol === 'unknown' ? NO_PORTS : ports,
    potential: protocol === 'unknown' ? ALL_PORTS : ports,
    withPorts: named,
  };
}

function readProtocol(value: unknown, path: string, remarks: Refusals): number | 'unknown' | null {
  if (isUnset(value)) return null;
  // A number may be written as a string (`Uint8OrString`, api/pkg/lib/numorstring).
  const number = typeof value === 'string' && /^\d{1,3}$/.test(value) ? Number(value) : value;
  const read = NAMES.get(value) ?? number;
  if (typeof read === 'number' && Number.isInteger(read) && read >= 1 && read <= 255) return read;
  remarks.refuse(`${path} is ${quote(value)} and not a protocol`);
  return 'unknown';
}

/** A list of ports: numbers on one protocol, and names of ports of endpoints. */
export interface PortList {
  readonly numbers: PortSet;
  readonly names: readonly string[];
  readonly understood: boolean;
}

/**
 * `Port`, api/pkg/lib/numorstring/port.go; an empty list is no list. "Since only some protocols have
 * ports, if any ports are specified it requires the Protocol match in the Rule to be set to TCP, UDP,
 * or SCTP", except for names (`validateRule`, libcalico-go/lib/validator/v3/validator.go).
 *
 * @returns null if there is no list
 */
export function parsePortList(
  value: unknown,
  path: string,
  { protocol, remarks }: { readonly protocol: Protocol | null; readonly remarks: Refusals },
): PortList | null {
  if (isUnset(value)) return null;
  if (!Array.isArray(value)) {
    remarks.refuse(`${path} is ${quote(value)} and not a list of ports`);
    return { numbers: NO_PORTS, names: [], understood: false };
  }
  if (value.length === 0) return null;
  const entries = value.map(readPort);
  const wrong = entries.findIndex(
    (entry) => entry === null || (typeof entry !== 'string' && protocol === null),
  );
  if (wrong >= 0) {
    remarks.refuse(
      entries[wrong] === null
        ? `${path}[${wrong}] is ${quote(value[wrong])} and not a port`
        : `${path} has port numbers, but the rule has no protocol with ports`,
    );
  }
  const numbers = unionOfPorts(
    entries.flatMap((entry) =>
      entry === null || typeof entry === 'string' || protocol === null
        ? []
        : [portRange(protocol, entry.from, entry.to)],
    ),
  );
  return { numbers, names: entries.filter((entry) => typeof entry === 'string'), understood: wrong < 0 };
}

type PortEntry = string | { readonly from: number; readonly to: number };

/** Only a text can be a name or a range: "It's not a string, it must be a single int" (`UnmarshalJSON`). */
function readPort(value: unknown): PortEntry | null {
  if (isPort(value)) return { from: value, to: value };
  if (typeof value !== 'string') return null;
  const [, first, last = first] = /^(\d+)(?::(\d+))?$/.exec(value) ?? [];
  if (first === undefined) return /^[a-zA-Z0-9_.-]{1,128}$/.test(value) ? value : null;
  const [from, to] = [Number(first), Number(last)];
  return from >= 1 && to <= MAX_PORT && from <= to ? { from, to } : null;
}
