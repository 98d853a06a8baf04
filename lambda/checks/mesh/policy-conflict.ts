import { type AddressSpan, parseCidr, parseUnmapped } from '../../egress/addresses.ts';
import { externalRanges } from '../../egress/answer.ts';
import { placedPod } from '../../egress/enforcement/placed-pod.ts';
import type { Effective, EgressView, ExternalRange, ReachView } from '../../egress/model.ts';
import type { Unread } from '../../inventory/engine-settings.ts';
import type { PodClass } from '../../inventory/model.ts';
import { type Scope, standingOf } from '../../mesh/scopes.ts';
import { type EntryPort, isKnownProtocol, isWildcard, type ServiceEntry } from '../../mesh/service-entry.ts';

/** Whether policies let some pods reach what an entry declares, or why that is not known. */
type Way = 'open' | 'blocked' | Unread;

/** `open`: somebody gets through; else a class that is shut off, as all others are. */
export type Conflict = 'open' | Unread | { readonly blocked: PodClass };

/**
 * Whether policies shut off everybody who knows an entry; then it is of no use. One that is let through is enough
 * for it to be of use, such as an egress gateway by which the others go: what routes them there is not read.
 *
 * Class by class and not entry by entry, since views are dear; an entry is done with once somebody gets through.
 */
export function conflictsOf(
  entries: readonly ServiceEntry[],
  scopes: readonly Scope[],
  egressOf: (subject: PodClass) => EgressView,
): ReadonlyMap<ServiceEntry, Conflict> {
  const shut = new Map<ServiceEntry, Exclude<Conflict, 'open'>>();
  const pending = new Set(entries);
  const wayOf = createWays(egressOf);
  for (const scope of scopes) {
    const here = new Set([...pending].filter((entry) => isKnown(entry, scope)));
    for (const subject of scope.classes) {
      if (here.size === 0) break;
      for (const entry of here) {
        const way = wayOf(subject, entry);
        if (way === 'open') {
          here.delete(entry);
          pending.delete(entry);
        } else shut.set(entry, worse(shut.get(entry), way === 'blocked' ? { blocked: subject } : way));
      }
    }
  }
  return new Map(entries.map((entry) => [entry, (pending.has(entry) && shut.get(entry)) || 'open']));
}

function isKnown(entry: ServiceEntry, scope: Scope): boolean {
  const standing = standingOf(entry, scope);
  return standing === 'knowing' || standing === 'open';
}

/** What is not known outweighs what is shut off: it may be open. The first of a kind stays. */
const worse = <T extends Exclude<Conflict, 'open'>>(before: T | undefined, next: T): T =>
  before === undefined || ('blocked' in before && !('blocked' in next)) ? next : before;

/** Classes follow each other by workload, so the same reach comes again at once or seldom. */
function createWays(
  egressOf: (subject: PodClass) => EgressView,
): (subject: PodClass, entry: ServiceEntry) => Way {
  let of: PodClass | null = null;
  let through: Effective | null = null;
  let wayOf: WayOf = () => NOT_KNOWN;
  return (subject, entry) => {
    if (subject !== of) {
      of = subject;
      const effective = egressOf(subject).effective(placedPod(subject));
      if (effective !== through) wayOf = wayThrough(effective);
      through = effective;
    }
    return wayOf(entry);
  };
}

type WayOf = (entry: ServiceEntry) => Way;

/**
 * What is effective counts, mesh or not: whoever it lets through reaches the entry, and a policy that nothing
 * enforces shuts off nobody. Where several reaches are possible they decide together.
 */
function wayThrough({ possible, unknown }: Effective): WayOf {
  const ways = possible.map(wayIn);
  return (entry) => {
    const [first = NOT_KNOWN, ...others] = new Set(ways.map((wayOf) => wayOf(entry)));
    return others.length === 0 ? first : (unknown ?? NOT_KNOWN);
  };
}

function wayIn(view: ReachView): WayOf {
  const external = externalRanges(view.reach);
  const opens = (entry: ServiceEntry, { address, port }: Target): boolean => {
    if (address === null) {
      return external.some((range) => opensPort(range, port)) || opensHost(view, { entry, port });
    }
    return typeof address === 'string'
      ? view.reaches(address, port)
      : external.some((range) => opensPort(range, port) && overlaps(range, address));
  };
  const decide = (entry: ServiceEntry, targets: readonly Target[]): Way => {
    if (targets.length === 0) return NOT_KNOWN;
    return targets.some((target) => opens(entry, target)) ? 'open' : 'blocked';
  };
  const known = new Map<string, Way>();
  return (entry) => {
    const { targets, key } = destinationOf(entry);
    // Without rules by name, entries to the same place fare alike.
    if (view.hosts.length > 0) return decide(entry, targets);
    const way = known.get(key) ?? decide(entry, targets);
    known.set(key, way);
    return way;
  };
}

interface Destination {
  readonly targets: readonly Target[];
  /** Equal for equal targets. */
  readonly key: string;
}

const destinations = new WeakMap<ServiceEntry, Destination>();

function destinationOf(entry: ServiceEntry): Destination {
  const known = destinations.get(entry);
  if (known !== undefined) return known;
  const targets = targetsOf(entry);
  const key = targets
    .map(
      ({ address, port }) =>
        `${typeof address === 'object' && address !== null ? `${address.from}-${address.end}` : address}:${port}`,
    )
    .join();
  const made = { targets, key };
  destinations.set(entry, made);
  return made;
}

const NOT_KNOWN: Unread = {
  reason: 'policy-not-understood',
  message: 'Whether network policies let anybody reach it is not known.',
  remedy: 'See what they open with eks-drift-audit egress --explain.',
};

/** Where connections go; `null`: to an address that only a resolver knows. */
interface Target {
  readonly address: string | AddressSpan | null;
  readonly port: number;
}

function targetsOf({ resolution, addresses, endpoints, ports }: ServiceEntry): readonly Target[] {
  const carried = ports.filter((port) => isKnownProtocol(port) && port.protocol !== 'UDP');
  const each = (address: Target['address'], portOf: (port: EntryPort) => number): readonly Target[] =>
    carried.map((port) => ({ address, port: portOf(port) }));
  if (resolution === 'NONE') {
    const known = addresses.map(addressOf);
    return (known.length === 0 ? [null] : known).flatMap((one) => each(one, ({ number }) => number));
  }
  if (endpoints.length === 0) return each(null, ({ target }) => target);
  return endpoints.flatMap(({ address, ports: own }) =>
    each(parseUnmapped(address) === null ? null : address, ({ name, target }) =>
      Object.hasOwn(own, name) ? (own[name] ?? target) : target,
    ),
  );
}

/** A block, a single address, or what is neither, which then may be anything. */
const addressOf = (text: string): Target['address'] =>
  parseUnmapped(text) === null ? parseCidr(text) : text;

const opensPort = ({ ports }: ExternalRange, port: number): boolean =>
  ports === 'all' || ports.some(({ protocol, from, to }) => protocol === 'TCP' && from <= port && port <= to);

/** Rules by name are asked about on the ports of the web; on others any of them may be the one. */
function opensHost(
  view: ReachView,
  { entry, port }: { readonly entry: ServiceEntry; readonly port: number },
): boolean {
  if (port !== 80 && port !== 443) return view.hosts.length > 0;
  const domains = entry.hosts.map((host) => (isWildcard(host) ? host.replace(/^\*\.?/, '') : host));
  return view.hostsUnder(domains).length > 0;
}

function overlaps(range: ExternalRange, span: AddressSpan): boolean {
  const from = parseUnmapped(range.from);
  const to = parseUnmapped(range.to);
  if (from === null || to === null || from.family !== span.family || to.family !== span.family) return false;
  return from.value < span.end && to.value >= span.from;
}
