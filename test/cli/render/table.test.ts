import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { renderAudit } from '../../../lambda/cli/render/table.ts';
import type { RunResult } from '../../../lambda/findings/run-result.ts';
import { aCluster, aFailed, aFinding, aGap, anAudited, aRun } from '../../report/builders.ts';
import { hostileRun, mixedRun, pageOf, plain, tooWide, WIDTHS } from './pages.ts';

/** `UPDATE_GOLDEN=1` writes the texts anew; look at each. */
function expectGolden(name: string, text: string): void {
  const file = new URL(`./golden/${name}.txt`, import.meta.url);
  if (process.env['UPDATE_GOLDEN'] === '1' || !existsSync(file)) writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
}

const closing = (text: string): string => text.slice(text.lastIndexOf('\n\n')).replaceAll(/\s+/g, ' ');

describe('the page of an audit', () => {
  test.each([80, 120])('the page of an audit matches its golden text at %d columns', (width) => {
    expectGolden(`audit-${width}`, renderAudit(pageOf(mixedRun()), plain(width)));
  });

  test.each(WIDTHS)('the page of an audit fits %d columns', (width) => {
    for (const run of [mixedRun(), hostileRun()]) {
      const wide = tooWide(renderAudit(pageOf(run), plain(width)), width);
      // Commands are never cut, so that they can be copied.
      expect(wide.filter((line) => !line.startsWith('Why: '))).toEqual([]);
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

  test('the page is read from its end: what was audited, what is open, what is new, what to fix first, the verdict', () => {
    const text = renderAudit(pageOf(mixedRun()), plain(100));
    const order = ['COVERAGE', 'CAUSES', 'NOTES', 'NOT EVALUATED', 'NEW ', 'FIX FIRST', 'FAILED'].map(
      (title) => text.indexOf(`\n${title}`),
    );
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order[0]).toBeGreaterThan(0);
  });

  test.each([80, 100, 200])(
    'the last screen of a run that holds everything fits 50 lines of %d columns',
    (width) => {
      const text = renderAudit(pageOf(mixedRun()), plain(width));
      const last = text.slice(text.indexOf('verdicts decided.'));
      expect(last.split('\n').length).toBeLessThan(50);
    },
  );

  test('the page counts what it does not show', () => {
    expect(renderAudit(pageOf(mixedRun()), plain(80))).toMatch(/and \d+\s+more/);
  });

  test('the page lists neither fixed nor exempt findings among the open ones', () => {
    const text = renderAudit(pageOf(mixedRun()), plain(100));
    expect(text).not.toContain('payments/gone');
    expect(text).not.toContain('legacy/erp');
    expect(text).toMatch(/^ALSO +1 finding fixed, 1 finding exempt$/m);
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
    expect(text).toMatch(new RegExp(`prod \\(111122223333, ${region}\\) +payments/Deployment/api-${region}`));
  }
  expect(text).toContain(
    'in prod (111122223333, eu-west-1), prod (111122223333, us-east-1): permission denied.',
  );
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
      'FAILED 1 cause (1 medium) in 1 workload; 1 finding low or worse. Exit code 1.',
    );
  });

  test('the closing line says that nothing reached the level, and what was checked', () => {
    expect(line(aRun([anAudited(aCluster(), [open])]), { code: 0, failOn: 'high' })).toContain(
      'PASSED 1 cause (1 medium) in 1 workload; no finding high or worse in what was evaluated. Exit code 0.',
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
      expect(line(run, { code: 4, failOn: 'high' })).toContain(
        'NOT AUDITED No cluster could be audited. Exit code 4.',
      );
    }
  });

  test('the closing line with --fail-on never counts findings and calls nothing good', () => {
    const text = line(aRun([anAudited(aCluster(), [open])]), { code: 0, failOn: 'never' });
    expect(text).toContain(
      'NOT FAILED 1 cause (1 medium) in 1 workload, none of which fails this run (--fail-on never).',
    );
    expect(text).not.toContain('PASSED');
  });
});

describe('the last screen', () => {
  const knownBefore = (run: RunResult): RunResult => run;
  const firstRun = (run: RunResult): RunResult => ({
    ...run,
    clusters: run.clusters.map((result) => ({ ...result, firstRun: true })),
  });
  const page = (run: RunResult, rest: Parameters<typeof pageOf>[1] = {}): string =>
    renderAudit(pageOf(run, rest), plain(100));

  test('of a first run nothing is called new, since everything would be', () => {
    const text = page(firstRun(mixedRun()));
    expect(text).not.toMatch(/^NEW /m);
    expect(text).not.toContain('  new\n');
  });

  test('what is new is named, also where everything of a check is new', () => {
    const text = page(
      knownBefore(aRun([anAudited(aCluster(), [aFinding({ status: 'new', name: 'fresh' })])])),
    );
    expect(text).toMatch(/^NEW +1 finding since the last run, from 1 cause$/m);
    expect(text).toContain('payments/Deployment/fresh');
  });

  test('a later run without news says so', () => {
    const text = page(aRun([anAudited(aCluster(), [aFinding({ status: 'open' })])]));
    expect(text).toMatch(/^NEW +nothing since the last run$/m);
  });

  test('a cluster that is audited for the first time is named, and its findings are not called new', () => {
    const known = anAudited(aCluster(), [aFinding({ status: 'open' })]);
    const added = aCluster('added', 'us-east-1');
    const first = { ...anAudited(added, [aFinding({ cluster: added, status: 'new' })]), firstRun: true };
    const text = page(aRun([known, first]));
    expect(text).toMatch(/^NEW +nothing since the last run\n +audited for the first time: added$/m);
  });

  test('a run without findings has nothing to fix and no next command', () => {
    const text = page(aRun([anAudited()]), { exit: { code: 0, failOn: 'high', allowIncomplete: false } });
    expect(text).not.toContain('FIX FIRST');
    expect(text).not.toContain('Why:');
    expect(text).toContain(
      'PASSED  No open finding; no finding high or worse in what was evaluated. Exit code 0.',
    );
  });

  test('a run in which something is only not evaluated is incomplete, and passes nothing', () => {
    const text = page(aRun([anAudited(aCluster(), [], [aGap()])]), {
      exit: { code: 3, failOn: 'high', allowIncomplete: false },
    });
    expect(text).toMatch(/^INCOMPLETE {2}/m);
    expect(text).not.toContain('PASSED');
  });

  test('what was decided before comes first among what is not evaluated', () => {
    const lost = { ...aGap({ check: 'pod-too-old', reason: 'timeout' }), gap: 'lost' as const };
    const text = page(aRun([anAudited(aCluster(), [], [aGap(), lost])]));
    expect(text).toMatch(/^NOT EVALUATED {2}decided before: pod-too-old in /m);
  });

  test('rights that are missing are answered by the command that prints them', () => {
    const text = page(mixedRun());
    expect(text).toContain('eks-drift-audit access --cluster staging prints what to grant.');
  });

  test('the worst three are named with what they resolve, their severity, their fix and their owner', () => {
    const fix = { text: 'Make it read-only.', command: 'kubectl delete everything', risk: 'It breaks.' };
    const owned = { ...aFinding({ status: 'open' }), fix, owner: 'team-a' };
    const text = page(aRun([anAudited(aCluster(), [owned])]));
    expect(text).toMatch(/^FIX FIRST +1 {2}payments\/Deployment/m);
    expect(text).toContain('resolves 1 finding, owner: team-a');
    expect(text).toContain('Make it read-only.');
    // A command without its risk is not printed.
    expect(text).not.toContain('kubectl delete everything');
  });

  test('what is managed is one line, counted and not ranked; --managed lists it', () => {
    const managed = { ...aFinding({ name: 'aws-node', status: 'open' }), managedBy: 'EKS add-on vpc-cni' };
    const run = aRun([anAudited(aCluster(), [managed])]);
    const text = page(run);
    expect(text).toMatch(/^AWS-MANAGED +aws-node: 1 finding, nothing new +--managed$/m);
    const notCompared = aRun([anAudited(aCluster(), [managed], [aGap({ check: 'comparison' })])]);
    expect(page(notCompared)).toMatch(/^AWS-MANAGED +aws-node: 1 finding, what is new is not known +/m);
    const first = aRun([{ ...anAudited(aCluster(), [{ ...managed, status: 'new' }]), firstRun: true }]);
    expect(page(first)).toMatch(/^AWS-MANAGED +aws-node: 1 finding +--managed$/m);
    expect(text).not.toContain('FIX FIRST');
    const listed = page(run, { view: { groupBy: 'cause', all: false, managed: true } });
    expect(listed).toMatch(/^ {2}prod-eu +payments\/Deployment\/aws-node +EKS add-on vpc-cni/m);
  });

  test.each(['cause', 'workload', 'check', 'namespace'] as const)(
    'lists by %s hold every workload where nothing is cut',
    (groupBy) => {
      const text = page(mixedRun(), { view: { groupBy, all: true, managed: false } });
      const list = text.slice(text.search(/^(CAUSES|WORST|FINDINGS|NAMESPACES)/m), text.indexOf('\nNOTES'));
      expect(list).not.toMatch(/and [\d,]+ more/);
      for (let index = 0; index < 60 && groupBy !== 'namespace'; index++) {
        expect(text).toMatch(new RegExp(`service-${index}\\b`));
      }
    },
  );

  test('the verdict is that of the whole, where only a part of the run is shown', () => {
    const whole = aRun([anAudited(aCluster(), [aFinding({ name: 'a' }), aFinding({ name: 'b' })])]);
    const run = {
      ...whole,
      clusters: whole.clusters.map((result) => ({ ...result, findings: result.findings.slice(0, 1) })),
    };
    const text = page(run, { whole });
    expect(text).toContain(
      'FAILED  2 causes (2 high) in 2 workloads; 2 findings high or worse. Exit code 1.',
    );
    expect(text).toContain('Of these, 1 cause (1 high) in 1 workload is shown');
    const none = page(
      { ...whole, clusters: whole.clusters.map((result) => ({ ...result, findings: [] })) },
      { whole },
    );
    expect(none).toContain('FAILED  2 causes');
    expect(none).toContain('Of these, no open finding is shown');
  });

  test('500 clusters are counted, and the page stays short', () => {
    const clusters = Array.from({ length: 500 }, (_, index) => {
      const cluster = aCluster(`c${index}`);
      return anAudited(cluster, [aFinding({ cluster, status: 'open' })], [aGap({ cluster })]);
    });
    const text = page(aRun(clusters));
    expect(text).toContain('500 clusters');
    expect(text.split('\n').length).toBeLessThan(80);
    expect(tooWide(text, 100)).toEqual([]);
  });
});
