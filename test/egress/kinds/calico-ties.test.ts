import { describe, expect, it } from '@jest/globals';
import { EVERYWHERE, egressOf } from '../support/build.ts';
import {
  aCalicoPolicy,
  aGlobalPolicy,
  allow,
  deny,
  pass,
  rangesOf,
  reaches,
  to,
  viewOf,
  whyUnknown,
} from './build-calico.ts';

const METADATA = '169.254.169.254';
const denyMetadata = deny(to(`${METADATA}/32`));
const own = (name: string, ...egress: unknown[]) => aCalicoPolicy({ egress }, { name });
const global = (name: string, ...egress: unknown[]) => aGlobalPolicy({ egress }, { name });

/**
 * `PolKVLess`, felix/calc/policy_sorter.go: by name, namespace and kind since 3.32, and before by a key
 * that began with the namespace.
 */
describe('policies of the same order', () => {
  it('policies of the same order go by name where all versions agree', () => {
    expect(reaches([global('a', denyMetadata), global('b', allow())], METADATA)).toBe(false);
    expect(reaches([global('b', denyMetadata), global('a', allow())], METADATA)).toBe(true);
    expect(reaches([own('a', denyMetadata), own('b', allow())], METADATA)).toBe(false);
    // "default.b" is before "team/default.a" too.
    expect(
      reaches([global('b', denyMetadata), { ...own('c', allow()), namespace: 'team' }], METADATA, team),
    ).toBe(false);
  });

  const team = { pod: { namespace: 'team' } };

  it('policies of the same order are unknown where versions differ in which comes first', () => {
    // Today "allow/team" is before "deny"; before 3.32 "default.deny" was before "team/default.allow".
    const policies = [global('deny', denyMetadata), { ...own('allow', allow()), namespace: 'team' }];
    const view = viewOf(policies, team);
    expect(view.undecided?.message).toMatch(
      /Calico NetworkPolicy team\/allow and GlobalNetworkPolicy deny have the same order and different actions/,
    );
    expect([view.reaches(METADATA, 80), view.reaches('8.8.8.8', 80)]).toEqual([true, true]);
    expect(whyUnknown([global('a', denyMetadata), global('a-b', allow())])).toMatch(/same order/);
  });

  it('policies of the same order are certain where they do not contradict each other', () => {
    const kind = { ...own('allow', allow(to('10.0.0.0/8'))), namespace: 'team' };
    expect(rangesOf([global('deny', denyMetadata), kind], team)).toEqual(['10.0.0.0-10.255.255.255 all']);
    expect(rangesOf([global('deny', allow(to('10.0.0.0/8')), deny()), kind], team)).toEqual([
      '10.0.0.0-10.255.255.255 all',
    ]);
  });

  it('policies of the same order are certain for pods that only one of them selects', () => {
    const some = aGlobalPolicy({ selector: 'has(a)', egress: [denyMetadata] }, { name: 'deny' });
    const policies = [some, { ...own('allow', allow()), namespace: 'team' }];
    expect(rangesOf(policies, team)).toEqual(EVERYWHERE);
    expect(whyUnknown(policies, { pod: { namespace: 'team', labels: { a: '' } } })).toMatch(/same order/);
    expect(rangesOf(policies, { pod: { namespace: 'x', labels: { a: '' } } })).toEqual([]);
  });

  it('policies of the same order are certain for pods that only one of them selects, whatever its selector', () => {
    const allowing = { ...own('allow', allow()), namespace: 'team' };
    const unless = aGlobalPolicy({ selector: '!has(b)', egress: [denyMetadata] }, { name: 'deny' });
    expect(rangesOf([unless, allowing], { pod: { namespace: 'team', labels: { b: '' } } })).toEqual(
      EVERYWHERE,
    );
    const there = aGlobalPolicy(
      { selector: "projectcalico.org/namespace == 'x'", egress: [denyMetadata] },
      { name: 'deny' },
    );
    expect(rangesOf([there, allowing], { pod: { namespace: 'x' } })).toEqual([]);
    expect(rangesOf([there, allowing], team)).toEqual(EVERYWHERE);
  });

  it('policies of the same order are certain where an earlier policy decides', () => {
    const early = aGlobalPolicy({ order: 1, egress: [denyMetadata] }, { name: 'early' });
    const policies = [early, global('deny', denyMetadata), { ...own('allow', allow()), namespace: 'team' }];
    expect(reaches(policies, METADATA, team)).toBe(false);
  });

  it('a policy of the same order may pass what others decide', () => {
    const policies = [
      global('x', pass(to(`${METADATA}/32`))),
      { ...own('a', denyMetadata), namespace: 'team' },
    ];
    expect(whyUnknown(policies, team)).toMatch(/same order/);
  });

  it('policies of the same order tie only within one tier', () => {
    const other = aGlobalPolicy({ tier: 'kube-admin', egress: [denyMetadata] }, { name: 'deny' });
    expect(reaches([other, { ...own('allow', allow()), namespace: 'team' }], METADATA, team)).toBe(false);
  });

  it('policies of the same order may be those of Kubernetes, which have order 1000', () => {
    const core = { ...egressOf({}), name: 'allow', namespace: 'team' };
    const policy = aGlobalPolicy({ order: 1000, egress: [denyMetadata] }, { name: 'deny' });
    expect(whyUnknown([core, policy], team)).toMatch(
      /NetworkPolicy team\/allow and GlobalNetworkPolicy deny have the same order/,
    );
    expect(reaches([core, { ...policy, name: 'aa' }], METADATA, team)).toBe(false);
    const early = { ...core, namespace: 'apps' };
    expect(reaches([early, policy], METADATA, { pod: { namespace: 'apps' } })).toBe(true);
  });

  it('a policy of the same order may admit names that the other denies', () => {
    const policies = [
      global('deny', deny(to('0.0.0.0/0'))),
      { ...own('allow', allow({ domains: ['example.com'] })), namespace: 'team' },
    ];
    expect(whyUnknown(policies, team)).toMatch(/same order/);
  });
});
