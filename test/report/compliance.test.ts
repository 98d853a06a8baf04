import { describe, expect, test } from '@jest/globals';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { COMPLIANCE_COLUMNS, complianceCsv, complianceLines } from '../../lambda/report/compliance.ts';
import { aCluster, aFailed, aFinding, aGap, anAudited, aRun } from './builders.ts';

const control = (id: string) => ({
  framework: 'PCI DSS',
  version: '4.0.1',
  control: id,
  source: 'https://example.com/pci',
});
const CHECKS = [
  { id: 'egress-unrestricted', controls: [control('1.3.2'), control('1.2.5')] },
  { id: 'pod-too-old', controls: [control('6.3.3')] },
];

/** The tally of one check, and of others that passed. */
function withTally(
  result: ClusterResult,
  counts: { pass?: number; fail?: number; exempt?: number; notEvaluated?: number },
): ClusterResult {
  const { pass = 0, fail = 0, exempt = 0, notEvaluated = 0 } = counts;
  const tally = { check: 'egress-unrestricted', pass, fail, exempt, notEvaluated };
  return { ...result, tallies: [tally, { check: 'other', pass: 3, fail: 0, notEvaluated: 0 }] };
}

type Row = Readonly<Record<string, string>>;

function rowsOf(
  clusters: readonly ClusterResult[],
  findingsOf: Parameters<typeof complianceCsv>[1]['findingsOf'] = () => undefined,
) {
  const text = [...complianceCsv(aRun(clusters), { checks: CHECKS, findingsOf })].join('');
  const [header = '', ...lines] = text
    .replace(/^\ufeff/, '')
    .trimEnd()
    .split('\r\n');
  const names = header.split(',');
  return lines.map((line): Row => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
}

const resultOf = (result: ClusterResult): string | undefined =>
  rowsOf([result]).find(({ check }) => check === 'egress-unrestricted')?.['result'];

describe('compliance.csv', () => {
  test('its rows for queries say the same as its cells, with numbers as numbers and what is empty as null', () => {
    const unread = aFailed(aCluster('c'));
    const clusters = [withTally(anAudited(aCluster('a')), { fail: 2, exempt: 1, pass: 4 }), unread];
    const lines = [...complianceLines(aRun(clusters), { checks: CHECKS, findingsOf: () => undefined })];
    const rows = lines.map((line) => JSON.parse(line) as Record<string, string | number | null>);
    const asCells = rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, value === null ? '' : `${value}`]),
      ),
    );
    expect(asCells).toEqual(rowsOf(clusters));
    expect(rows[0]).toMatchObject({ in_scope: 7, fail: 2, exempt: 1 });
    expect(rows.at(-1)).toMatchObject({ in_scope: null, result: 'not evaluated' });
  });

  test('compliance.csv has a row for each control, check and cluster, with documented columns', () => {
    const rows = rowsOf([anAudited(aCluster('b')), anAudited(aCluster('a'))]);
    expect(rows.map(({ framework, control: id, check, cluster }) => [framework, id, check, cluster])).toEqual(
      [
        ['PCI DSS', '1.2.5', 'egress-unrestricted', 'a'],
        ['PCI DSS', '1.3.2', 'egress-unrestricted', 'a'],
        ['PCI DSS', '6.3.3', 'pod-too-old', 'a'],
        ['PCI DSS', '1.2.5', 'egress-unrestricted', 'b'],
        ['PCI DSS', '1.3.2', 'egress-unrestricted', 'b'],
        ['PCI DSS', '6.3.3', 'pod-too-old', 'b'],
      ],
    );
    expect(
      COMPLIANCE_COLUMNS.every(({ name, meaning }) => /^[a-z0-9_]+$/.test(name) && meaning.length > 5),
    ).toBe(true);
  });

  test.each([
    ['fail', { fail: 1, pass: 5, exempt: 2, notEvaluated: 3 }],
    ['not evaluated', { pass: 5, exempt: 2, notEvaluated: 1 }],
    ['exempt only', { pass: 5, exempt: 1 }],
    ['pass', { pass: 5 }],
    ['not applicable', {}],
  ] as const)('the result is %s where the verdicts say so', (expected, counts) => {
    expect(resultOf(withTally(anAudited(), counts))).toBe(expected);
  });

  test('a cluster that could not be read is not evaluated in every row, whatever is known of it', () => {
    const results = [
      aFailed(aCluster('a')),
      { ...aFailed(aCluster('b')), notEvaluated: [] },
      withTally(aFailed(aCluster('c')), { pass: 5 }),
    ];
    for (const row of rowsOf(results)) {
      expect([row['check'], row['result'], row['in_scope']]).toEqual([row['check'], 'not evaluated', '']);
    }
  });

  test('a cluster in which there was nothing to judge is not evaluated, for an empty answer looks like that', () => {
    const nothing = aGap({ check: 'coverage', reason: 'nothing-to-judge' });
    expect(resultOf(withTally({ ...anAudited(), notEvaluated: [nothing] }, {}))).toBe('not evaluated');
  });

  test('a row of what was not evaluated counts also where no tally does', () => {
    const row = rowsOf([withTally({ ...anAudited(), notEvaluated: [aGap()] }, { pass: 5 })])[0];
    expect([row?.['result'], row?.['not_evaluated'], row?.['in_scope']]).toEqual(['not evaluated', '1', '6']);
  });

  test('a check that the configuration does not ask is not applicable', () => {
    const rows = rowsOf([withTally(anAudited(), { pass: 5 })]);
    expect(rows.find(({ check }) => check === 'pod-too-old')?.['result']).toBe('not applicable');
  });

  test('a row says how bad and how old its open findings are, and where they are', () => {
    const cluster = aCluster();
    const findings = [
      { ...aFinding(), firstSeen: '2026-02-02T06:00:00Z' },
      { ...aFinding({ name: 'b', severity: 'critical', status: 'open' }), firstSeen: '2026-02-09T06:00:00Z' },
      { ...aFinding({ name: 'c', status: 'exempt' }), firstSeen: '2025-01-01T00:00:00Z' },
      { ...aFinding({ name: 'd', status: 'fixed' }), firstSeen: '2025-01-01T00:00:00Z' },
    ];
    const { run } = aRun();
    const key = 'findings/r1.ndjson.gz';
    const sha256 = 'd'.repeat(64);
    const [row] = rowsOf(
      [withTally({ ...anAudited(cluster), findings }, { fail: 2, exempt: 1 })],
      ({ name }) => (name === cluster.name ? { key, sha256 } : undefined),
    );
    expect(row).toMatchObject({
      framework_version: '4.0.1',
      source: 'https://example.com/pci',
      account: '111122223333',
      region: 'eu-west-1',
      in_scope: '3',
      pass: '0',
      fail: '2',
      exempt: '1',
      result: 'fail',
      worst_severity: 'critical',
      oldest_open: '2026-02-02T06:00:00Z',
      run: run.id,
      run_time: run.startedAt,
      config_sha256: run.config,
      findings_key: key,
      findings_sha256: sha256,
    });
  });

  test('no cell begins a formula, and text with a comma is quoted', () => {
    const hostile = { name: '=HYPERLINK("x")', arn: null, accountId: null, region: '@r,s' };
    const text = [
      ...complianceCsv(aRun([anAudited(hostile)]), { checks: CHECKS, findingsOf: () => undefined }),
    ].join('');
    expect(text).not.toMatch(/(?:^|,)"?\s*[=+@-]/m);
    expect(text).toContain('"\'=HYPERLINK(""x"")"');
  });
});
