import { spend } from '../../work.ts';

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/** Inclusive port interval of one protocol, 1 to 65535. */
export interface PortRange {
  readonly protocol: Protocol;
  readonly from: number;
  readonly to: number;
}

/** `all`: every port of TCP, UDP and SCTP. */
export type Ports = 'all' | readonly PortRange[];

/**
 * A set of ports of TCP, UDP and SCTP: where membership toggles, on one axis on which each protocol
 * has 65,536 places (`[1, 65536]` is all of TCP). Strictly increasing and of even length, so equal
 * sets are equal arrays. Port 0 is in no set, which keeps protocols from running into each other.
 */
export type PortSet = readonly number[];

const PLACES = 65_536;
export const PROTOCOLS: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];

export const MAX_PORT = PLACES - 1;
export const NO_PORTS: PortSet = [];
export const ALL_PORTS: PortSet = PROTOCOLS.flatMap((_, index) => [index * PLACES + 1, (index + 1) * PLACES]);

export const isProtocol = (text: unknown): text is Protocol =>
  text === 'TCP' || text === 'UDP' || text === 'SCTP';

export const isPort = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_PORT;

const place = (protocol: Protocol, port: number): number => PROTOCOLS.indexOf(protocol) * PLACES + port;

/** Inclusive `from` to `to`, both from 1 to 65535. */
export function portRange(protocol: Protocol, from: number, to: number): PortSet {
  return [place(protocol, from), place(protocol, to) + 1];
}

export const everyPortOf = (protocol: Protocol): PortSet => portRange(protocol, 1, MAX_PORT);

/** One port of one protocol. */
export const onePort = (protocol: Protocol, port: number): PortSet => portRange(protocol, port, port);

/** One port number on each protocol. */
export const portOfEveryProtocol = (port: number): PortSet => [
  ...onePort('TCP', port),
  ...onePort('UDP', port),
  ...onePort('SCTP', port),
];

export function samePorts(a: PortSet, b: PortSet): boolean {
  return a === b || (a.length === b.length && a.every((place, index) => place === b[index]));
}

export function unionPorts(a: PortSet, b: PortSet): PortSet {
  if (a === b || b.length === 0 || a === ALL_PORTS) return a;
  if (a.length === 0 || b === ALL_PORTS) return b;
  return toggleTogether(a, b, (inA, inB) => inA || inB);
}

export function intersectPorts(a: PortSet, b: PortSet): PortSet {
  if (a === b || a.length === 0 || b === ALL_PORTS) return a;
  if (b.length === 0 || a === ALL_PORTS) return b;
  return toggleTogether(a, b, (inA, inB) => inA && inB);
}

export function subtractPorts(a: PortSet, b: PortSet): PortSet {
  if (a === b || b === ALL_PORTS) return NO_PORTS;
  if (a.length === 0 || b.length === 0) return a;
  return toggleTogether(a, b, (inA, inB) => inA && !inB);
}

/** Joins pairs, then pairs of pairs, so that many small sets cost n log n and not n². */
export function unionOfPorts(sets: readonly PortSet[]): PortSet {
  let level = sets;
  while (level.length > 1) {
    const next: PortSet[] = [];
    for (let i = 0; i < level.length; i += 2)
      next.push(unionPorts(level[i] ?? NO_PORTS, level[i + 1] ?? NO_PORTS));
    level = next;
  }
  return level[0] ?? NO_PORTS;
}

/** Walks the toggles of both sets in order and keeps those at which the result toggles. */
function toggleTogether(a: PortSet, b: PortSet, keep: (inA: boolean, inB: boolean) => boolean): PortSet {
  spend(a.length + b.length);
  const result: number[] = [];
  let i = 0;
  let j = 0;
  let inside = false;
  while (i < a.length || j < b.length) {
    const nextA = a[i] ?? Number.POSITIVE_INFINITY;
    const nextB = b[j] ?? Number.POSITIVE_INFINITY;
    const at = Math.min(nextA, nextB);
    if (nextA === at) i += 1;
    if (nextB === at) j += 1;
    // An odd number of toggles passed means inside.
    if (keep(i % 2 === 1, j % 2 === 1) !== inside) {
      inside = !inside;
      result.push(at);
    }
  }
  // One object for "all" and one for "none" keeps the fast paths above fast.
  if (result.length === 0) return NO_PORTS;
  return samePorts(result, ALL_PORTS) ? ALL_PORTS : result;
}

export function hasPort(set: PortSet, protocol: Protocol, port: number): boolean {
  return passedBy(set, place(protocol, port)) % 2 === 1;
}

/** How many toggles are at the place or before it. */
function passedBy(set: PortSet, at: number): number {
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((set[middle] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether every port of `wanted` is in the set. */
export function includesPorts(set: PortSet, wanted: PortSet): boolean {
  for (let j = 0; j < wanted.length; j += 2) {
    const [from, end] = [wanted[j] ?? 0, wanted[j + 1] ?? 0];
    const passed = passedBy(set, from);
    if (passed % 2 === 0 || (set[passed] ?? 0) < end) return false;
  }
  return true;
}

/** In the form of the answer: `all`, or intervals by protocol (TCP, UDP, SCTP) and number. */
export function printPorts(set: PortSet): Ports {
  if (samePorts(set, ALL_PORTS)) return 'all';
  const ranges: PortRange[] = [];
  for (let i = 0; i + 1 < set.length; i += 2) {
    const start = set[i] ?? 0;
    const end = (set[i + 1] ?? 0) - 1;
    const protocol = PROTOCOLS[Math.floor(start / PLACES)] ?? 'TCP';
    ranges.push({ protocol, from: start % PLACES, to: end % PLACES });
  }
  return ranges;
}

/** The inverse of {@link printPorts}; intervals may overlap and stand in any order. */
export function readPorts(ports: Ports): PortSet {
  if (ports === 'all') return ALL_PORTS;
  return unionOfPorts(ports.map(({ protocol, from, to }) => portRange(protocol, from, to)));
}
