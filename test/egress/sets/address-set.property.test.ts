import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type AddressSet,
  EVERYTHING,
  fromSpans,
  intersect,
  isNothing,
  NOTHING,
  portsOf,
  sameSet,
  spansOf,
  subtract,
  union,
  unionAll,
} from '../../../lambda/egress/sets/address-set.ts';
import { type Address, type AddressSpan, IPV4, IPV6 } from '../../../lambda/egress/sets/addresses.ts';
import {
  ALL_PORTS,
  hasPort,
  type PortSet,
  type Protocol,
  portRange,
  printPorts,
  readPorts,
  unionPorts,
} from '../../../lambda/egress/sets/port-set.ts';
import { externalRanges, fromExternalRanges } from '../../../lambda/egress/sets/printed.ts';
import { runs } from '../../support/runs.ts';

/** A small world whose edges are those of the families. */
const v4Edge = fc.constantFrom(0, 1, 2, 5, 6, IPV4.size - 2, IPV4.size - 1, IPV4.size);
const v6Edge = fc.constantFrom(0n, 1n, 2n, 5n, IPV6.size / 2n, IPV6.size - 1n, IPV6.size);
const portEdge = fc.constantFrom(1, 2, 80, 81, 65534, 65535);
const protocol = fc.constantFrom<Protocol>('TCP', 'UDP', 'SCTP');

const ordered = <T>(a: T, b: T): readonly [T, T] => (a < b ? [a, b] : [b, a]);

const span: fc.Arbitrary<AddressSpan> = fc.oneof(
  fc
    .tuple(v4Edge, v4Edge)
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => {
      const [from, end] = ordered(a, b);
      return { family: 4 as const, from, end };
    }),
  fc
    .tuple(v6Edge, v6Edge)
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => {
      const [from, end] = ordered(a, b);
      return { family: 6 as const, from, end };
    }),
);

const range = fc.tuple(protocol, portEdge, portEdge).map(([name, a, b]) => {
  const [from, to] = ordered(a, b);
  return { protocol: name, from, to };
});

interface Piece {
  readonly spans: readonly AddressSpan[];
  readonly ranges: 'all' | readonly { protocol: Protocol; from: number; to: number }[];
}

const piece: fc.Arbitrary<Piece> = fc.record({
  spans: fc.array(span, { maxLength: 3 }),
  ranges: fc.oneof(fc.constant('all' as const), fc.array(range, { maxLength: 3 })),
});
const pieces = fc.array(piece, { maxLength: 4 });

const toSet = (list: readonly Piece[]): AddressSet =>
  unionAll(list.map(({ spans, ranges }) => fromSpans(spans, readPorts(ranges))));

/** The plain meaning of the pieces at one point. */
const holds = (list: readonly Piece[], at: Address, name: Protocol, port: number): boolean =>
  list.some(
    ({ spans, ranges }) =>
      spans.some((one) => one.family === at.family && one.from <= at.value && at.value < one.end) &&
      (ranges === 'all' || ranges.some((one) => one.protocol === name && one.from <= port && port <= one.to)),
  );

const addresses: readonly Address[] = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, IPV4.size - 3, IPV4.size - 2, IPV4.size - 1].map((value) => ({
    family: 4 as const,
    value,
  })),
  ...[0n, 1n, 2n, 4n, 5n, IPV6.size / 2n - 1n, IPV6.size / 2n, IPV6.size - 2n, IPV6.size - 1n].map(
    (value) => ({
      family: 6 as const,
      value,
    }),
  ),
];
const points = addresses.flatMap((at) =>
  (['TCP', 'UDP', 'SCTP'] as const).flatMap((name) =>
    [1, 2, 3, 79, 80, 81, 82, 65533, 65534, 65535].map((port) => ({ at, name, port })),
  ),
);

const disagreeing = (set: AddressSet, expected: (at: Address, name: Protocol, port: number) => boolean) =>
  points.filter(({ at, name, port }) => hasPort(portsOf(set, at), name, port) !== expected(at, name, port));

const isSteps = (starts: readonly (number | bigint)[], ports: readonly PortSet[]): boolean =>
  starts[0]?.toString() === '0' &&
  starts.every((start, i) => i === 0 || (starts[i - 1] ?? 0) < start) &&
  ports.every((set, i) => i === 0 || JSON.stringify(set) !== JSON.stringify(ports[i - 1]));

describe('address sets', () => {
  it('address sets unite, intersect and subtract as point sets do', () => {
    fc.assert(
      fc.property(pieces, pieces, (a, b) => {
        const [left, right] = [toSet(a), toSet(b)];
        expect(disagreeing(left, (...at) => holds(a, ...at))).toEqual([]);
        expect(disagreeing(union(left, right), (...at) => holds(a, ...at) || holds(b, ...at))).toEqual([]);
        expect(disagreeing(intersect(left, right), (...at) => holds(a, ...at) && holds(b, ...at))).toEqual(
          [],
        );
        expect(disagreeing(subtract(left, right), (...at) => holds(a, ...at) && !holds(b, ...at))).toEqual(
          [],
        );
      }),
      { numRuns: runs(300) },
    );
  });

  it('address sets are canonical: equal sets are equal data', () => {
    fc.assert(
      fc.property(pieces, pieces, (a, b) => {
        const [left, right] = [toSet(a), toSet(b)];
        for (const set of [left, right, union(left, right), intersect(left, right), subtract(left, right)]) {
          expect([isSteps(set.v4.starts, set.v4.ports), isSteps(set.v6.starts, set.v6.ports)]).toEqual([
            true,
            true,
          ]);
        }
        const apart = unionAll([subtract(left, right), intersect(left, right)]);
        expect(apart).toEqual(left);
        expect(sameSet(union(left, right), union(right, left))).toBe(true);
        expect(isNothing(subtract(left, union(left, right)))).toBe(true);
        expect(sameSet(subtract(EVERYTHING, subtract(EVERYTHING, left)), left)).toBe(true);
      }),
      { numRuns: runs(300) },
    );
  });

  it('address sets survive being printed and read again', () => {
    fc.assert(
      fc.property(pieces, (a) => {
        expect(fromExternalRanges(externalRanges(toSet(a)))).toEqual(toSet(a));
      }),
    );
  });

  it('address sets know everything and nothing however they were created', () => {
    const half = fromSpans([{ family: 4, from: 0, end: 5 }]);
    expect(union(half, subtract(EVERYTHING, half))).toBe(EVERYTHING);
    expect(subtract(half, half)).toBe(NOTHING);
    expect(intersect(half, subtract(EVERYTHING, half))).toBe(NOTHING);
    expect(spansOf(EVERYTHING)).toEqual([
      { span: { family: 4, from: 0, end: IPV4.size }, ports: ALL_PORTS },
      { span: { family: 6, from: 0n, end: IPV6.size }, ports: ALL_PORTS },
    ]);
  });
});

describe('port sets', () => {
  it('port sets merge neighbours and keep protocols apart', () => {
    const touching = unionPorts(portRange('TCP', 1, 80), portRange('TCP', 81, 90));
    const across = unionPorts(portRange('TCP', 65000, 65535), portRange('UDP', 1, 10));
    expect(printPorts(touching)).toEqual([{ protocol: 'TCP', from: 1, to: 90 }]);
    expect(printPorts(across)).toEqual([
      { protocol: 'TCP', from: 65000, to: 65535 },
      { protocol: 'UDP', from: 1, to: 10 },
    ]);
  });

  it('port sets are "all" only with every port of all three protocols', () => {
    const all = readPorts([
      { protocol: 'SCTP', from: 1, to: 65535 },
      { protocol: 'TCP', from: 1, to: 65535 },
      { protocol: 'UDP', from: 1, to: 65535 },
    ]);
    expect(printPorts(all)).toBe('all');
    expect(printPorts(portRange('TCP', 1, 65535))).toEqual([{ protocol: 'TCP', from: 1, to: 65535 }]);
  });
});
