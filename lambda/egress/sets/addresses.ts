import { isIPv4, isIPv6 } from 'node:net';
import { parseIp, stringifyIp } from 'ip-bigint';

export type Address =
  | { readonly family: 4; readonly value: number }
  | { readonly family: 6; readonly value: bigint };

/** From `from` up to, not including, `end`. */
export type AddressSpan =
  | { readonly family: 4; readonly from: number; readonly end: number }
  | { readonly family: 6; readonly from: bigint; readonly end: bigint };

export const IPV4 = { zero: 0, size: 2 ** 32 } as const;
export const IPV6 = { zero: 0n, size: 1n << 128n } as const;

/** `::ffff:0:0/96`, RFC 4291 §2.5.5.2. */
const MAPPED_FROM = 0xffff_0000_0000n;
const MAPPED_END = 0x1_0000_0000_0000n;
const MAPPED_BITS = 96;

/**
 * Reads an address as Kubernetes does (`netutils.ParseIPSloppy`, k8s.io/utils/net): leading zeros
 * are decimal, not octal, and allowed; a zone (`%eth0`) is not. An IPv4-mapped IPv6 address is the
 * IPv4 address, as everywhere in Go's `net`.
 *
 * @returns null for anything else
 */
export function parseAddress(text: string): Address | null {
  const parsed = parseUnmapped(text);
  if (parsed?.family !== 6) return parsed;
  return parsed.value >= MAPPED_FROM && parsed.value < MAPPED_END
    ? { family: 4, value: Number(parsed.value - MAPPED_FROM) }
    : parsed;
}

/** As {@link parseAddress}, but an IPv4-mapped address stays one of IPv6, as the end of a range may be. */
export function parseUnmapped(text: string): Address | null {
  const strict = text.replace(/(^|[.:])0+(?=[0-9a-fA-F])/g, '$1');
  // The library computes but does not validate, so only what Node accepts is given to it.
  if (isIPv4(strict)) return { family: 4, value: Number(parseIp(strict).number) };
  if (isIPv6(strict) && !strict.includes('%')) return { family: 6, value: parseIp(strict).number };
  return null;
}

/**
 * Reads a CIDR block as Kubernetes does (`netutils.ParseCIDRSloppy`): host bits may be set and are
 * masked away (`10.1.2.3/8` is `10.0.0.0/8`), leading zeros are allowed, and an IPv4-mapped block of
 * 96 bits or more is the IPv4 block (`::ffff:10.0.0.0/104` is `10.0.0.0/8`), since Go's
 * `IPNet.Contains` compares it so.
 *
 * @returns null for anything else, such as an address without a prefix length
 */
export function parseCidr(text: string): AddressSpan | null {
  const slash = text.indexOf('/');
  if (slash < 0) return null;
  const address = parseUnmapped(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (address === null || !/^\d{1,8}$/.test(length)) return null;
  const bits = Number(length);
  if (address.family === 4) return bits <= 32 ? blockOfIpv4(address.value, bits) : null;
  if (bits > 128) return null;
  const mapped = address.value >= MAPPED_FROM && address.value < MAPPED_END;
  return mapped && bits >= MAPPED_BITS
    ? blockOfIpv4(Number(address.value - MAPPED_FROM), bits - MAPPED_BITS)
    : blockOfIpv6(address.value, bits);
}

function blockOfIpv4(address: number, bits: number): AddressSpan {
  const size = 2 ** (32 - bits);
  const from = Math.floor(address / size) * size;
  return { family: 4, from, end: from + size };
}

function blockOfIpv6(address: bigint, bits: number): AddressSpan {
  const size = 1n << BigInt(128 - bits);
  const from = (address / size) * size;
  return { family: 6, from, end: from + size };
}

export const printIpv4 = (value: number): string => stringifyIp({ number: BigInt(value), version: 4 });

/** RFC 5952. */
export const printIpv6 = (value: bigint): string => stringifyIp({ number: value, version: 6 });
