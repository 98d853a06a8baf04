import { compareText } from '../../inventory/workload.ts';
import { spend, withinWork } from '../../work.ts';
import type { Decision } from '../decide/evaluate.ts';
import { type AddressSet, intersect, portsAnywhere, spansOf } from '../sets/address-set.ts';
import { type AddressSpan, IPV4, IPV6 } from '../sets/addresses.ts';
import {
  intersectPorts,
  NO_PORTS,
  type PortSet,
  printPorts,
  samePorts,
  subtractPorts,
} from '../sets/port-set.ts';
import { printRange } from '../sets/printed.ts';
import type { ExternalRange, HostRule } from '../sets/reach.ts';
import type { Steps } from '../sets/steps.ts';

/** A range and the rules that open it: `--explain`. */
export interface Explanation {
  readonly external: ExternalRange;
  /** e.g. `NetworkPolicy default/frontend: spec.egress[0]`, or why nothing restricts the pod. */
  readonly because: readonly string[];
}

/** A host rule and the rules that open it. */
export interface HostExplanation {
  readonly host: HostRule;
  readonly because: readonly string[];
}

export const NO_POLICY = 'no policy restricts egress of this pod';
export const NO_RULE = 'no rule of its policies matches these addresses, so they stay reachable';

/** Destinations and the one reason for which they are open. */
interface Reason {
  readonly because: string;
  readonly set: AddressSet;
}

/** Ports at some address, with all reasons for which exactly these are open. */
interface Part {
  readonly ports: PortSet;
  readonly because: readonly string[];
}

/** Rules that overlap cost steps for each pair of them, and lists of reasons as much memory. */
const MOST_STEPS = 4_000_000;

/**
 * Which rules open which ranges. Ranges are cut where the rules behind them change. Where too many rules overlap to be
 * distinguished, all that is definitely open is given with the sentence that says so.
 */
export const explain = (decision: Decision, restricted: boolean): readonly Explanation[] =>
  withinWork(
    MOST_STEPS,
    () => explainAll(decision, restricted),
    () =>
      spansOf(decision.reached.definite).map(({ span, ports }) =>
        explanation(span, { ports, because: [TOO_MANY] }),
      ),
  );

const TOO_MANY = 'too many rules overlap to determine which of them allow these addresses';

function explainAll(decision: Decision, restricted: boolean): readonly Explanation[] {
  const reasons: readonly Reason[] = [
    ...decision.openings.flatMap(({ rules, within }) =>
      rules
        .filter(({ definite }) => definite)
        .map(({ rule }) => ({ because: rule.source, set: intersect(within, rule.covers) })),
    ),
    { because: restricted ? NO_RULE : NO_POLICY, set: decision.undecided },
  ];
  const v4 = sweep<number>(
    reasons.map(({ because, set }) => ({ because, steps: set.v4 })),
    IPV4.size,
  );
  const v6 = sweep<bigint>(
    reasons.map(({ because, set }) => ({ because, steps: set.v6 })),
    IPV6.size,
  );
  return [
    ...v4.map(({ from, end, part }) => explanation({ family: 4, from, end }, part)),
    ...v6.map(({ from, end, part }) => explanation({ family: 6, from, end }, part)),
  ];
}

/** Each host on the ports that one rule, or several, definitely open. */
export function explainHosts({ openings }: Decision): readonly HostExplanation[] {
  const opened = openings.flatMap(({ rules, within }) => {
    const named = rules.filter(({ definite, rule }) => definite && rule.hosts.length > 0);
    const open = named.length > 0 ? portsAnywhere(within) : NO_PORTS;
    return named.flatMap(({ rule }) =>
      rule.hosts.map(({ host, ports }) => ({
        host,
        ports: intersectPorts(ports, open),
        because: rule.source,
      })),
    );
  });
  const byHost = Map.groupBy(
    opened.filter(({ ports }) => ports.length > 0),
    ({ host, ports }) => JSON.stringify([host, ports]),
  );
  return [...byHost.values()]
    .flatMap(([first, ...others]) => {
      if (first === undefined) return [];
      const because = [...new Set([first, ...others].map((one) => one.because))].sort();
      return [{ host: { host: first.host, ports: printPorts(first.ports) }, because }];
    })
    .sort((a, b) => compareText(a.host.host, b.host.host));
}

const explanation = (span: AddressSpan, { ports, because }: Part): Explanation => ({
  external: printRange(span, ports),
  because,
});

interface Layer<T extends number | bigint> {
  readonly because: string;
  readonly steps: Steps<T>;
}

interface Open<T extends number | bigint> {
  readonly from: T;
  readonly part: Part;
}

/** Goes through the addresses once; a part that goes on at the next step is not cut there. */
function sweep<T extends number | bigint>(layers: readonly Layer<T>[], size: T) {
  const closed: { from: T; end: T; part: Part }[] = [];
  const current = new Map<number, PortSet>();
  let open = new Map<string, Open<T>>();
  const closeAllBut = (next: ReadonlyMap<string, Open<T>>, end: T) => {
    for (const [key, { from, part }] of open) if (!next.has(key)) closed.push({ from, end, part });
  };
  for (const [at, changes] of changesByAddress(layers)) {
    for (const { layer, ports } of changes) {
      if (ports.length === 0) current.delete(layer);
      else current.set(layer, ports);
    }
    const next = new Map<string, Open<T>>();
    for (const part of partsOf(layers, current)) {
      const key = JSON.stringify([part.ports, part.because]);
      next.set(key, open.get(key) ?? { from: at, part });
    }
    closeAllBut(next, at);
    open = next;
  }
  closeAllBut(new Map(), size);
  return closed.sort(
    (a, b) => byAddress(a.from, b.from) || byAddress(a.end, b.end) || byPorts(a.part, b.part),
  );
}

const byAddress = <T extends number | bigint>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);
const byPorts = (a: Part, b: Part): number => (a.ports[0] ?? 0) - (b.ports[0] ?? 0);

interface Change {
  readonly layer: number;
  readonly ports: PortSet;
}

function changesByAddress<T extends number | bigint>(
  layers: readonly Layer<T>[],
): readonly (readonly [T, Change[]])[] {
  const changes = new Map<T, Change[]>();
  layers.forEach(({ steps }, layer) => {
    steps.starts.forEach((start, i) => {
      const change = { layer, ports: steps.ports[i] ?? NO_PORTS };
      const list = changes.get(start);
      if (list === undefined) changes.set(start, [change]);
      else list.push(change);
    });
  });
  return [...changes].sort(([a], [b]) => byAddress(a, b));
}

/** Cuts the ports open at one address so that each part has the same reasons throughout. */
function partsOf<T extends number | bigint>(
  layers: readonly Layer<T>[],
  current: ReadonlyMap<number, PortSet>,
): readonly Part[] {
  let parts: readonly GrowingPart[] = [];
  for (const [layer, ports] of current) {
    spend(1 + parts.length);
    parts = addReason(parts, layers[layer]?.because ?? '', ports);
  }
  return parts.map(({ ports, because }) => ({ ports, because: [...new Set(because)].sort() }));
}

interface GrowingPart {
  readonly ports: PortSet;
  readonly because: string[];
}

function addReason(parts: readonly GrowingPart[], because: string, ports: PortSet): readonly GrowingPart[] {
  const result: GrowingPart[] = [];
  let fresh = ports;
  for (const part of parts) {
    const shared = intersectPorts(part.ports, ports);
    fresh = subtractPorts(fresh, shared);
    if (samePorts(shared, part.ports)) part.because.push(because);
    else if (shared.length > 0) result.push({ ports: shared, because: [...part.because, because] });
    const rest = subtractPorts(part.ports, shared);
    result.push(rest.length === 0 ? part : { ports: rest, because: part.because });
  }
  return fresh.length === 0 ? result : [...result, { ports: fresh, because: [because] }];
}
