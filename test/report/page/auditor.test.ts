import { describe, expect, test } from '@jest/globals';
import { CATALOGUE } from '../../../lambda/checks/catalogue.ts';
import type { ClusterResult } from '../../../lambda/findings/run-result.ts';
import { complianceCsv } from '../../../lambda/report/compliance.ts';
import { aCluster, aFailed, aGap, anAudited, aRun } from '../builders.ts';
import { classed, mail, PROD, writable } from '../golden-parts.ts';
import { pageInput, pageText, sectionText, seen } from './pages.ts';

const NUMBERS = ['pass', 'fail', 'exempt', 'not_evaluated'];

/** By `framework: control`: the numbers of `compliance.csv` of all clusters and checks together. */
function complianceNumbers(clusters: readonly ClusterResult[]): ReadonlyMap<string, readonly number[]> {
  const rows = [...complianceCsv(aRun(clusters), { checks: CATALOGUE, findingsOf: () => undefined })].map(
    (line) =>
      [...line.replace(/^\ufeff/, '').matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(?:,|\r\n)/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
      ),
  );
  const [header = [], ...lines] = rows;
  const sums = new Map<string, readonly number[]>();
  for (const cells of lines) {
    const cell = (name: string): string => cells[header.indexOf(name)] ?? '';
    const key = `${cell('framework')}: ${cell('control')}`;
    const before = sums.get(key) ?? NUMBERS.map(() => 0);
    sums.set(
      key,
      NUMBERS.map((name, index) => (before[index] ?? 0) + Number(cell(name))),
    );
  }
  return sums;
}

function pageNumbers(page: string): ReadonlyMap<string, readonly number[]> {
  const table = /<caption>Verdicts by control<\/caption>[\s\S]*?<\/table>/.exec(page)?.[0] ?? '';
  return new Map(
    [...table.matchAll(/<tr><th scope="row">(.*?)<br>.*?<\/th>(.*?)<\/tr>/g)].map(
      ([, name = '', cells = '']) => [
        seen(name),
        [...cells.matchAll(/<td.*?<\/td>/g)].map(([cell]) => Number(seen(cell).replaceAll(',', ''))),
      ],
    ),
  );
}

describe('verdicts by control', () => {
  const exempt = {
    ...writable({ namespace: 'legacy' }),
    status: 'exempt' as const,
    exemption: { reason: 'vendor image', owner: 'erp', expires: '2027-03-31' },
  };
  const audited = anAudited(PROD, [exempt, writable({ name: 'b' })]);
  const tallies = audited.tallies.map((tally) =>
    tally.check === 'writable-root-filesystem' ? { ...tally, fail: 1, exempt: 1 } : tally,
  );
  const runs: readonly (readonly [string, readonly ClusterResult[]])[] = [
    ['that was read', [{ ...audited, tallies }, anAudited(aCluster('b'))]],
    ['with a cluster that was not read', [audited, aFailed(aCluster('b'))]],
    ['with a check that a whole cluster denied', [anAudited(PROD, [], classed([aGap()], 'fixable'))]],
    ['of which nothing was read', [aFailed(PROD)]],
  ];

  test.each(runs)('a run %s has the numbers of compliance.csv', (_, clusters) => {
    const page = pageNumbers(pageText(pageInput(mail(clusters))));
    const csv = [...complianceNumbers(clusters)].filter(([, numbers]) =>
      numbers.some((number) => number > 0),
    );
    expect([...page].sort()).toEqual(csv.sort());
  });
});

describe('what was recorded beside the findings', () => {
  const reading = {
    kubernetesVersion: '1.36',
    principal: 'arn:aws:iam::111122223333:role/Auditor',
    status: 'ACTIVE',
    readAt: '2026-03-02T06:00:01.000Z',
  };

  test('each cluster has its version of Kubernetes and the principal that read it, or says that they are not known', () => {
    const clusters = [{ ...anAudited(PROD), reading }, aFailed(aCluster('b'))];
    const text = sectionText(pageText(pageInput(mail(clusters))), 'auditor');
    expect(text).toMatch(/audited 1\.36 arn:aws:iam::111122223333:role\/Auditor/);
    expect(text).toContain('not audited not known not known');
  });

  test('the program has its hash, and each cluster that was left out the setting that did it', () => {
    const about = {
      bundleSha256: 'b'.repeat(64),
      leftOut: [
        {
          name: 'dev',
          arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/dev',
          reason: 'not-included' as const,
        },
        { name: '(account 999900001111)', arn: null, reason: 'account-suspended' as const },
        { name: 'kind', arn: null, reason: 'duplicate' as const },
      ],
    };
    const text = sectionText(pageText(pageInput(mail([anAudited(PROD)]), { about })), 'auditor');
    expect(text).toContain(`Program, SHA-256 ${'b'.repeat(64)}`);
    expect(text).toContain('Left out 3 of the clusters and accounts that were found');
    expect(text).toContain('cluster/dev : no pattern of clusters.include fits it');
    expect(text).toContain('kind: another context leads to the same cluster');
  });

  test('where it is not known what was left out, the page does not say that nothing was', () => {
    const text = sectionText(pageText(pageInput(mail([anAudited(PROD)]), { about: null })), 'auditor');
    expect(text).not.toContain('Left out');
  });

  test.each([
    ['s3://example-audit-reports/runs/20260302T060000Z/report.html', 's3://example-audit-reports'],
    ['s3://bucket/a/runs/b/runs/20260302T060000Z/report.html', 's3://bucket/a/runs/b'],
    ['/home/me/my audits/runs/20260302T060000Z/report.html', "'/home/me/my audits'"],
    ['runs/20260302T060000Z/report.html', '.'],
    [null, 's3://BUCKET'],
  ])('the record of %s is verified by a command that names its place', (reportLocation, store) => {
    const input = mail([anAudited(PROD)], { reportLocation });
    const text = sectionText(pageText(pageInput(input)), 'auditor');
    expect(text).toContain(`eks-drift-audit verify ${input.run.run.id} --store ${store} Copy`);
  });
});
