import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { csv2json } from 'csv42';
import { folderStore } from '../../lambda/store/folder-store.ts';
import { anchorOf, FIRST, LAST, record, SECOND, SIGNER, THIRD } from '../history/a-history.ts';
import { type Ran, run } from './run.ts';

let folder: string;
let store: string;
let key: string;
let anchor: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'evidence-'));
  store = join(folder, 'reports');
  key = join(folder, 'public.pem');
  writeFileSync(key, SIGNER.publicKey);
  anchor = anchorOf(await record(folderStore(store)));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const evidence = (out: string, ...args: readonly string[]): Promise<Ran> =>
  run(['evidence', '--store', store, '--out', join(folder, out), '--now', '2026-04-01T00:00:00Z', ...args]);

const read = (...path: readonly string[]): string => readFileSync(join(folder, ...path), 'utf8');

const indexOf = (out: string): readonly Record<string, string>[] =>
  csv2json(read(out, 'index.csv').replace(/^\ufeff/, ''), { parseValue: String });

describe('evidence', () => {
  test('evidence holds every run of the period with its objects, its verification and an index', async () => {
    const args = ['--from', '2026-03-05', '--to', '2026-03-22', '--key', key, '--expect', anchor];
    const { code, stdout, stderr } = await evidence('march', ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/march: 3 runs, \d+ objects\. Verification: pass; index\.txt says why\.\n$/);
    expect(
      indexOf('march').map(({ run: id, sequence, verification, signature }) => [
        id,
        sequence,
        verification,
        signature,
      ]),
    ).toEqual([
      [SECOND, '2', 'pass', 'valid'],
      [THIRD, '3', 'pass', 'valid'],
      [LAST, '4', 'pass', 'valid'],
    ]);
    expect(existsSync(join(folder, 'march', 'runs', FIRST))).toBe(false);
    const text = read('march', 'index.txt').replace(/\s+/g, ' ');
    expect(text).toContain('Period: 2026-03-05 to 2026-03-22 (UTC)');
    expect(text).toContain(
      '3 runs; the longest time without one is 7d. Every cluster was audited in every run.',
    );
    expect(text).toContain('VERIFICATION: PASS');
    expect(text).toContain(`manifest ${anchor}`);
  });

  test('the copy can be verified again by the command that its index names', async () => {
    const [command = ''] = /^eks-drift-audit (verify .*)$/m.exec(read('march', 'index.txt'))?.slice(1) ?? [];
    const here = join(folder, 'march');
    const args = command
      .split(' ')
      .map((word) => (word === '.' ? here : word === 'signing-key.pem' ? join(here, word) : word));
    const { code, stdout } = await run([...args, '--expect', anchor]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('objects of 3 runs read')]);
    expect((await run(args)).code).toBe(3);
  });

  test('a run that was tampered with is copied as it is, and the index says what is wrong', async () => {
    const file = join(store, 'runs', THIRD, 'findings.csv');
    const before = readFileSync(file);
    writeFileSync(file, 'nothing to see\n');
    try {
      const { code } = await evidence('tampered', '--from', '2026-03-01', '--to', '2026-03-31', '--key', key);
      expect(code).toBe(1);
      const rows = indexOf('tampered');
      expect(rows.map(({ verification }) => verification)).toEqual(['pass', 'pass', 'fail', 'pass']);
      expect(rows[2]?.['problems']).toContain(`runs/${THIRD}/findings.csv is not what was written`);
      expect(read('tampered', 'index.txt').replace(/\s+/g, ' ')).toContain(
        `runs/${THIRD}/findings.csv is not what was written`,
      );
      expect(read('tampered', 'runs', THIRD, 'findings.csv')).toBe('nothing to see\n');
    } finally {
      writeFileSync(file, before);
    }
  });

  test.each([
    [
      ['--from', '2025-01-01', '--to', '2025-12-31'],
      /No run started from 2025-01-01 to 2025-12-31; 4 runs recorded, from 2026-03-01/,
    ],
    [
      ['--from', '2026-13-01', '--to', '2026-12-31'],
      '--from takes a day such as 2026-03-31, not "2026-13-01".',
    ],
    [['--from', '2026-03-02', '--to', '2026-03-01'], '--from 2026-03-02 is after --to 2026-03-01.'],
  ])('evidence %j is refused with what is there', async (args, message) => {
    const { code, stderr } = await evidence('none', ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test('a folder that holds something is refused', async () => {
    const { stderr } = await evidence('march', '--from', '2026-03-01', '--to', '2026-03-31');
    expect(stderr).toMatch(/The folder ".*march" is not empty; give a new one\./);
  });
});
