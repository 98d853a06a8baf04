import { describe, expect, it } from '@jest/globals';
import { apartFindings, countedFindings } from '../../lambda/findings/apart.ts';
import type { NewFactsOf } from '../../lambda/findings/changed.ts';
import { compare } from '../../lambda/findings/compare.ts';
import type { Finding, Json } from '../../lambda/findings/finding.ts';
import { aFinding, aRecord, aResult, type FindingChanges } from './builders.ts';

const NOW = Date.parse('2026-11-29T06:00:00Z');
const LAST_WEEK = '2026-11-22T06:00:00.000Z';

/** Of the check of these tests the numbers in a list are facts. */
const newFacts: NewFactsOf = (check) =>
  check !== 'writable-host-path'
    ? undefined
    : (before, now) => {
        const [former, present] = [before['paths'], now['paths']] as readonly (readonly Json[])[];
        return (present ?? []).filter((path) => !former?.includes(path)).map((path) => `writes ${path}`);
      };

const withPaths = (paths: readonly string[], changes: FindingChanges = {}): Finding =>
  aFinding({
    check: 'writable-host-path',
    on: 'kube-system/DaemonSet/aws-node',
    managedBy: 'EKS add-on vpc-cni',
    container: 'aws-node',
    evidence: { paths, ageSeconds: paths.length },
    lastSeen: LAST_WEEK,
    status: 'open',
    ...changes,
  });

const compared = (before: readonly Finding[], now: Finding): Finding | undefined =>
  compare(before, aResult({ findings: [now] }), NOW, { newFacts }).findings[0];

describe('a new fact inside a finding that was known', () => {
  it('is said, with the run that did not see it, and is apart no more', () => {
    const found = compared([withPaths(['/var/log'])], withPaths(['/var/log', '/etc']));
    expect(found).toMatchObject({
      status: 'open',
      changed: { since: LAST_WEEK, facts: ['writes /etc'] },
    });
    const result = { findings: found === undefined ? [] : [found] };
    expect([countedFindings(result).length, apartFindings(result).length]).toEqual([1, 0]);
  });

  it.each([
    ['the same', ['/var/log'], ['/var/log']],
    ['less', ['/var/log', '/etc'], ['/etc']],
  ])('%s is no news', (_, before, now) => {
    const found = compared([withPaths(before)], withPaths(now));
    expect(found).not.toHaveProperty('changed');
    expect(apartFindings({ findings: found === undefined ? [] : [found] })).toHaveLength(1);
  });

  it('is said in one run alone', () => {
    const first = compared([withPaths(['/var/log'])], withPaths(['/var/log', '/etc']));
    expect(first).toHaveProperty('changed');
    if (first === undefined) return;
    expect(compared([first], withPaths(['/var/log', '/etc']))).not.toHaveProperty('changed');
  });

  it('is not said again of a finding that is not looked at, or that is over', () => {
    const before = { ...withPaths(['/etc']), changed: { since: LAST_WEEK, facts: ['writes /etc'] } };
    const open = aResult({ notEvaluated: [aRecord({ check: 'writable-host-path' })] });
    const checks = { checks: ['writable-host-path'] };
    expect(
      compare([before], { ...open, ...aResult(checks), ...open }, NOW).unconfirmed[0]?.changed,
    ).toBeUndefined();
    const [closed] = compare([before], aResult(checks), NOW).closed;
    expect(closed?.status).toBe('gone');
    expect(closed?.changed).toBeUndefined();
  });

  it('is one of a finding of anybody, and of an exempt one', () => {
    const own = { managedBy: null };
    expect(compared([withPaths([], own)], withPaths(['/etc'], own))).toHaveProperty('changed');
    expect(compared([withPaths([])], withPaths(['/etc'], { status: 'exempt' }))).toMatchObject({
      status: 'exempt',
      changed: { facts: ['writes /etc'] },
    });
  });

  it('a severity that rises is one, also where a check says nothing of its evidence', () => {
    const before = aFinding({ severity: 'medium', lastSeen: LAST_WEEK });
    expect(compared([before], aFinding({ severity: 'high' }))?.changed).toEqual({
      since: LAST_WEEK,
      facts: ['is high and was medium'],
    });
    expect(compared([before], aFinding({ severity: 'low' }))).not.toHaveProperty('changed');
  });

  it('what any row of a state says that holds a finding twice is known, in every order', () => {
    const rows = [
      withPaths(['/var/log']),
      withPaths(['/etc'], { lastSeen: '2026-11-25T06:00:00.000Z' }),
      withPaths([]),
    ];
    const now = withPaths(['/var/log', '/etc', '/run']);
    const expected = { since: '2026-11-25T06:00:00.000Z', facts: ['writes /run'] };
    expect(compared(rows, now)?.changed).toEqual(expected);
    expect(compared([...rows].reverse(), now)?.changed).toEqual(expected);
    expect(compared([now, ...rows], now)).not.toHaveProperty('changed');
  });

  it('of many facts the first are spelled out', () => {
    const paths = Array.from({ length: 9 }, (_, index) => `/p${index}`);
    expect(compared([withPaths([])], withPaths(paths))?.changed?.facts).toEqual([
      ...paths.slice(0, 5).map((path) => `writes ${path}`),
      'and 4 more',
    ]);
  });
});
