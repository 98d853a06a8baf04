import { describe, expect, it } from '@jest/globals';
import { namedBy } from '../../../lambda/egress/answers/named.ts';
import { becauseOf, createOpenedBy } from '../../../lambda/egress/answers/reasons.ts';
import { approvedAt } from '../../../lambda/egress/approved/approved.ts';
import { open, throughBoth } from '../../../lambda/egress/enforcement/possible.ts';
import { EVERYTHING, NOTHING } from '../../../lambda/egress/sets/address-set.ts';
import { certain } from '../../../lambda/egress/sets/bounds.ts';
import type { HostMatch } from '../../../lambda/egress/sets/hosts.ts';
import { everyPortOf, onePort, type PortSet } from '../../../lambda/egress/sets/port-set.ts';

const approved = approvedAt(NOTHING);
const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const host = (name: string, ports: PortSet = onePort('TCP', 443)): HostMatch => ({
  host: name,
  ports,
  wildcard: 'label',
});

/** Hosts of one rule that count how often they are looked at. */
function counted(names: readonly string[]) {
  let looks = 0;
  const ports = onePort('TCP', 443);
  const hosts = names.map(
    (name): HostMatch => ({
      get host() {
        looks += 1;
        return name;
      },
      ports,
      wildcard: 'label',
    }),
  );
  return { hosts, looks: () => looks };
}

const COUNT = 2000;
/** Pairs of them would be thousands of times as many. */
const FEW = 40 * COUNT;

describe('many names', () => {
  it('names that rules admit are not compared in pairs with those that are asked about', () => {
    const { hosts, looks } = counted(times(COUNT, (i) => `a${i}.example.com`));
    let asking = 0;
    const asked = { hosts: new Array<string>(COUNT) };
    for (let i = 0; i < COUNT; i += 1) {
      Object.defineProperty(asked.hosts, i, {
        get() {
          asking += 1;
          return `b${i}.example.com`;
        },
      });
    }
    const rule = {
      source: 'P: spec.egress[0]',
      action: 'allow' as const,
      covers: NOTHING,
      potentialCover: NOTHING,
      hosts,
    };
    const decision = {
      reached: certain(NOTHING),
      hosts,
      definiteHosts: hosts,
      certain: true,
      openings: [{ rules: [{ rule, definite: true }], within: EVERYTHING }],
      undecided: NOTHING,
      uncertainties: [],
    };
    expect(
      becauseOf(createOpenedBy({ decided: [{ decision, policies: ['P'] }], opened: [] })(asked)),
    ).toMatch(/no rule of P/);
    expect(looks() + asking).toBeLessThan(FEW);
  });

  it('names of two engines are not compared in pairs with each other', () => {
    const names = times(COUNT, (i) => `a${i}.example.com`);
    const [a, b] = [counted(names), counted(names.toReversed())];
    const option = (hosts: readonly HostMatch[]) => ({
      ...open('', NOTHING),
      hosts: { definite: hosts, potential: hosts },
    });
    const through = throughBoth(
      { options: [option(a.hosts)], unknown: null },
      { options: [option(b.hosts)], unknown: null },
    );
    expect(through.options[0].hosts.definite).toHaveLength(2 * COUNT);
    expect(a.looks() + b.looks()).toBeLessThan(FEW);
  });

  it('names are found by their parent domains', () => {
    const { hosts, looks } = counted(times(COUNT, (i) => `a${i}.b${i}.example.com`));
    const named = namedBy(hosts, approved);
    for (let i = 0; i < COUNT; i += 1) expect(named.under([`c${i}.example.com`])).toEqual([]);
    expect(named.under(['b7.example.com']).map((one) => one.host)).toEqual(['a7.b7.example.com']);
    expect(looks()).toBeLessThan(FEW);
    expect(named.patterns()).toBe(0);
  });

  it('names of one list are answered once for all callers', () => {
    const hosts = [host('a.example.com')];
    expect(namedBy(hosts, approved)).toBe(namedBy(hosts, approved));
    expect(namedBy(hosts, approvedAt(NOTHING))).not.toBe(namedBy(hosts, approved));
  });
});

describe('names', () => {
  it('names are under their own domain and those above it, patterns as far as they meet it', () => {
    const hosts = [
      host('a.example.com'),
      host('*.example.com'),
      host('b.example.org'),
      host('A.Example.net.'),
    ];
    const named = namedBy(hosts, approved);
    expect(named.under(['example.com']).map((one) => one.host)).toEqual(['*.example.com', 'a.example.com']);
    expect(named.under(['a.example.com', 'example.net']).map((one) => one.host)).toEqual([
      '*.example.com',
      'A.Example.net.',
      'a.example.com',
    ]);
    expect(named.under(['xample.com'])).toEqual([]);
    expect(named.patterns()).toBe(1);
  });

  it('names that are asked for by domain count on ports 80 and 443 alone', () => {
    const named = namedBy([host('a.example.com', onePort('TCP', 22))], approved);
    expect(named.under(['example.com'])).toEqual([]);
    expect(named.publicOn([22, 80])).toEqual([{ host: 'a.example.com', ports: [22] }]);
  });

  it('names are listed once with the ports of all of their rules, and private ones are not', () => {
    const hosts = [
      host('b.example.com', onePort('TCP', 80)),
      host('a.example.com', everyPortOf('TCP')),
      host('b.example.com', onePort('TCP', 22)),
      host('db.internal', everyPortOf('TCP')),
    ];
    expect(namedBy(hosts, approved).publicOn([22, 80])).toEqual([
      { host: 'a.example.com', ports: [22, 80] },
      { host: 'b.example.com', ports: [22, 80] },
    ]);
  });
});
