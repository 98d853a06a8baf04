import { isIPv4, isIPv6 } from 'node:net';
import { type AddressSpan, parseCidr } from '../../sets/addresses.ts';

/**
 * Reads a block as Cilium does (`CIDR.Validate`, pkg/policy/api/rule_validation.go), which is by
 * `netip.ParsePrefix`: host bits may be set, leading zeros may not. What becomes of an IPv4-mapped
 * block is not documented, so it is not understood.
 *
 * @returns null for anything else
 */
export function parseStrictCidr(text: unknown): AddressSpan | null {
  if (typeof text !== 'string') return null;
  const [address = '', length = '', ...more] = text.split('/');
  if (more.length > 0 || !/^(?:0|[1-9]\d{0,2})$/.test(length) || address.includes('%')) return null;
  if (!isIPv4(address) && !isIPv6(address)) return null;
  const span = parseCidr(text);
  return span?.family === (isIPv4(address) ? 4 : 6) ? span : null;
}

/** A block, or an address alone, which `toCIDR` takes too. */
export function parseCidrOrAddress(text: unknown): AddressSpan | null {
  if (typeof text !== 'string' || text.includes('/')) return parseStrictCidr(text);
  return parseStrictCidr(`${text}/${isIPv4(text) ? 32 : 128}`);
}
