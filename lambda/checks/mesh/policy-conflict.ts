import type { Effective } from '../../egress/answers/effective.ts';
import type { EgressView } from '../../egress/answers/egress-view.ts';
import type { ReachView } from '../../egress/answers/reach-view.ts';
import { placedPod } from '../../egress/enforcement/placed-pod.ts';
import { intersect, isNothing, portsAnywhere } from '../../egress/sets/address-set.ts';
import {
  includesPorts,
  intersectPorts,
  onePort,
  type PortSet,
  unionPorts,
} from '../../egress/sets/port-set.ts';
import type { Unread } from '../../inventory/engine-settings.ts';
import type { PodClass } from '../../inventory/pod-class.ts';
import { type Scope, standingOf } from '../../mesh/scopes.ts';
import { isWildcard, type ServiceEntry } from '../../mesh/service-entry.ts';
import { once } from '../../once.ts';
import { spend } from '../../work.ts';
import { type Destination, destinationOf, isNowhere } from './destination.ts';

const WEB_PORTS = unionPorts(onePort('TCP', 80), onePort('TCP', 443));

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
    spend(pending.size);
    const here = new Set([...pending].filter((entry) => isKnown(entry, scope)));
    for (const subject of scope.classes) {
      if (here.size === 0) break;
      for (const entry of here) {
        spend(1);
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
  const names = createNameBudget();
  return (subject, entry) => {
    if (subject !== of) {
      of = subject;
      const effective = egressOf(subject).effective(placedPod(subject));
      if (effective !== through) wayOf = wayThrough(effective, names);
      through = effective;
    }
    return wayOf(entry);
  };
}

/** Names of an entry are compared with every pattern of everybody who knows it: so often at most. */
const MOST_COMPARED = 2_000_000;
/** The same of all entries of a namespace together. */
const MOST_IN_NAMESPACE = 20_000_000;

/** Whether the names of an entry may be compared with so many patterns more. */
type NameBudget = (entry: ServiceEntry, patterns: number) => boolean;

function createNameBudget(): NameBudget {
  const spent = new Map<ServiceEntry, number>();
  const spentIn = new Map<string, number>();
  return (entry, patterns) => {
    const { namespace } = entry.ref;
    const sum = (spent.get(entry) ?? 0) + entry.hosts.length * patterns;
    const all = (spentIn.get(namespace) ?? 0) + entry.hosts.length * patterns;
    if (sum > MOST_COMPARED || all > MOST_IN_NAMESPACE) return false;
    spent.set(entry, sum);
    spentIn.set(namespace, all);
    return true;
  };
}

type WayOf = (entry: ServiceEntry) => Way;

/**
 * What is effective counts, mesh or not: what it allows reaches the entry, and a policy that nothing
 * enforces blocks no workload. Where several reaches are possible they decide together.
 */
function wayThrough({ possible, unknown }: Effective, mayCompare: NameBudget): WayOf {
  const ways = possible.map((view) => wayIn(view, mayCompare));
  return (entry) => {
    const [first = NOT_KNOWN, ...others] = new Set(ways.map((wayOf) => wayOf(entry)));
    return others.length === 0 ? first : (unknown ?? NOT_KNOWN);
  };
}

function wayIn(view: ReachView, mayCompare: NameBudget): WayOf {
  const { hosts } = view;
  const anywhere = once(() => portsAnywhere(view.reach));
  const byName = (entry: ServiceEntry, ports: PortSet): Way => {
    if (hosts.length === 0) return 'blocked';
    // Rules by name are asked about on the ports of the web; on others any of them may be the one.
    if (!includesPorts(WEB_PORTS, ports)) return 'open';
    if (!mayCompare(entry, view.patterns())) return TOO_MANY;
    return view.hostsUnder(domainsOf(entry)).length > 0 ? 'open' : 'blocked';
  };
  const decide = (entry: ServiceEntry, destination: Destination): Way => {
    const { points, blocks, unresolved, complete } = destination;
    if (isNowhere(destination)) return NOT_KNOWN;
    if (points.some(({ address, port }) => view.reaches(address, port))) return 'open';
    if (!isNothing(blocks) && !isNothing(intersect(view.reach, blocks))) return 'open';
    if (intersectPorts(anywhere(), unresolved).length > 0) return 'open';
    const way = unresolved.length > 0 ? byName(entry, unresolved) : 'blocked';
    return way === 'blocked' && !complete ? TOO_MANY : way;
  };
  const known = new Map<string, Way>();
  return (entry) => {
    const destination = destinationOf(entry);
    // Without rules by name, entries to the same place fare alike.
    if (hosts.length > 0) return decide(entry, destination);
    const way = known.get(destination.key) ?? decide(entry, destination);
    known.set(destination.key, way);
    return way;
  };
}

const domainsOf = ({ hosts }: ServiceEntry): readonly string[] =>
  hosts.map((host) => (isWildcard(host) ? host.replace(/^\*\.?/, '') : host));

const NOT_KNOWN: Unread = {
  reason: 'policy-not-understood',
  message: 'Whether network policies allow any workload to reach it is not known.',
  remedy: 'See what they allow with eks-drift-audit egress --explain.',
};

const TOO_MANY: Unread = {
  reason: 'policy-not-understood',
  message:
    'It has too many destinations to compare all of them with the network policies; none of those compared is allowed.',
  remedy: 'Declare fewer destinations in one ServiceEntry.',
};
