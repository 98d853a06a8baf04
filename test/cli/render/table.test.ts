import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { renderAudit } from '../../../lambda/cli/render/table.ts';
import { aCluster, aFailed, aFinding, aGap, anAudited, aRun } from '../../report/builders.ts';
import { hostileRun, mixedRun, pageOf, plain, tooWide, WIDTHS } from './pages.ts';

/** `UPDATE_GOLDEN=1` writes the texts anew; look at each. */
function expectGolden(name: string, text: string): void {
  const file = new URL(`./golden/${name}.txt`, import.meta.url);
  if (process.env['UPDATE_GOLDEN'] === '1' || !existsSync(file)) writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
}

const closing = (text: string): string => text.slice(text.lastIndexOf('\n\n')).replaceAll('\n', ' ');

describe('the page of an audit', () => {
  test.each([80, 120])('the page of an audit matches its golden text at %d columns', (width) => {
    expectGolden(`audit-${width}`, renderAudit(pageOf(mixedRun()), plain(width)));
  });

  test.each(WIDTHS)('the page of an audit fits %d columns', (width) => {
    for (const run of [mixedRun(), hostileRun()]) {
      expect(tooWide(renderAudit(pageOf(run), plain(width)), width)).toEqual([]);
    }
  });

  test('no control character of a cluster reaches the terminal', () => {
    const text = renderAudit(pageOf(hostileRun(), { reportLocation: 'a\u001b[2Jb' }), plain(100));
    expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
  });

  test('the page says the same with and without colours', () => {
    const page = pageOf(mixedRun());
    const coloured = renderAudit(page, { color: true, width: 100 });
    expect(coloured).toContain('\u001b[');
    expect(stripVTControlCharacters(coloured)).toBe(renderAudit(page, plain(100)));
  });

  test('the page begins with coverage, what is missing before what is worst', () => {
    const text = renderAudit(pageOf(mixedRun()), plain(100));
    const order = ['COVERAGE', 'NOT EVALUATED', 'WORST WORKLOADS', 'FINDINGS', 'NOTES'].map((title) =>
      text.indexOf(title),
    );
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order[0]).toBeGreaterThan(0);
  });

  test('the page counts what it does not show', () => {
    expect(renderAudit(pageOf(mixedRun()), plain(80))).toMatch(/and \d+\s+more/);
  });

  test('the page lists neither fixed nor exempt findings among the open ones', () => {
    const text = renderAudit(pageOf(mixedRun()), plain(100));
    expect(text).not.toContain('payments/gone');
    expect(text).not.toContain('legacy/erp');
    expect(text).toContain('also: 1 finding fixed since the last run, 1 finding exempt');
  });

  test('the page shows clusters with something missing even when there are too many to list', () => {
    const clusters = Array.from({ length: 40 }, (_, index) =>
      anAudited(aCluster(`c${String(index).padStart(2, '0')}`)),
    );
    const text = renderAudit(pageOf(aRun([...clusters, aFailed(aCluster('zz-last'))])), plain(100));
    expect(text).toContain('✗  zz-last');
    expect(text).toContain('and 29 more clusters, every check decided');
  });
});

test('clusters of one name in two regions are two clusters on the page', () => {
  const clusters = ['eu-west-1', 'us-east-1'].map((region) => aCluster('prod', region));
  const results = clusters.map((cluster) =>
    anAudited(cluster, [aFinding({ cluster, name: `api-${cluster.region}` })], [aGap({ cluster })]),
  );
  const text = renderAudit(pageOf(aRun(results)), plain(140));
  for (const region of ['eu-west-1', 'us-east-1']) {
    expect(text).toContain(`prod (111122223333, ${region}): payments/api-${region}`);
    expect(text).toMatch(new RegExp(`payments/Deployment/api-${region} +prod \\(111122223333, ${region}\\)`));
  }
  expect(text).toContain('permission denied: prod (111122223333, eu-west-1), prod (111122223333, us-east-1)');
});

describe('coverage', () => {
  test('coverage is 100 % only when nothing is missing', () => {
    expect(renderAudit(pageOf(aRun([anAudited()])), plain(100))).toContain('100 % of 75 verdicts decided');
    const almost = { ...anAudited(aCluster(), [], [aGap()]) };
    const tallies = almost.tallies.map((tally) => ({ ...tally, pass: 1_000_000 }));
    const text = renderAudit(pageOf(aRun([{ ...almost, tallies }])), plain(100));
    expect(text).toContain('99 % of 5,000,001 verdicts decided');
    expect(text).toContain('╌');
  });

  test('coverage is not 100 % when a failed cluster gave no reason at all', () => {
    const silent = { ...aFailed(aCluster('mute')), notEvaluated: [] };
    const text = renderAudit(pageOf(aRun([anAudited(), silent])), plain(100));
    expect(text).not.toContain('100 %');
    expect(text).toContain('not audited, no reason given: mute');
  });
});

describe('the closing line', () => {
  const open = aFinding({ check: 'pod-too-old' });
  const line = (
    run: ReturnType<typeof aRun>,
    exit: { code: number; failOn: 'high' | 'never' | 'low'; allowIncomplete?: boolean },
  ) => closing(renderAudit(pageOf(run, { exit: { allowIncomplete: false, ...exit } }), plain(200)));

  test('the closing line names what reached the level that fails', () => {
    expect(line(aRun([anAudited(aCluster(), [open])]), { code: 1, failOn: 'low' })).toContain(
      '✗ 1 finding low or worse. Exit code 1.',
    );
  });

  test('the closing line says that nothing reached the level, and what was checked', () => {
    expect(line(aRun([anAudited(aCluster(), [open])]), { code: 0, failOn: 'high' })).toContain(
      '✓ No finding high or worse in what was evaluated. Exit code 0.',
    );
  });

  test('the closing line is no all clear while something is not evaluated', () => {
    const run = aRun([anAudited(aCluster(), [], [aGap()]), aFailed(aCluster('b'))]);
    expect(line(run, { code: 3, failOn: 'high' })).toContain(
      '1 cluster could not be audited and 6 verdicts of 81 could not be decided. Exit code 3.',
    );
    expect(line(run, { code: 0, failOn: 'high', allowIncomplete: true })).toContain(
      '(--allow-incomplete accepts that). Exit code 0.',
    );
  });

  test('the closing line says that nothing is known when nothing was audited', () => {
    for (const run of [aRun([]), aRun([aFailed(aCluster())])]) {
      expect(line(run, { code: 4, failOn: 'high' })).toContain('✗ No cluster could be audited. Exit code 4.');
    }
  });

  test('the closing line with --fail-on never counts findings and calls nothing good', () => {
    const text = line(aRun([anAudited(aCluster(), [open])]), { code: 0, failOn: 'never' });
    expect(text).toContain('1 finding, none of which fails this run (--fail-on never). Exit code 0.');
    expect(text).not.toContain('✓');
  });
});
