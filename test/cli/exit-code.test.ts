import { expect, test } from '@jest/globals';
import { EXIT, exitCode, FAIL_ON, type FailOn } from '../../lambda/cli/exit-code.ts';
import { COMPARISON } from '../../lambda/findings/coverage.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { NotEvaluated } from '../../lambda/findings/not-evaluated.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { SEVERITIES } from '../../lambda/severity.ts';
import { aCluster, aFailed, aFinding, aGap, anAudited, aRun } from '../report/builders.ts';

const { ok, findings: fails, incomplete, noTarget } = EXIT;

const one = (
  status: Finding['status'],
  severity: Finding['severity'] = 'high',
  rest: Partial<Finding> = {},
) => ({
  ...aFinding({ status, severity }),
  ...rest,
});
const audited = (findings: readonly Finding[], gaps: readonly NotEvaluated[] = []) =>
  anAudited(aCluster(), findings, gaps);
const managed = { managedBy: 'EKS add-on vpc-cni' };
const worse = { changed: { since: '2026-02-23T06:00:00Z', facts: ['can also write /etc on its node'] } };
const gap = aGap();
const notCompared = aGap({ check: COMPARISON, reason: 'malformed-object' });
const unread = aGap({ reason: 'unreadable-file' });

/** What was found; the exit code with `high`, with `new-high` and with `never`; the last two with `--allow-incomplete`, too. */
const TABLE: readonly (readonly [string, readonly ClusterResult[], readonly number[]])[] = [
  ['nothing was found', [audited([])], [ok, ok, ok, ok, ok]],
  ['a new finding', [audited([one('new')])], [fails, fails, ok, fails, ok]],
  ['a new finding that is more severe', [audited([one('new', 'critical')])], [fails, fails, ok, fails, ok]],
  ['a new finding that is less severe', [audited([one('new', 'medium')])], [ok, ok, ok, ok, ok]],
  ['a known finding', [audited([one('open')])], [fails, ok, ok, ok, ok]],
  [
    'a known high finding and a new low one',
    [audited([one('open'), one('new', 'low')])],
    [fails, ok, ok, ok, ok],
  ],
  ['an exempt finding', [audited([one('exempt')])], [ok, ok, ok, ok, ok]],
  ['a finding that was fixed', [audited([one('fixed')])], [ok, ok, ok, ok, ok]],
  ['a finding whose workload is gone', [audited([one('gone')])], [ok, ok, ok, ok, ok]],
  ['a finding that was withdrawn', [audited([one('withdrawn')])], [ok, ok, ok, ok, ok]],
  ['a known finding that AWS manages', [audited([one('open', 'high', managed)])], [ok, ok, ok, ok, ok]],
  ['a new finding that AWS manages', [audited([one('new', 'high', managed)])], [fails, fails, ok, fails, ok]],
  [
    'a finding that AWS manages in a cluster that no run knew',
    [{ ...audited([one('new', 'high', managed)]), firstRun: true }],
    [ok, ok, ok, ok, ok],
  ],
  [
    'a known finding that became worse',
    [audited([one('open', 'high', worse)])],
    [fails, fails, ok, fails, ok],
  ],
  [
    'a known finding that AWS manages and that became worse',
    [audited([one('open', 'high', { ...managed, ...worse })])],
    [fails, fails, ok, fails, ok],
  ],
  ['an exempt finding that became worse', [audited([one('exempt', 'high', worse)])], [ok, ok, ok, ok, ok]],
  [
    'a finding that AWS manages, of which it is not known whether it is new',
    [audited([one('open', 'high', managed)], [notCompared])],
    [fails, fails, incomplete, fails, ok],
  ],
  [
    'a finding in a cluster that no run knew',
    [{ ...audited([one('new')]), firstRun: true }],
    [fails, fails, ok, fails, ok],
  ],
  ['something was not evaluated', [audited([], [gap])], [incomplete, incomplete, incomplete, ok, ok]],
  ['a known finding, and a gap', [audited([one('open')], [gap])], [fails, incomplete, incomplete, ok, ok]],
  ['a new finding, and a gap', [audited([one('new')], [gap])], [fails, fails, incomplete, fails, ok]],
  [
    'a finding of which it is not known whether it is new',
    [audited([one('open')], [notCompared])],
    [fails, fails, incomplete, fails, ok],
  ],
  [
    'findings of which it is not known whether they are new, all less severe',
    [audited([one('open', 'low')], [notCompared])],
    [incomplete, incomplete, incomplete, ok, ok],
  ],
  [
    'a known finding beside another cluster that could not be compared',
    [audited([one('open')]), anAudited(aCluster('b'), [], [notCompared])],
    [fails, incomplete, incomplete, ok, ok],
  ],
  [
    'a file that cannot be read',
    [audited([], [unread])],
    [incomplete, incomplete, incomplete, incomplete, incomplete],
  ],
  [
    'one of two clusters failed',
    [audited([]), aFailed(aCluster('b'))],
    [incomplete, incomplete, incomplete, ok, ok],
  ],
  ['the only cluster failed', [aFailed(aCluster())], [noTarget, noTarget, noTarget, noTarget, noTarget]],
  ['there is no cluster', [], [noTarget, noTarget, noTarget, noTarget, noTarget]],
];

test.each(TABLE)('exit codes where %s', (_, clusters, expected) => {
  const code = (failOn: FailOn, allowIncomplete = false) =>
    exitCode(aRun(clusters), { failOn, allowIncomplete });
  expect([
    code('high'),
    code('new-high'),
    code('never'),
    code('new-high', true),
    code('never', true),
  ]).toEqual(expected);
});

test('each level counts the findings that are as severe or worse, the new- levels the new ones of them', () => {
  for (const level of SEVERITIES) {
    for (const severity of SEVERITIES) {
      const reaches = SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(level) ? fails : ok;
      const code = (status: Finding['status'], failOn: FailOn) =>
        exitCode(aRun([audited([one(status, severity)])]), { failOn, allowIncomplete: false });
      expect([level, severity, code('open', level), code('new', level)]).toEqual([
        level,
        severity,
        reaches,
        reaches,
      ]);
      expect([level, severity, code('open', `new-${level}`)]).toEqual([level, severity, ok]);
      expect([level, severity, code('new', `new-${level}`)]).toEqual([level, severity, reaches]);
    }
  }
  expect(FAIL_ON).toHaveLength(2 * SEVERITIES.length + 1);
});
