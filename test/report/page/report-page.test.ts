import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { isActive } from '../../../lambda/findings/identity.ts';
import type { DigestInput } from '../../../lambda/report/digest-input.ts';
import { summaryDocument } from '../../../lambda/report/summary.ts';
import { trendRow } from '../../../lambda/report/trend.ts';
import { aCluster, aFailed, aFinding, aGap, anAudited, aRun } from '../builders.ts';
import { classed, drifted, mail, openEgress, PROD, writable } from '../golden-parts.ts';
import { GOLDEN_RUNS } from '../golden-runs.ts';
import { pageInput, pageText, sectionText, seen } from './pages.ts';

const golden = (name: string): DigestInput => {
  const make = GOLDEN_RUNS[name];
  if (make === undefined) throw new RangeError(`There is no run ${name}.`);
  return make();
};
const pageOf = (digest: DigestInput): string => pageText(pageInput(digest));

/** Text that would do something if it were taken for markup, a script or an attribute. */
const HOSTILE = [
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  `"><svg onload='alert(1)'>`,
  '</style><style>*{display:none}',
  'javascript:alert(1)',
  '&lt;b&gt;',
  '\u202egpj.exe',
  'a\nb\u0000c',
  'half \ud800',
];

describe('the sections of the page', () => {
  test('the sections have anchors, in the order that a reader wants, and the navigation leads to each', () => {
    const page = pageOf(golden('several-at-once'));
    const ids = [...page.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id);
    const links = [...page.matchAll(/<li><a href="#([^"]+)">/g)].map(([, id]) => id);
    expect(ids).toEqual([
      'answer',
      'changed',
      'not-evaluated',
      'worst',
      'teams',
      'egress',
      'ages',
      'drift',
      'trend',
      'accepted',
      'findings',
      'auditor',
    ]);
    expect(links.slice(0, ids.length)).toEqual(ids);
  });

  test.each<[string, DigestInput]>([
    ['clusters that could not be read', golden('all-clusters-missing')],
    ['a verdict that is missing', mail([anAudited(PROD, [], classed([aGap()], 'fixable'))])],
    ['no cluster', mail([])],
  ])('that there is nothing is not said of what was not decided: %s', (_, digest) => {
    const page = pageOf(digest);
    const said = ['changed', 'findings'].map((id) => sectionText(page, id)).join(' ');
    expect(said).toMatch(
      /Nothing changed in what could be decided\..*There is no finding in what could be decided\./,
    );
  });

  test('where all was decided it is said of all', () => {
    expect(sectionText(pageOf(mail([anAudited(PROD, [])])), 'findings')).toContain('There is no finding.');
  });

  test('what is new on the first page is compared with no run', () => {
    const answer = (firstRun: boolean): string =>
      sectionText(pageOf({ ...golden('several-at-once'), firstRun }), 'answer');
    expect(answer(true)).toContain('this is the first audit');
    expect(answer(true)).not.toContain('since the last run');
    expect(answer(false)).toContain('since the last run');
  });

  test.each(Object.keys(GOLDEN_RUNS))(
    'the page of the run %s is well-formed and the same when it is made again',
    (name) => {
      const input = golden(name);
      const page = pageOf(input);
      expect(pageOf(input)).toBe(page);
      expect(unclosed(page)).toEqual([]);
      expect([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id).length).toBe(
        new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)).size,
      );
    },
  );

  test('a page without findings has no link into a table that it does not have, and says nothing of owners', () => {
    const page = pageOf(mail([anAudited(PROD)]));
    expect(page.match(/href="#q=[^"]*"/g)).toBeNull();
    expect(sectionText(page, 'teams')).toContain(
      'No namespace has a finding or a workload that was not evaluated.',
    );
    expect(sectionText(page, 'teams')).not.toContain('owner');
    expect(sectionText(pageOf(mail([anAudited(PROD), aFailed(aCluster('b'))])), 'teams')).toContain(
      'No namespace that could be read has',
    );
  });

  test('where no cluster says how old its pods are, it is not said that there are none', () => {
    expect(sectionText(pageOf(mail([anAudited(PROD)])), 'ages')).not.toContain('No running pod was seen');
    expect(sectionText(pageOf(mail([])), 'ages')).toContain('No running pod was seen');
  });

  test('a number leads to the findings that it counts, and 0 leads nowhere', () => {
    const tiles = pageOf(mail([anAudited(PROD, [writable({})])]));
    expect(tiles).toMatch(/<a href="#q=severity%3Amedium[^"]*">medium open<\/a>/);
    expect(tiles).toContain('<dt>critical open</dt>');
  });

  test('the page of a fleet says that the findings of each cluster are in a folder of its own', () => {
    const digest = golden('several-at-once');
    const { id } = digest.run.run;
    const whereIs = (of: 'run' | 'clusters'): string =>
      sectionText(pageText(pageInput(digest, { of })), 'findings');
    expect(whereIs('clusters')).toContain(
      `findings.csv in the folder of the cluster, below runs/${id}/clusters.`,
    );
    expect(whereIs('clusters')).not.toContain('in the folder of the run');
    expect(whereIs('run')).toContain(`findings.csv in the folder of the run, runs/${id}.`);
    expect(pageText(pageInput(digest, { of: 'clusters' }))).toContain(
      'data-csv="the findings.csv of its cluster"',
    );
  });

  test('the answer says what the mail says, of every severity', () => {
    expect(sectionText(pageOf(golden('new-critical')), 'answer')).toContain('3 new');
    expect(sectionText(pageOf(golden('all-clusters-missing')), 'answer')).toContain('NOTHING WAS AUDITED');
    const failed = mail([anAudited(PROD), aFailed(aCluster('b'))]);
    expect(sectionText(pageOf(failed), 'answer')).toContain('1 of 2 clusters could not be read.');
  });

  test('a run in which something is missing never reads as if all were well', () => {
    const missing = mail([anAudited(PROD, [], classed([aGap()], 'fixable'))]);
    const page = pageOf(missing);
    expect(sectionText(page, 'answer')).toContain('INCOMPLETE');
    expect(sectionText(page, 'not-evaluated')).toContain('Bind the ClusterRole');
    expect(sectionText(page, 'not-evaluated')).not.toContain('Every check was decided');
    expect(sectionText(pageOf(mail([])), 'not-evaluated')).not.toContain('Every check was decided');
    expect(sectionText(pageOf(mail([aFailed(PROD)])), 'worst')).toContain('in what could be read');
  });

  test('an egress check that could not be decided is a question mark and no zero', () => {
    const clusters = [
      anAudited(
        PROD,
        [openEgress({ namespace: 'shop' })],
        classed([aGap({ check: 'egress-package-registry' })], 'fixable'),
      ),
    ];
    const row = /<tr><th scope="row">shop in prod-eu<\/th>.*<\/tr>/.exec(pageOf(mail(clusters)))?.[0] ?? '';
    const cells = [...row.matchAll(/<td.*?<\/td>/g)].map(([cell]) => seen(cell));
    expect(cells).toEqual(['?', '–', '–', '1', '?', '–', '–', '–']);
  });

  test('an exempt finding counts apart from those that fail, by check and by control', () => {
    const exempt = {
      ...writable({ namespace: 'legacy' }),
      status: 'exempt' as const,
      exemption: { reason: 'vendor image', owner: 'erp', expires: '2027-03-31' },
    };
    const audited = anAudited(PROD, [exempt, writable({ name: 'b' })]);
    const tallies = audited.tallies.map((tally) =>
      tally.check === 'writable-root-filesystem' ? { ...tally, fail: 1, exempt: 1 } : tally,
    );
    const page = pageOf(mail([{ ...audited, tallies }]));
    expect(sectionText(page, 'auditor')).toMatch(/writable-root-filesystem .*? 15 1 1 0/);
    expect(sectionText(page, 'accepted')).toContain('vendor image erp 2027-03-31 1 writable-root-filesystem');
  });

  test('measured drift is told with its numbers', () => {
    expect(sectionText(pageOf(mail([anAudited(PROD, [drifted({})])])), 'drift')).toContain(
      'wrote 48 MiB since 12 Feb (31 MiB since 23 Feb), smallest sibling 20 KiB',
    );
  });

  test('the trend has earlier runs and this one, and no later one, so that a repeated run gives the same page', () => {
    const now = mail([anAudited(PROD, [openEgress({})])]);
    const rowOf = (id: string) => {
      const run = {
        ...aRun([anAudited(PROD, [writable({})])]),
        run: { ...now.run.run, id, startedAt: '2026-02-23T06:00:00Z', config: 'd'.repeat(64) },
      };
      const row = trendRow(summaryDocument(run), null);
      if (row === null) throw new Error('A summary has its numbers.');
      return row;
    };
    const before = rowOf('20260223T060000Z');
    const page = pageText(pageInput(now, { trend: [before] }));
    expect(sectionText(page, 'trend')).toContain('the last 2 runs');
    expect(sectionText(page, 'trend')).toContain('configuration');
    const repeated = [before, rowOf('20260302T060000Z'), rowOf('20260309T060000Z')];
    expect(pageText(pageInput(now, { trend: repeated }))).toBe(page);
  });

  test('the table of workloads links to the finding by what makes it the same in every run', () => {
    const page = pageOf(mail([anAudited(PROD, [writable({ namespace: 'a b', name: 'x/y' })])]));
    expect(page).toContain('#f=prod-eu/a%20b/Deployment/x%2Fy/app/writable-root-filesystem');
  });
});

describe('text from clusters', () => {
  test.each(HOSTILE)('%j stays text wherever it is', (text) => {
    const cluster = { ...aCluster(text), arn: text, accountId: text, region: text };
    const hostile = {
      ...aFinding({
        cluster,
        namespace: text,
        kind: text,
        name: text,
        container: text,
        message: text,
        remediation: text,
      }),
      owner: text,
      managedBy: null,
      fix: { text, command: text, risk: text },
      cause: {
        id: 'c',
        kind: 'unknown' as const,
        object: { kind: text, namespace: text, name: text, part: text },
      },
    };
    const exempt = {
      ...hostile,
      id: 'e',
      status: 'exempt' as const,
      exemption: { reason: text, owner: text, expires: text },
    };
    const gap = aGap({
      cluster,
      workload: { namespace: text, kind: text, name: text },
      message: text,
      remediation: text,
    });
    const page = pageText(
      pageInput(
        mail(
          [
            {
              ...anAudited(cluster, [hostile, exempt], classed([gap], 'lost')),
              notes: [text],
              excluded: [{ namespace: text, pods: 1 }],
            },
          ],
          {
            gone: [{ cluster, lastRun: text, findings: 1, state: text }],
            shortfalls: [{ part: text, problem: text }],
            changes: { settings: [text], asked: new Map() },
          },
        ),
        { config: { [text]: text }, objects: [{ key: text, bytes: 1, sha256: text }] },
      ),
    );
    const plain = pageOf(mail([anAudited(PROD, [aFinding()])]));
    const dangers = (html: string) =>
      (html.match(/<(script|img|svg|style|iframe|object|base|link|meta)\b/g) ?? []).sort();
    expect(dangers(page).filter((tag) => tag !== '<svg')).toEqual(
      dangers(plain).filter((tag) => tag !== '<svg'),
    );
    expect(page).not.toMatch(/<[^>]*\son\w+=/);
    expect(page).not.toMatch(/href="(?!#|data:,)/);
    expect(page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '').replaceAll('\n', '')).not.toMatch(
      /[\p{Cc}\p{Cf}\p{Cs}]/u,
    );
    expect(unclosed(page)).toEqual([]);
  });

  test('a command that would have to be escaped is not shown as one to copy', () => {
    const evil = { ...writable({}), fix: { text: 'Do it.', command: 'kubectl \u202eevil', risk: null } };
    expect(pageOf(mail([anAudited(PROD, [evil])]))).not.toContain('evil');
  });
});

describe('the policy of the page', () => {
  test('the policy names the hashes of what the page holds, and allows nothing else', () => {
    const page = pageOf(mail([anAudited(PROD)]));
    const policy =
      /Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1]?.replaceAll('&#39;', "'") ?? '';
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(policy).toContain(`style-src 'sha256-${hash}'`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'; trusted-types 'none'");
    expect(page).not.toMatch(/\sstyle="/);
    expect(page).not.toMatch(/https?:\/\//);
  });
});

/** Tags that are opened and not closed, or the other way round. */
function unclosed(page: string): readonly string[] {
  const VOID = new Set(['meta', 'link', 'br', 'rect', 'polyline', 'line', 'path', '!doctype']);
  const open: string[] = [];
  const wrong: string[] = [];
  const markup = page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '');
  for (const [, end, name = ''] of markup.matchAll(/<(\/?)([!a-z][a-z0-9]*)/g)) {
    if (VOID.has(name)) continue;
    if (end === '') open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

test('every open finding is counted, in a tile or as one of managed workloads', () => {
  const input = golden('quiet-week');
  const open = input.run.clusters.flatMap(({ findings }) => findings.filter(isActive)).length;
  const tiles = [...pageOf(input).matchAll(/(?:critical|high|medium|low) open<\/a><\/dt><dd><b>([\d,]+)/g)];
  const apart = Number(/(\d+) open findings of managed workloads/.exec(pageOf(input))?.[1]);
  expect(tiles.reduce((sum, [, value]) => sum + Number(value?.replaceAll(',', '')), 0) + apart).toBe(open);
  expect(apart).toBeGreaterThan(0);
});

describe('what runs', () => {
  const population = {
    ages: [1, 2, 3, 4, 5, 0],
    namespaces: [{ namespace: 'shop', workloads: 7, pods: 15 }],
  };

  test('pods are shown by age, and clusters of which it is not known are named as missing', () => {
    const page = pageOf(mail([{ ...anAudited(PROD), population }, aFailed(aCluster('b'))]));
    expect(sectionText(page, 'ages')).toContain(
      'less than 1 day 1 within 1 to 7 days 2 within 7 to 30 days 3 within 30 to 90 days 4 older than 30 days 90 days or more 5 older than 30 days',
    );
    expect(sectionText(page, 'ages')).toContain('1 cluster not in it');
  });

  test('a namespace without any finding has a row of its egress, with how many workloads it has', () => {
    const page = pageOf(mail([{ ...anAudited(PROD), population }]));
    expect(sectionText(page, 'egress')).toContain('shop in prod-eu 7 – – 0');
  });
});
