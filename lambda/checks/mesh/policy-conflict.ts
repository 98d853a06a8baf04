import { isIP } from 'node:net';
import { type AddressSpan, parseCidr, parseUnmapped } from '../../egress/addresses.ts';
import type { EgressView, ExternalRange } from '../../egress/model.ts';
import type { Unread } from '../../inventory/engine-settings.ts';
import type { PodClass } from '../../inventory/model.ts';
import type { Scope } from '../../mesh/scopes.ts';
import { type EntryPort, isKnownProtocol, isWildcard, type ServiceEntry } from '../../mesh/service-entry.ts';

/** Whether policies let some pods reach what an entry declares, or why that is not known. */
type Way = 'open' | 'blocked' | Unread;

/** `open`: somebody gets through; else a class that is shut off, as all others are. */
export type Conflict = 'open' | Unread | { readonly blocked: PodClass };

/**
 * Whether policies shut off everybody who knows the entry; then it is of no use. One that is let through is enough
 * for it to be of use, such as an egress gateway by which the others go: what routes them there is not read.
 */
export function conflictOf(
  entry: ServiceEntry,
  scopes: readonly Scope[],
  egressOf: (subject: PodClass) => EgressView,
): Conflict {
  const ways = new Map<EgressView, Way>();
  let blocked: PodClass | null = null;
  let unknown: Unread | null = null;
  for (const { classes } of scopes) {
    for (const subject of classes) {
      const view = egressOf(subject);
      const way = ways.get(view) ?? wayOf(view, entry);
      ways.set(view, way);
      if (way === 'open') return 'open';
      if (way === 'blocked') blocked ??= subject;
      else unknown ??= way;
    }
  }
  return unknown ?? (blocked === null ? 'open' : { blocked });
}

/** Policies count on their own: whoever they let through reaches the entry, mesh or not. */
function wayOf(view: EgressView, entry: ServiceEntry): Way {
  if (view.undecided !== null) return view.undecided;
  const { declared } = view.answer;
  const targets = targetsOf(entry);
  if ('unknown' in declared || targets.length === 0) return NOT_KNOWN;
  const open = targets.some(({ address, port }) => {
    if (address === null) return opensSome(declared.external, port) || opensHost(view, entry, port);
    return typeof address === 'string'
      ? view.reaches(address, port)
      : declared.external.some((range) => opensPort(range, port) && overlaps(range, address));
  });
  return open ? 'open' : 'blocked';
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
    each(isIP(address) === 0 ? null : address, ({ name, target }) =>
      Object.hasOwn(own, name) ? (own[name] ?? target) : target,
    ),
  );
}

/** A block, a single address, or what is neither, which then may be anything. */
const addressOf = (text: string): Target['address'] => (isIP(text) === 0 ? parseCidr(text) : text);

const opensSome = (ranges: readonly ExternalRange[], port: number): boolean =>
  ranges.some((range) => opensPort(range, port));

const opensPort = ({ ports }: ExternalRange, port: number): boolean =>
  ports === 'all' || ports.some(({ protocol, from, to }) => protocol === 'TCP' && from <= port && port <= to);

/** Rules by name are asked about on the ports of the web; on others any of them may be the one. */
function opensHost(view: EgressView, { hosts }: ServiceEntry, port: number): boolean {
  const { declared } = view.answer;
  const rules = 'unknown' in declared ? [] : declared.hosts;
  if (port !== 80 && port !== 443) return rules.length > 0;
  return (
    view.hostsUnder(hosts.map((host) => (isWildcard(host) ? host.replace(/^\*\.?/, '') : host))).length > 0
  );
}

function overlaps(range: ExternalRange, span: AddressSpan): boolean {
  const from = parseUnmapped(range.from);
  const to = parseUnmapped(range.to);
  if (from === null || to === null || from.family !== span.family || to.family !== span.family) return false;
  return from.value < span.end && to.value >= span.from;
}
