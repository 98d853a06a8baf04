import { type AddressSet, fromSpans, spansOf, unionAll } from './address-set.ts';
import { type AddressSpan, parseUnmapped, printIpv4, printIpv6 } from './addresses.ts';
import type { HostMatch } from './hosts.ts';
import { NO_PORTS, type PortSet, type Ports, printPorts, readPorts, unionPorts } from './port-set.ts';
import type { ExternalRange, HostRule } from './reach.ts';

/** Inclusive bounds in canonical text. */
export function printSpan(span: AddressSpan): { readonly from: string; readonly to: string } {
  return span.family === 4
    ? { from: printIpv4(span.from), to: printIpv4(span.end - 1) }
    : { from: printIpv6(span.from), to: printIpv6(span.end - 1n) };
}

export const printRange = (span: AddressSpan, ports: PortSet): ExternalRange => ({
  ...printSpan(span),
  ports: printPorts(ports),
});

/** The set in the form of the answer: disjoint, merged, sorted; IPv6 after IPv4. */
export const externalRanges = (set: AddressSet): readonly ExternalRange[] =>
  spansOf(set).map(({ span, ports }) => printRange(span, ports));

/**
 * The inverse of {@link externalRanges}, for those who hold only an answer.
 *
 * @throws TypeError if a range has no valid address
 */
export const fromExternalRanges = (ranges: readonly ExternalRange[]): AddressSet =>
  unionAll(ranges.map((range) => fromSpans([readSpan(range)], readPorts(range.ports))));

function readSpan({ from, to }: ExternalRange): AddressSpan {
  const first = parseUnmapped(from);
  const last = parseUnmapped(to);
  if (first?.family === 4 && last?.family === 4) {
    return { family: 4, from: first.value, end: last.value + 1 };
  }
  if (first?.family === 6 && last?.family === 6) {
    return { family: 6, from: first.value, end: last.value + 1n };
  }
  throw new TypeError(`"${from}" to "${to}" is not a range of addresses.`);
}

/** One rule a host, sorted by name. */
export function hostRules(matches: readonly HostMatch[]): readonly HostRule[] {
  const ports = new Map<string, PortSet>();
  for (const match of matches) {
    ports.set(match.host, unionPorts(ports.get(match.host) ?? NO_PORTS, match.ports));
  }
  // Most hosts are named by one rule together, and so on the same ports.
  const printed = new Map<PortSet, Ports>();
  return [...ports]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([host, set]) => {
      const text = printed.get(set) ?? printPorts(set);
      printed.set(set, text);
      return { host, ports: text };
    });
}
