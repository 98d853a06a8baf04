import { type AddressSet, fromCidrs, subtract } from './address-set.ts';
import { IPV4, IPV6 } from './addresses.ts';
import type { PortSet } from './port-set.ts';
import type { InternetReach } from './reach.ts';
import { forEachOverlap } from './steps.ts';

/**
 * IPv4 blocks that are not globally reachable, by the "Globally Reachable" column of the IANA IPv4
 * Special-Purpose Address Registry (RFC 6890, RFC 8190):
 * https://www.iana.org/assignments/iana-ipv4-special-registry/
 * Entries marked N/A count as not reachable. Multicast is not in that registry (RFC 5771).
 */
const NOT_PUBLIC_IPV4 = [
  '0.0.0.0/8', // this network, RFC 791
  '10.0.0.0/8', // private use, RFC 1918
  '100.64.0.0/10', // shared address space, RFC 6598
  '127.0.0.0/8', // loopback, RFC 1122
  '169.254.0.0/16', // link local, RFC 3927
  '172.16.0.0/12', // private use, RFC 1918
  '192.0.0.0/24', // IETF protocol assignments, RFC 6890
  '192.0.2.0/24', // documentation, RFC 5737
  '192.88.99.0/24', // former 6to4 relay anycast, RFC 7526
  '192.168.0.0/16', // private use, RFC 1918
  '198.18.0.0/15', // benchmarking, RFC 2544
  '198.51.100.0/24', // documentation, RFC 5737
  '203.0.113.0/24', // documentation, RFC 5737
  '224.0.0.0/4', // multicast, RFC 5771
  '240.0.0.0/4', // reserved and limited broadcast, RFC 1112, RFC 8190
];

/** Inside 192.0.0.0/24 and yet globally reachable. */
const PUBLIC_IPV4_EXCEPTIONS = [
  '192.0.0.9/32', // Port Control Protocol anycast, RFC 7723
  '192.0.0.10/32', // TURN anycast, RFC 8155
];

/**
 * Blocks inside 2000::/3 that are not globally reachable, by the same column of the IANA IPv6
 * Special-Purpose Address Registry: https://www.iana.org/assignments/iana-ipv6-special-registry/
 */
const NOT_PUBLIC_IPV6 = [
  '2001::/23', // IETF protocol assignments, RFC 2928 (Teredo, benchmarking, ORCHID among them)
  '2001:db8::/32', // documentation, RFC 3849
  '2002::/16', // 6to4, RFC 3056
  '3fff::/20', // documentation, RFC 9637
];

/** Inside 2001::/23 and yet globally reachable. */
const PUBLIC_IPV6_EXCEPTIONS = [
  '2001:1::1/128', // Port Control Protocol anycast, RFC 7723
  '2001:1::2/128', // TURN anycast, RFC 8155
  '2001:1::3/128', // DNS-SD service registration anycast, RFC 9665
  '2001:3::/32', // AMT, RFC 7450
  '2001:4:112::/48', // AS112-v6, RFC 7535
  '2001:20::/28', // ORCHIDv2, RFC 7343
  '2001:30::/28', // drone remote identification, RFC 9374
];

/** Addresses of the public internet: IPv4 unicast and IPv6 global unicast (RFC 4291 §2.4, 2000::/3). */
export const PUBLIC_SPACE: AddressSet = subtract(
  fromCidrs(['0.0.0.0/0', '2000::/3']),
  subtract(
    fromCidrs([...NOT_PUBLIC_IPV4, ...NOT_PUBLIC_IPV6]),
    fromCidrs([...PUBLIC_IPV4_EXCEPTIONS, ...PUBLIC_IPV6_EXCEPTIONS]),
  ),
);

const PUBLIC_COUNT = count(PUBLIC_SPACE, PUBLIC_SPACE, () => true);

/**
 * The share of public addresses of each family at which the ports of the set satisfy `counts`.
 *
 * @param among the public addresses that count; the share is always that of all
 */
export function publicShare(
  set: AddressSet,
  counts: (ports: PortSet) => boolean,
  among: AddressSet = PUBLIC_SPACE,
): InternetReach {
  const reached = count(set, among, counts);
  return {
    ipv4: share(BigInt(reached.ipv4), BigInt(PUBLIC_COUNT.ipv4)),
    ipv6: share(reached.ipv6, PUBLIC_COUNT.ipv6),
  };
}

function count(set: AddressSet, among: AddressSet, counts: (ports: PortSet) => boolean) {
  let ipv4 = 0;
  let ipv6 = 0n;
  forEachOverlap<number>(set.v4, among.v4, IPV4.size, (from, end, ports) => {
    if (counts(ports)) ipv4 += end - from;
  });
  forEachOverlap<bigint>(set.v6, among.v6, IPV6.size, (from, end, ports) => {
    if (counts(ports)) ipv6 += end - from;
  });
  return { ipv4, ipv6 };
}

const ALMOST_ALL = 1 - Number.EPSILON / 2;

/** Rounding never makes "almost all" all; one address of 2^125 is still more than none. */
function share(part: bigint, whole: bigint): number {
  if (part === 0n) return 0;
  if (part === whole) return 1;
  return Math.min(ALMOST_ALL, Number(part) / Number(whole));
}
