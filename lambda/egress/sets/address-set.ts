import { spend } from '../../work.ts';
import { type Address, type AddressSpan, IPV4, IPV6, parseAddress, parseCidr } from './addresses.ts';
import {
  ALL_PORTS,
  hasPort,
  intersectPorts,
  NO_PORTS,
  type PortSet,
  subtractPorts,
  unionOfPorts,
  unionPorts,
} from './port-set.ts';
import { combine, constant, forEachSpan, onSpans, portsAt, type Steps, sameSteps } from './steps.ts';

/** Destinations: for each IPv4 and IPv6 address the ports that are in the set. Immutable, canonical. */
export interface AddressSet {
  readonly v4: Steps<number>;
  readonly v6: Steps<bigint>;
}

export const NOTHING: AddressSet = onEveryAddress(NO_PORTS);
/** Every port of TCP, UDP and SCTP at every address of both families. */
export const EVERYTHING: AddressSet = onEveryAddress(ALL_PORTS);

export function onEveryAddress(ports: PortSet): AddressSet {
  return { v4: constant(IPV4.zero, ports), v6: constant(IPV6.zero, ports) };
}

/** The same ports at all addresses of the spans, which may overlap and stand in any order. */
export function fromSpans(spans: readonly AddressSpan[], ports: PortSet = ALL_PORTS): AddressSet {
  const v4 = spans.flatMap((span) => (span.family === 4 ? [span] : []));
  const v6 = spans.flatMap((span) => (span.family === 6 ? [span] : []));
  return {
    v4: v4.length === 0 ? NOTHING.v4 : onSpans<number>(IPV4, v4, ports),
    v6: v6.length === 0 ? NOTHING.v6 : onSpans<bigint>(IPV6, v6, ports),
  };
}

/**
 * For blocks written in this program's own data.
 *
 * @throws TypeError if one is no CIDR block
 */
export function fromCidrs(cidrs: readonly string[], ports: PortSet = ALL_PORTS): AddressSet {
  return fromSpans(
    cidrs.map((cidr) => {
      const span = parseCidr(cidr);
      if (span === null) throw new TypeError(`"${cidr}" is not a CIDR block.`);
      return span;
    }),
    ports,
  );
}

export function union(a: AddressSet, b: AddressSet): AddressSet {
  if (a === b || b === NOTHING || a === EVERYTHING) return a;
  if (a === NOTHING || b === EVERYTHING) return b;
  return tidy({ v4: combine(a.v4, b.v4, unionPorts), v6: combine(a.v6, b.v6, unionPorts) });
}

/** Joins pairs, then pairs of pairs, so that many small sets cost n log n and not n². */
export function unionAll(sets: readonly AddressSet[]): AddressSet {
  let level = sets;
  while (level.length > 1) {
    const next: AddressSet[] = [];
    for (let i = 0; i < level.length; i += 2) next.push(union(level[i] ?? NOTHING, level[i + 1] ?? NOTHING));
    level = next;
  }
  return level[0] ?? NOTHING;
}

export function intersect(a: AddressSet, b: AddressSet): AddressSet {
  if (a === b || a === NOTHING || b === EVERYTHING) return a;
  if (b === NOTHING || a === EVERYTHING) return b;
  return tidy({ v4: combine(a.v4, b.v4, intersectPorts), v6: combine(a.v6, b.v6, intersectPorts) });
}

export function subtract(a: AddressSet, b: AddressSet): AddressSet {
  if (a === b || b === EVERYTHING) return NOTHING;
  if (a === NOTHING || b === NOTHING) return a;
  return tidy({ v4: combine(a.v4, b.v4, subtractPorts), v6: combine(a.v6, b.v6, subtractPorts) });
}

/** The set cut down to some ports. */
export function onPorts(set: AddressSet, ports: PortSet): AddressSet {
  return ports === ALL_PORTS ? set : intersect(set, onEveryAddress(ports));
}

export const sameSet = (a: AddressSet, b: AddressSet): boolean =>
  a === b || (sameSteps(a.v4, b.v4) && sameSteps(a.v6, b.v6));

export const isNothing = (set: AddressSet): boolean => sameSet(set, NOTHING);

/** One object for "everything" and one for "nothing" keeps the fast paths above fast. */
function tidy(set: AddressSet): AddressSet {
  if (set.v4.starts.length > 1 || set.v6.starts.length > 1) return set;
  if (sameSet(set, NOTHING)) return NOTHING;
  return sameSet(set, EVERYTHING) ? EVERYTHING : set;
}

export function portsOf(set: AddressSet, address: Address): PortSet {
  return address.family === 4 ? portsAt(set.v4, address.value) : portsAt(set.v6, address.value);
}

/** Every port that is open at some address of the set. */
export const portsAnywhere = (set: AddressSet): PortSet => unionOfPorts([...differentPorts(set)]);

/** Every port that is open at all addresses of both families. */
export const portsEverywhere = (set: AddressSet): PortSet =>
  [...differentPorts(set)].reduce(intersectPorts, ALL_PORTS);

function differentPorts({ v4, v6 }: AddressSet): ReadonlySet<PortSet> {
  spend(v4.ports.length + v6.ports.length);
  return new Set([...v4.ports, ...v6.ports]);
}

/** The same of the families that are open at all, such as those of which pods have an address. */
export function portsEverywhereIn(set: AddressSet): PortSet {
  const families = [set.v4.ports, set.v6.ports].filter((ports) => ports.some(({ length }) => length > 0));
  return families.length === 0 ? NO_PORTS : families.flat().reduce(intersectPorts, ALL_PORTS);
}

/** Spans with their ports, IPv4 before IPv6, in ascending order. */
export function spansOf(set: AddressSet): readonly { readonly span: AddressSpan; readonly ports: PortSet }[] {
  const spans: { span: AddressSpan; ports: PortSet }[] = [];
  forEachSpan<number>(set.v4, IPV4.size, (span, ports) =>
    spans.push({ span: { family: 4, ...span }, ports }),
  );
  forEachSpan<bigint>(set.v6, IPV6.size, (span, ports) =>
    spans.push({ span: { family: 6, ...span }, ports }),
  );
  return spans;
}

/**
 * Whether TCP `port` of the address is in the set.
 *
 * @throws TypeError if the text is no address: to answer false would be a false all clear
 */
export function reachesTcp(set: AddressSet, text: string, port: number): boolean {
  const address = parseAddress(text);
  if (address === null) throw new TypeError(`"${text}" is not an IP address.`);
  return hasPort(portsOf(set, address), 'TCP', port);
}
