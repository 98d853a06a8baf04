import { spend } from '../../work.ts';
import { NO_PORTS, type PortSet, samePorts } from './port-set.ts';

/**
 * The interval core: which ports are in the set at each address of one family, as a step function.
 * `ports[i]` holds from `starts[i]` up to the next start, the last one to the end of the family;
 * `starts[0]` is 0. Neighbouring steps differ, so equal sets have equal steps: this is the canonical
 * form. Addresses are numbers for IPv4 (exact up to 2^53, several times faster than bigint) and
 * bigints for IPv6; one code serves both because it only ever compares them.
 */
export interface Steps<T extends number | bigint> {
  readonly starts: readonly T[];
  readonly ports: readonly PortSet[];
}

/** Addresses from `from` up to, not including, `end`. */
export interface Span<T extends number | bigint> {
  readonly from: T;
  readonly end: T;
}

export const constant = <T extends number | bigint>(zero: T, ports: PortSet): Steps<T> => ({
  starts: [zero],
  ports: [ports],
});

/** The steps that hold `ports` on the spans (any order, may overlap) and nothing elsewhere. */
export function onSpans<T extends number | bigint>(
  family: { readonly zero: T; readonly size: T },
  spans: readonly Span<T>[],
  ports: PortSet,
): Steps<T> {
  const merged: { from: T; end: T }[] = [];
  for (const { from, end } of [...spans].sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))) {
    const last = merged.at(-1);
    if (last === undefined || from > last.end) merged.push({ from, end });
    else if (end > last.end) last.end = end;
  }
  const steps = merged.flatMap(({ from, end }) => [
    { start: from, ports },
    { start: end, ports: NO_PORTS },
  ]);
  const all = merged[0]?.from === family.zero ? steps : [{ start: family.zero, ports: NO_PORTS }, ...steps];
  const inside = all.filter(({ start }) => start < family.size);
  return ports.length === 0
    ? constant(family.zero, NO_PORTS)
    : { starts: inside.map(({ start }) => start), ports: inside.map((step) => step.ports) };
}

type Operation = (portsOfA: PortSet, portsOfB: PortSet) => PortSet;

/** From here on it pays to remember results. */
const MANY_STEPS = 32;

/** Applies a set operation at every address. */
export function combine<T extends number | bigint>(
  a: Steps<T>,
  b: Steps<T>,
  combinePorts: Operation,
): Steps<T> {
  spend(a.starts.length + b.starts.length);
  const many = a.starts.length + b.starts.length > MANY_STEPS;
  const operation = many ? remembering(combinePorts) : combinePorts;
  const starts: T[] = [];
  const ports: PortSet[] = [];
  let last: PortSet | undefined;
  let i = 0;
  let j = 0;
  let at = a.starts[0];
  while (at !== undefined) {
    const value = operation(a.ports[i] ?? NO_PORTS, b.ports[j] ?? NO_PORTS);
    // Canonical: a step equal to its neighbour is no step.
    if (last === undefined || (many ? last !== value : !samePorts(last, value))) {
      starts.push(at);
      ports.push(value);
      last = value;
    }
    const nextA = a.starts[i + 1];
    const nextB = b.starts[j + 1];
    at = nextB === undefined || (nextA !== undefined && nextA < nextB) ? nextA : nextB;
    if (nextA !== undefined && nextA === at) i += 1;
    if (nextB !== undefined && nextB === at) j += 1;
  }
  return { starts, ports };
}

/** Sets have many steps but few different ports: the same two meet again and again. Equal results are one object. */
function remembering(operation: Operation): Operation {
  const known = new Map<PortSet, Map<PortSet, PortSet>>();
  const results = new Map<string, PortSet>();
  return (a, b) => {
    let withA = known.get(a);
    if (withA === undefined) {
      withA = new Map();
      known.set(a, withA);
    }
    let result = withA.get(b);
    if (result === undefined) {
      const made = operation(a, b);
      const key = made.join();
      result = results.get(key) ?? made;
      results.set(key, result);
      withA.set(b, result);
    }
    return result;
  };
}

export function sameSteps<T extends number | bigint>(a: Steps<T>, b: Steps<T>): boolean {
  return (
    a === b ||
    (a.starts.length === b.starts.length &&
      a.starts.every((start, i) => start === b.starts[i] && samePorts(a.ports[i] ?? [], b.ports[i] ?? [])))
  );
}

export function portsAt<T extends number | bigint>(steps: Steps<T>, address: T): PortSet {
  let low = 0;
  let high = steps.starts.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    const start = steps.starts[middle];
    if (start !== undefined && start <= address) low = middle;
    else high = middle;
  }
  return steps.ports[low] ?? NO_PORTS;
}

/** Calls `visit` for each step that holds any port, in order; `end` is exclusive. */
export function forEachSpan<T extends number | bigint>(
  steps: Steps<T>,
  size: T,
  visit: (span: Span<T>, ports: PortSet) => void,
): void {
  steps.starts.forEach((from, i) => {
    const ports = steps.ports[i] ?? NO_PORTS;
    if (ports.length > 0) visit({ from, end: steps.starts[i + 1] ?? size }, ports);
  });
}

/** Calls `visit` for each stretch on which both hold any port; `end` is exclusive. Builds nothing. */
export function forEachOverlap<T extends number | bigint>(
  a: Steps<T>,
  b: Steps<T>,
  size: T,
  visit: (from: T, end: T, portsOfA: PortSet) => void,
): void {
  let i = 0;
  let j = 0;
  let at = a.starts[0];
  while (at !== undefined) {
    const nextA = a.starts[i + 1];
    const nextB = b.starts[j + 1];
    const next: T | undefined = nextB === undefined || (nextA !== undefined && nextA < nextB) ? nextA : nextB;
    const portsOfA = a.ports[i] ?? NO_PORTS;
    if (portsOfA.length > 0 && (b.ports[j] ?? NO_PORTS).length > 0) visit(at, next ?? size, portsOfA);
    if (nextA !== undefined && nextA === next) i += 1;
    if (nextB !== undefined && nextB === next) j += 1;
    at = next;
  }
}
