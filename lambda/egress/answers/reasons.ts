import type { Decided, Opened } from '../enforcement/possible.ts';
import {
  type AddressSet,
  fromSpans,
  intersect,
  isNothing,
  NOTHING,
  onPorts,
  union,
  unionAll,
} from '../sets/address-set.ts';
import { parseAddress } from '../sets/addresses.ts';
import { toNat64 } from '../sets/nat64.ts';
import { everyPortOf, NO_PORTS, onePort, type PortSet, unionPorts } from '../sets/port-set.ts';
import { fromExternalRanges } from '../sets/printed.ts';
import { PUBLIC_SPACE } from '../sets/public-space.ts';
import type { ExternalRange } from '../sets/reach.ts';

/** Something of a reach, to ask what opens it: all of these. */
export interface Asked {
  /** Public addresses on these TCP ports; on every one: `all`. */
  readonly internet?: readonly number[] | 'all';
  readonly addresses?: readonly { readonly address: string; readonly port: number }[];
  readonly ranges?: readonly ExternalRange[];
  /** Host rules by their text. */
  readonly hosts?: readonly string[];
}

const MOST_NAMED = 3;

/** What opens a reach: rules, or something that is no rule. */
export interface Reasons {
  readonly decided: readonly Decided[];
  readonly opened: readonly Opened[];
}

/**
 * What opens something of a reach, as the end of a sentence: the rules that decide it, or that none does.
 * A policy that only denies a part opens nothing.
 */
export function becauseOf({ decided, opened }: Reasons, asked: Asked): string {
  const set = addressesOf(asked);
  const [other] = opened.filter(({ set: of }) => !isNothing(intersect(of, set)));
  if (other !== undefined) return other.because;
  const rules = new Set<string>();
  const hosts = new Set(asked.hosts);
  for (const { decision } of decided) {
    for (const rule of rulesOpening(decision, set, hosts)) {
      // One more than is named shows that there are more.
      if (rules.size > MOST_NAMED) break;
      rules.add(rule);
    }
  }
  if (rules.size > 0) return `allowed by ${named([...rules])}`;
  const policies = [...new Set(decided.flatMap((one) => one.policies))].sort();
  return policies.length === 0
    ? 'no policy restricts its egress'
    : `no rule of ${named(policies)} matches it, so it stays reachable`;
}

const named = (names: readonly string[]): string =>
  `${names.slice(0, MOST_NAMED).join(', ')}${names.length > MOST_NAMED ? ' and more' : ''}`;

function* rulesOpening(
  { openings }: Decided['decision'],
  set: AddressSet,
  hosts: ReadonlySet<string>,
): Generator<string> {
  for (const { rules, within } of openings) {
    const wanted = intersect(within, set);
    for (const { rule } of rules) {
      const byName = rule.hosts.some(({ host }) => hosts.has(host));
      if (byName || (!isNothing(wanted) && !isNothing(intersect(wanted, rule.covers)))) yield rule.source;
    }
  }
}

function addressesOf({ internet, addresses = [], ranges = [] }: Asked): AddressSet {
  const single = addresses.map(({ address, port }) => {
    const found = parseAddress(address);
    if (found === null) return NOTHING;
    const span =
      found.family === 4
        ? { family: 4 as const, from: found.value, end: found.value + 1 }
        : { family: 6 as const, from: found.value, end: found.value + 1n };
    return fromSpans([span], onePort('TCP', port));
  });
  const ofInternet = internet === undefined ? NOTHING : onPorts(INTERNET, portsOf(internet));
  return unionAll([...single, ofInternet, fromExternalRanges(ranges)]);
}

const portsOf = (ports: readonly number[] | 'all'): PortSet =>
  ports === 'all'
    ? everyPortOf('TCP')
    : ports.reduce<PortSet>((set, port) => unionPorts(set, onePort('TCP', port)), NO_PORTS);

/** Public addresses, and those by which a translator reaches them. */
const INTERNET = union(PUBLIC_SPACE, toNat64(PUBLIC_SPACE));
