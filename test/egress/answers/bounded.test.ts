import { describe, expect, it } from '@jest/globals';
import { parseDestination } from '../../../lambda/egress/answers/destination.ts';
import type { EgressView } from '../../../lambda/egress/answers/egress-view.ts';
import { extentByName } from '../../../lambda/egress/answers/toward-destination.ts';
import type { HostMatch } from '../../../lambda/egress/sets/hosts.ts';
import { onePort } from '../../../lambda/egress/sets/port-set.ts';
import { withinWork } from '../../../lambda/work.ts';
import { aCiliumPolicy } from '../kinds/build-cilium.ts';
import { egressOf, viewOf } from '../support/build.ts';

const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));

function to(text: string) {
  const destination = parseDestination(text);
  if (typeof destination === 'string') throw new Error(destination);
  return (view: EgressView) => view.towardDestination(destination);
}

/** What it gives, or that it takes more steps. */
const within = <T>(steps: number, work: () => T): T | 'too much' =>
  withinWork<T | 'too much'>(steps, work, () => 'too much');

const byName = (toFQDNs: readonly unknown[]) =>
  viewOf([aCiliumPolicy({ endpointSelector: {}, egress: [{ toFQDNs }] })]);

describe('asked for a name', () => {
  it('policies of thousands of patterns compare each with a name once, most of them by their ends', () => {
    const ask = to('api.example.com:443');
    const view = byName([
      ...times(3000, (i) => ({ matchPattern: `*.a${i}.example.net` })),
      ...times(50, (i) => ({ matchPattern: `*${i}*.example.com` })),
    ]);
    expect(within(60_000, () => ask(view).byName)).toBe('none');
    const again = byName(times(50, (i) => ({ matchPattern: `*${i}*.example.com` })));
    expect(within(2_000, () => ask(again).byName)).toBe('none');
  });

  it('a pattern that takes too long to read leaves it open whether the name is admitted', () => {
    const destination = parseDestination(`${'a.'.repeat(100)}com:443`);
    if (typeof destination === 'string') throw new Error(destination);
    const of = (host: string): HostMatch => ({ host, ports: onePort('TCP', 443), wildcard: 'labels' });
    expect(extentByName([of(`${'*a'.repeat(20)}*.com`)], destination)).toBe('all');
    const long = of(`${'*'.repeat(20_000)}b*.com`);
    expect(extentByName([long], destination)).toBe('unknown');
    expect(extentByName([long, of('*.com')], destination)).toBe('all');
  });
});

describe('reasons', () => {
  const overlapping = times(1500, (i) => ({
    to: [{ ipBlock: { cidr: '203.0.113.0/24' } }],
    ports: [{ port: 443 }, { port: 1000 + 2 * i }],
  }));

  it('reasons for a destination are a hundred at most, with the number of the others', () => {
    const view = viewOf([egressOf(...overlapping)]);
    const { because, declared } = to('203.0.113.7:443')(view);
    expect(declared).toBe('all');
    expect(because).toHaveLength(101);
    expect(because.at(-1)).toBe('and 1400 more');
  });

  it('reasons for ranges are complete, where ranges can be distinguished', () => {
    const [first] = viewOf([egressOf(...overlapping.slice(0, 200))]).explain();
    expect(first?.because).toHaveLength(200);
  });

  it('reasons for ranges are one sentence where too many rules overlap', () => {
    const many = times(4000, (i) => ({
      to: [{ ipBlock: { cidr: '0.0.0.0/0', except: [`9.${i >> 7}.${(i << 1) % 256}.1/32`] } }],
      ports: [{ port: 443 }],
    }));
    const view = viewOf([egressOf(...many)]);
    const explained = within(10_000_000, () => view.explain());
    expect(explained).not.toBe('too much');
    expect(explained[0]).toMatchObject({
      because: ['too many rules overlap to determine which of them allow these addresses'],
    });
  });
});
