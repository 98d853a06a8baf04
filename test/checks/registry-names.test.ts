import { describe, expect, test } from '@jest/globals';
import { registryReach } from '../../lambda/checks/egress/registry-reach.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import { withinWork } from '../../lambda/work.ts';
import { aNetworkPolicy, viewOf } from '../egress/support/build.ts';

const named = (...patterns: readonly string[]) =>
  viewOf([
    aNetworkPolicy(
      { endpointSelector: {}, egress: [{ toFQDNs: patterns.map((matchPattern) => ({ matchPattern })) }] },
      { apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy' },
    ),
  ]);
const times = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => make(index));
const reach = (view: ReturnType<typeof named>) => registryReach(view, ['policy'], defaultConfig());
const takesAtMost = (steps: number, work: () => unknown) =>
  withinWork(
    steps,
    () => [work()].length === 1,
    () => false,
  );

describe('a policy of thousands of names', () => {
  test.each([
    ['wildcards in front', (i: number) => `*.a${i}.example.com`],
    ['wildcards all over one label', (i: number) => `*a${i}*b*`],
    ['wildcards within labels', (i: number) => `*a${i}*.*b*.example.com`],
    ['any names below', (i: number) => `**.a${i}.example.com`],
  ])('a policy of thousands of names with %s is compared with all registries', (_, make) => {
    const view = named(...times(5000, make));
    // Each pattern is compared with the few registries that it may admit.
    expect(takesAtMost(4 * 5000, () => expect(reach(view)).toBeNull())).toBe(true);
  });

  test('a policy of thousands of names admits a registry wherever its name is in the list', () => {
    const view = named(...times(5000, (i) => `*.a${i}.example.com`), 'files.*hosted.org');
    expect(reach(view)).toMatchObject({ evidence: { hosts: ['files.*hosted.org'], policies: ['policy'] } });
  });

  test('a policy with patterns that take too long to compare is not evaluated', () => {
    const view = named(...times(20_000, (i) => `*a*b*c*d*e*${i}.*a*m*a*z*o*n*a*w*s*.*o*`));
    expect(reach(view)).toMatchObject({
      verdict: 'not-evaluated',
      reason: 'policy-not-understood',
      message: expect.stringMatching(/20000 patterns of names, such as \*a\*b/),
    });
  });
});
