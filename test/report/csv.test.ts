import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Finding } from '../../lambda/findings/finding.ts';
import { CSV_COLUMNS, csvFindings } from '../../lambda/report/csv.ts';
import { csvSafe } from '../../lambda/report/escape.ts';
import { sortedFindings } from '../../lambda/report/order.ts';
import { aCluster, aFinding, anAudited, aRun, type FindingOptions } from './builders.ts';

const csvOf = (...findings: readonly FindingOptions[]): string =>
  [...csvFindings(aRun([anAudited(aCluster(), findings.map(aFinding))]))].join('');

/** A reader of RFC 4180, so that the test does not trust the writer. */
function parse(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  for (const line of text.slice(1).split(/\r\n(?=(?:[^"]*"[^"]*")*[^"]*$)/)) {
    if (line === '') continue;
    const cells = line.match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g) ?? [];
    rows.push(
      cells
        .slice(0, CSV_COLUMNS.length)
        .map((cell) => cell.replace(/,$/, '').replace(/^"|"$/g, '').replaceAll('""', '"')),
    );
  }
  return rows;
}

describe('findings.csv', () => {
  test('findings.csv begins with a byte order mark and a header of documented columns', () => {
    const text = csvOf();
    expect(text.startsWith('\ufeffid,status,severity,check,account,region,cluster,')).toBe(true);
    expect(CSV_COLUMNS.every(({ name, meaning }) => /^[a-z_]+$/.test(name) && meaning.length > 5)).toBe(true);
  });

  test('findings.csv has a row for every finding', () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ name: `w${index}` }));
    expect(parse(csvOf(...many))).toHaveLength(13);
  });

  test('findings.csv says how many days a finding has been open, also where it is exempt, and not once it is closed', () => {
    const at = CSV_COLUMNS.findIndex(({ name }) => name === 'open_days');
    const days = (firstSeen: string, options: FindingOptions) => {
      const finding = { ...aFinding(options), firstSeen };
      const [, row = []] = parse([...csvFindings(aRun([anAudited(aCluster(), [finding])]))].join(''));
      return row[at];
    };
    const twoWeeksAgo = '2026-02-15T18:00:00Z';
    expect(days(twoWeeksAgo, { status: 'open' })).toBe('14');
    expect(days(twoWeeksAgo, { status: 'exempt' })).toBe('14');
    expect(days(twoWeeksAgo, { status: 'fixed' })).toBe('');
    // Found while the run went on.
    expect(days('2026-03-02T06:00:07Z', {})).toBe('0');
    expect(days('not known', {})).toBe('');
  });

  test('findings.csv names the owner, what manages the workload, its cause and why a finding was withdrawn', () => {
    const names = CSV_COLUMNS.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['owner', 'managed_by', 'cause', 'cause_id', 'cause_object', 'fix', 'reason']),
    );
  });

  test('findings.csv says how old the oldest pod is, which image it is about, and the command and risk of its fix', () => {
    const finding = {
      ...aFinding({ evidence: { image: 'registry.example.com/app:1' } }),
      pods: { count: 1, examples: ['p'], oldestStartedAt: '2026-02-15T18:00:00Z' },
      fix: { text: 't', command: 'kubectl get pods', risk: 'It restarts the pods.' },
    };
    const cellOf = (name: string, one: Finding): string | undefined => {
      const [, row = []] = parse([...csvFindings(aRun([anAudited(aCluster(), [one])]))].join(''));
      return row[CSV_COLUMNS.findIndex((column) => column.name === name)];
    };
    expect(cellOf('oldest_days', finding)).toBe('14');
    expect(cellOf('oldest_days', { ...finding, status: 'fixed' })).toBe('');
    expect(cellOf('oldest_days', { ...finding, pods: { ...finding.pods, oldestStartedAt: null } })).toBe('');
    expect(cellOf('image', finding)).toBe('registry.example.com/app:1');
    expect(cellOf('image', { ...finding, evidence: { image: ['a', 'b'] } })).toBe('');
    expect(cellOf('fix_command', finding)).toBe('kubectl get pods');
    expect(cellOf('fix_risk', finding)).toBe('It restarts the pods.');
    expect(cellOf('fix_risk', { ...finding, fix: null })).toBe('');
  });

  test('findings.csv keeps commas, quotes and line breaks inside their cell', () => {
    const [, row = []] = parse(csvOf({ message: 'a "quoted", cell\r\n=1+1' }));
    expect(row[CSV_COLUMNS.findIndex(({ name }) => name === 'message')]).toBe('a "quoted", cell\\r\\n=1+1');
  });

  test('findings.csv lets no cell of any column begin a formula', () => {
    const formula = '=HYPERLINK("https://evil.example","x")';
    const finding = aFinding({
      namespace: formula,
      kind: '+k',
      name: '@n',
      container: '-c',
      message: '\t=1',
      remediation: ' =1',
    });
    const hostile = {
      ...finding,
      id: formula,
      cluster: { name: formula, arn: '=', accountId: '-1', region: '@' },
      controls: ['=c'],
      pods: { count: 1, examples: ['=p'], oldestStartedAt: '=t' },
      exemption: { reason: '=r', owner: '@o', expires: '-e' },
      firstSeen: '=f',
      lastSeen: '=l',
    };
    const [, row = []] = parse([...csvFindings(aRun([anAudited(hostile.cluster, [hostile])]))].join(''));
    expect(row).toHaveLength(CSV_COLUMNS.length);
    expect(row.filter((cell) => /^\s*[=+\-@]/.test(cell))).toEqual([]);
  });

  test('findings.csv puts quotes where RFC 4180 §2 needs them and nowhere else, whatever cells contain', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', '"', ',', '"",', ' a ', '=1', 'é'),
    );
    const maybe = fc.option(text, { nil: null });
    const names = { namespace: text, kind: text, name: text, message: text, remediation: text };
    const options = fc.record({ ...names, container: maybe, evidence: fc.record({ text }) });
    const exemption = fc.option(fc.record({ reason: text, owner: text, expires: text }), { nil: null });
    const finding = fc
      .tuple(options, exemption)
      .map(([given, exempted]) => ({ ...aFinding(given), exemption: exempted }));
    const quoted = (cell: string): string =>
      /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 5 }), (findings) => {
        const run = aRun([anAudited(aCluster(), findings)]);
        const rows = [...sortedFindings(run)].map((row) => {
          const cells = CSV_COLUMNS.map(({ value }) => quoted(csvSafe(String(value(row, run.run) ?? ''))));
          return `${cells.join(',')}\r\n`;
        });
        expect([...csvFindings(run)].slice(1).join('')).toBe(rows.join(''));
      }),
    );
  });
});
