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
  const builder = createBuilder<T>();
  builder.add(family.zero, NO_PORTS);
  let reached = family.zero;
  for (const span of [...spans].sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))) {
    if (span.end <= reached) continue;
    if (span.from > reached) {
      builder.add(reached, NO_PORTS);
      reached = span.from;
    }
    builder.add(reached, ports);
    reached = span.end;
  }
  if (reached < family.size) builder.add(reached, NO_PORTS);
  return builder.steps;
}

/** Applies a set operation at every address. */
export function combine<T extends number | bigint>(
  a: Steps<T>,
  b: Steps<T>,
  operation: (portsOfA: PortSet, portsOfB: PortSet) => PortSet,
): Steps<T> {
  const builder = createBuilder<T>();
  let i = 0;
  let j = 0;
  let at = a.starts[0];
  while (at !== undefined) {
    builder.add(at, operation(a.ports[i] ?? NO_PORTS, b.ports[j] ?? NO_PORTS));
    const nextA = a.starts[i + 1];
    const nextB = b.starts[j + 1];
    at = nextB === undefined || (nextA !== undefined && nextA < nextB) ? nextA : nextB;
    if (nextA !== undefined && nextA === at) i += 1;
    if (nextB !== undefined && nextB === at) j += 1;
  }
  return builder.steps;
}

/** Adds steps in order and keeps them canonical: a step equal to its neighbour is no step. */
function createBuilder<T extends number | bigint>() {
  const starts: T[] = [];
  const ports: PortSet[] = [];
  return {
    steps: { starts, ports } as Steps<T>,
    add(start: T, value: PortSet): void {
      if (starts.at(-1) === start) {
        starts.pop();
        ports.pop();
      }
      const last = ports.at(-1);
      if (last !== undefined && samePorts(last, value)) return;
      starts.push(start);
      ports.push(value);
    },
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
