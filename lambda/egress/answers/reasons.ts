import type { Decided, Opened } from '../enforcement/possible.ts';
import type { Rule } from '../policies/policy.ts';
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

/** What opens something of a reach. */
export type OpenedBy =
  | {
      readonly by: 'rules';
      /** At most {@link MOST_OPENING}. */
      readonly rules: readonly [Rule, ...Rule[]];
      /** All that decide what is reached, sorted. */
      readonly policies: readonly string[];
    }
  /** No rule: nothing restricts it, or what restricts something else. */
  | { readonly by: 'nothing'; readonly policies: readonly string[] }
  /** Neither: how an engine treats these pods. */
  | { readonly by: 'engine'; readonly because: string };

/** Beyond so many rules others are not looked for. */
export const MOST_OPENING = 64;

/** Questions of one reach that are remembered: each check has its own, and most pods get the same answers. */
const MOST_REMEMBERED = 32;

/** Answers what opens something of a reach; many pods share one, and the same is asked of each of them. */
export function createOpenedBy(reasons: Reasons): (asked: Asked) => OpenedBy {
  const known = new Map<string, OpenedBy>();
  return (asked) => {
    const key = JSON.stringify(asked);
    const found = known.get(key) ?? openedBy(reasons, asked);
    if (known.size < MOST_REMEMBERED) known.set(key, found);
    return found;
  };
}

/** The rules that decide it, or that none does. A policy that only denies a part opens nothing. */
function openedBy({ decided, opened }: Reasons, asked: Asked): OpenedBy {
  const set = addressesOf(asked);
  const [other] = opened.filter(({ set: of }) => !isNothing(intersect(of, set)));
  if (other !== undefined) return { by: 'engine', because: other.because };
  const rules = new Map<string, Rule>();
  const hosts = new Set(asked.hosts);
  for (const { decision } of decided) {
    for (const rule of rulesOpening(decision, set, hosts)) {
      if (rules.size >= MOST_OPENING) break;
      rules.set(rule.source, rule);
    }
  }
  const [first, ...more] = rules.values();
  const policies = [...new Set(decided.flatMap((one) => one.policies))].sort();
  return first === undefined
    ? { by: 'nothing', policies }
    : { by: 'rules', rules: [first, ...more], policies };
}

/** The same as the end of a sentence. */
export function becauseOf(found: OpenedBy): string {
  if (found.by === 'engine') return found.because;
  if (found.by === 'rules') return `allowed by ${named(found.rules.map(({ source }) => source))}`;
  return found.policies.length === 0
    ? 'no policy restricts its egress'
    : `no rule of ${named(found.policies)} matches it, so it stays reachable`;
}

const named = (names: readonly string[]): string =>
  `${names.slice(0, MOST_NAMED).join(', ')}${names.length > MOST_NAMED ? ' and more' : ''}`;

function* rulesOpening(
  { openings }: Decided['decision'],
  set: AddressSet,
  hosts: ReadonlySet<string>,
): Generator<Rule> {
  for (const { rules, within } of openings) {
    const wanted = intersect(within, set);
    for (const { rule } of rules) {
      const byName = rule.hosts.some(({ host }) => hosts.has(host));
      if (byName || (!isNothing(wanted) && !isNothing(intersect(wanted, rule.covers)))) yield rule;
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
