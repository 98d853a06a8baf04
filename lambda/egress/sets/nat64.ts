import { type AddressSet, fromSpans, NOTHING, spansOf, subtract, union, unionAll } from './address-set.ts';
import { type AddressSpan, parseCidr } from './addresses.ts';
import type { PortSet } from './port-set.ts';

/**
 * `64:ff9b::/96`, whose last 32 bits are an IPv4 address: what is sent there reaches that address by a translator,
 * such as a NAT gateway. RFC 6052 section 2.1;
 * https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
 */
const PREFIX = prefixOf('64:ff9b::/96');

/** Never routed, and so never beyond a translator: RFC 3927 section 2.7, RFC 1122 section 3.2.1.3, RFC 5771. */
const NOT_TRANSLATED = unionAll(
  ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '240.0.0.0/4'].map((block) => {
    const span = parseCidr(block);
    return span === null ? NOTHING : fromSpans([span]);
  }),
);

/** The IPv6 addresses by which a translator reaches the IPv4 addresses of the set. */
export function toNat64(set: AddressSet): AddressSet {
  return rebuilt(set, ({ span }) =>
    span.family === 4
      ? { family: 6, from: PREFIX.from + BigInt(span.from), end: PREFIX.from + BigInt(span.end) }
      : null,
  );
}

/** The set with the IPv4 addresses that it reaches by a translator. */
export function withNat64(set: AddressSet): AddressSet {
  const translated = subtract(fromNat64(set), NOT_TRANSLATED);
  return translated === NOTHING ? set : union(set, translated);
}

function fromNat64(set: AddressSet): AddressSet {
  return rebuilt(set, ({ span }) => {
    if (span.family === 4 || span.end <= PREFIX.from || span.from >= PREFIX.end) return null;
    // biome-ignore lint/complexity/useMathMinMax: Math takes no bigint
    const from = span.from > PREFIX.from ? span.from : PREFIX.from;
    // biome-ignore lint/complexity/useMathMinMax: Math takes no bigint
    const end = span.end < PREFIX.end ? span.end : PREFIX.end;
    return { family: 4, from: Number(from - PREFIX.from), end: Number(end - PREFIX.from) };
  });
}

interface Part {
  readonly span: AddressSpan;
  readonly ports: PortSet;
}

/** One set for each list of ports: a policy has few of them, and thousands of addresses. */
function rebuilt(set: AddressSet, moved: (part: Part) => AddressSpan | null): AddressSet {
  const byPorts = new Map<PortSet, AddressSpan[]>();
  for (const part of spansOf(set)) {
    const span = moved(part);
    if (span === null) continue;
    const spans = byPorts.get(part.ports);
    if (spans === undefined) byPorts.set(part.ports, [span]);
    else spans.push(span);
  }
  return unionAll([...byPorts].map(([ports, spans]) => fromSpans(spans, ports)));
}

/** @throws TypeError if the text is no block of IPv6 */
function prefixOf(text: string): { readonly from: bigint; readonly end: bigint } {
  const span = parseCidr(text);
  if (span?.family !== 6) throw new TypeError(`"${text}" is not a block of IPv6.`);
  return span;
}
