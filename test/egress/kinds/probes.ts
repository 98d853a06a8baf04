import type { ExternalRange } from '../../../lambda/egress/sets/reach.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { bitsOf, edgesOf, type Traffic } from '../brute-force.ts';
import { cidrsIn, numbersIn } from '../support/arbitraries.ts';

export function contains(range: ExternalRange, { address, protocol, port }: Traffic): boolean {
  const [from, to, at] = [range.from, range.to, address].map(bitsOf);
  if (from === undefined || to === undefined || at === undefined) return false;
  return (
    from.length === at.length &&
    from <= at &&
    at <= to &&
    (range.ports === 'all' ||
      range.ports.some((ports) => ports.protocol === protocol && ports.from <= port && port <= ports.to))
  );
}

/** An IPv4-mapped address (`::ffff:0:0/96`, RFC 4291 §2.5.5.2) is an IPv4 address: no packet of IPv6 goes there. */
const isNotMapped = (address: string): boolean => !MAPPED.test(bitsOf(address));
const MAPPED = /^0{80}1{16}[01]{32}$/;

/** Traffic at and around every edge of the policies. */
export function probes(objects: readonly PolicyObject[]): readonly Traffic[] {
  const ends = ['0.0.0.0', '255.255.255.255', '::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'];
  const addresses = [...new Set([...ends, ...cidrsIn(objects).flatMap(edgesOf)])].filter(isNotMapped);
  const ports = [1, 65535, ...numbersIn(objects).flatMap((port) => [port - 1, port, port + 1])];
  const valid = [...new Set(ports)].filter((port) => port >= 1 && port <= 65535);
  return addresses.flatMap((address) =>
    ['TCP', 'UDP', 'SCTP'].flatMap((protocol) => valid.map((port) => ({ address, protocol, port }))),
  );
}
