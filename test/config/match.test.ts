import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LimitOverride, Limits } from '../../lambda/config/config.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import {
  type LimitSubject,
  limitLabelKeys,
  limitsFor,
  matches,
  matchesCluster,
  selectsCluster,
  selectsTags,
  shardCount,
} from '../../lambda/config/match.ts';

describe('a pattern', () => {
  it.each([
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['payments-*', 'payments-', true],
    ['payments-*', 'payments-eu', true],
    ['payments-*', 'my-payments-eu', false],
    ['*-prod', 'eu-prod', true],
    ['*-prod', 'eu-prod-2', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['web-?', 'web-1', true],
    ['web-?', 'web-', false],
    ['web-?', 'web-12', false],
    ['*?', '', false],
    ['Web', 'web', false],
    ['a.b', 'axb', false],
    ['[ab]', 'a', false],
    ['**a**', 'xax', true],
  ])('the pattern %j matches %j: %p', (pattern, text, fits) => {
    expect(matches(pattern, text)).toBe(fits);
  });

  it('a pattern agrees with the definition of its two signs', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 12 });
    const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        expect(matches(pattern, text)).toBe(fitsByDefinition(pattern, text));
      }),
      { numRuns: 2000 },
    );
  });

  // An implementation that tries all ways would not come to an end.
  it('a pattern decides on text that is made to slow it down', () => {
    expect(matches(`${'*a'.repeat(127)}*b`, 'a'.repeat(100_000))).toBe(false);
    expect(matches(`${'*'.repeat(255)}b`, 'a'.repeat(100_000))).toBe(false);
    expect(matches(`*${'a'.repeat(120)}b`, 'a'.repeat(10_000))).toBe(false);
  });
});

function fitsByDefinition(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const rest = pattern.slice(1);
  if (pattern[0] === '*')
    return (
      Array.from(text).some((_, i) => fitsByDefinition(rest, text.slice(i))) || fitsByDefinition(rest, '')
    );
  return (
    text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && fitsByDefinition(rest, text.slice(1))
  );
}

describe('a pattern for clusters', () => {
  const prod = { name: 'prod', arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/prod' };

  it('a cluster pattern is compared with the name', () => {
    expect(matchesCluster('pr*', prod)).toBe(true);
    expect(matchesCluster('pr*', { name: 'dev', arn: null })).toBe(false);
  });

  it('a pattern is compared with the ARN when it begins like one, to distinguish clusters of one name', () => {
    expect(matchesCluster('arn:*:111122223333:cluster/*', prod)).toBe(true);
    expect(matchesCluster('arn:*:444455556666:cluster/*', prod)).toBe(false);
    expect(matchesCluster('*111122223333*', prod)).toBe(false);
    expect(matchesCluster('arn:*', { name: 'prod', arn: null })).toBe(false);
  });

  it('a cluster pattern excludes before it includes', () => {
    const clusters = { include: ['*'], exclude: ['sandbox-*'] };
    expect(selectsCluster(clusters, prod)).toBe(true);
    expect(selectsCluster(clusters, { name: 'sandbox-1', arn: null })).toBe(false);
    expect(selectsCluster({ include: ['dev'], exclude: [] }, prod)).toBe(false);
  });

  it('a cluster needs every wanted tag, and no tag that excludes', () => {
    const wanted = { includeTags: { env: 'prod*', team: '*' }, excludeTags: { audit: 'off' } };
    expect(selectsTags(wanted, { env: 'production', team: 'shop' })).toBe(true);
    expect(selectsTags(wanted, { env: 'production' })).toBe(false);
    expect(selectsTags(wanted, { env: 'test', team: 'shop' })).toBe(false);
    expect(selectsTags(wanted, { env: 'prod', team: 'shop', audit: 'off' })).toBe(false);
    expect(selectsTags({ includeTags: { constructor: '*' }, excludeTags: {} }, {})).toBe(false);
    expect(selectsTags({ includeTags: {}, excludeTags: {} }, {})).toBe(true);
  });

  it('clusters are audited in as many parts as the first entry that matches says, else whole', () => {
    const shards = [
      { match: ['big-1'], count: 4 },
      { match: ['x', 'big-*'], count: 8 },
    ];
    const countOf = (name: string) => shardCount({ shards }, { name, arn: null });
    expect(['big-1', 'big-2', 'x', 'small'].map(countOf)).toEqual([4, 8, 8, 1]);
  });
});

describe('limits', () => {
  const subject: LimitSubject = {
    cluster: { name: 'prod', arn: null },
    namespace: 'payments-eu',
    kind: 'Deployment',
    labels: { tier: 'front' },
  };
  const base = defaultConfig().limits;

  function anOverride(match: Partial<LimitOverride['match']>, limits: Partial<Limits>): LimitOverride {
    return { match: { clusters: null, namespaces: null, kinds: null, labels: null, ...match }, limits };
  }
  const limitsWith = (...overrides: readonly LimitOverride[]) =>
    limitsFor({ limits: base, overrides }, subject);

  it('limits are unchanged where no override matches', () => {
    expect(limitsWith(anOverride({ namespaces: ['shop'] }, { podMaxAge: 1 }))).toEqual(base);
  });

  it('limits come from the first override that matches and sets them, each limit separately', () => {
    const limits = limitsWith(
      anOverride({ namespaces: ['payments-*'] }, { podMaxAge: 1 }),
      anOverride({ kinds: ['Deployment'] }, { podMaxAge: 2, imageMaxAge: 3 }),
      anOverride({ clusters: ['prod'] }, { imageMaxAge: 4, scanMaxAge: 5 }),
    );
    expect(limits).toEqual({ ...base, podMaxAge: 1, imageMaxAge: 3, scanMaxAge: 5 });
  });

  it.each<[string, Partial<LimitOverride['match']>, boolean]>([
    ['one of several namespaces', { namespaces: ['shop', 'pay*'] }, true],
    ['a kind in another case', { kinds: ['deployment'] }, false],
    ['a label with its value', { labels: { tier: 'front' } }, true],
    ['a label with another value', { labels: { tier: 'back' } }, false],
    ['a label with any value', { labels: { tier: '*' } }, true],
    ['a label that is not there', { labels: { team: '*' } }, false],
    ['a label named like a method of objects', { labels: { constructor: '*' } }, false],
    ['one label of two', { labels: { tier: 'front', team: 'x' } }, false],
    ['all parts', { clusters: ['prod'], namespaces: ['*'], kinds: ['*'], labels: { tier: 'f*' } }, true],
    ['all parts but one', { clusters: ['dev'], namespaces: ['*'], kinds: ['*'] }, false],
  ])('overrides of limits match by %s', (_, match, applies) => {
    expect(limitsWith(anOverride(match, { podMaxAge: 1 })).podMaxAge).toBe(applies ? 1 : base.podMaxAge);
  });

  it('limits name the labels that they need of a pod', () => {
    const overrides = [
      anOverride({ labels: { tier: '*', team: 'a' } }, {}),
      anOverride({ labels: { tier: 'b' } }, {}),
    ];
    expect([...limitLabelKeys({ overrides })]).toEqual(['tier', 'team']);
  });
});
