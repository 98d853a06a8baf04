import { isIPv4, isIPv6 } from 'node:net';
import { quote } from '../../policies/shape.ts';
import {
  type AddressSet,
  EVERYTHING,
  fromCidrs,
  fromSpans,
  intersect,
  isNothing,
  NOTHING,
} from '../../sets/address-set.ts';
import { type AddressSpan, parseCidr } from '../../sets/addresses.ts';

/** All destinations of each IP version. */
export const FAMILIES: readonly AddressSet[] = [fromCidrs(['0.0.0.0/0']), fromCidrs(['::/0'])];

/** A list of CIDR blocks; `wrong` are those that were not understood, as uncertainties without a path. */
export interface Nets {
  readonly set: AddressSet;
  readonly wrong: readonly string[];
}

/**
 * Blocks, or single addresses, which Felix reads as blocks of one (`ParseCIDROrIP`,
 * libcalico-go/lib/net/ipnet.go). Other than Kubernetes it refuses leading zeros in IPv4, since Go's
 * `net.ParseCIDR` does.
 */
export function parseNets(list: readonly unknown[], path: string): Nets {
  const spans = list.map((entry) => (typeof entry === 'string' ? parseNet(entry) : null));
  return {
    set: fromSpans(spans.filter((span) => span !== null)),
    wrong: spans.flatMap((span, i) =>
      span === null ? [`${path}[${i}] is ${quote(list[i])} and not a CIDR block`] : [],
    ),
  };
}

function parseNet(text: string): AddressSpan | null {
  const [address = '', length, ...more] = text.split('/');
  if (more.length > 0 || (!isIPv4(address) && !isIPv6(address))) return null;
  return parseCidr(`${address}/${length ?? (isIPv4(address) ? 32 : 128)}`);
}

/** Everything of the IP versions of which the set has an address: Felix leaves a rule out elsewhere. */
export function versionsIn(set: AddressSet): AddressSet {
  const [v4 = NOTHING, v6 = NOTHING] = FAMILIES.map((family) =>
    isNothing(intersect(set, family)) ? NOTHING : family,
  );
  if (v4 === NOTHING) return v6;
  return v6 === NOTHING ? v4 : EVERYTHING;
}
