import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { folderStore } from '../../lambda/store/folder-store.ts';
import { deliver, found, runOf } from '../audit/recording.ts';
import { aRecord } from '../findings/builders.ts';
import { FIRST, LAST, record, SECOND } from '../history/a-history.ts';
import { type Ran, run } from './run.ts';

let folder: string;
let store: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'diff-'));
  store = join(folder, 'reports');
  // Runs find abcd, bcde, cdef, defg.
  await record(folderStore(store), { signer: null });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const diff = (...args: readonly string[]): Promise<Ran> => run(['diff', '--store', store, ...args]);

interface Document {
  readonly before: { readonly id: string };
  readonly after: { readonly id: string };
  readonly settings: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly changes: readonly {
    readonly kind: string;
    readonly finding: { readonly workload: { readonly name: string } };
  }[];
}

const documentOf = async (...args: readonly string[]): Promise<Document> =>
  JSON.parse((await diff(...args, '-o', 'json')).stdout) as Document;

describe('diff', () => {
  test('diff shows what came and went between two runs, with the configuration first', async () => {
    const { stdout, stderr } = await diff(FIRST, 'latest');
    expect(stderr).toBe('');
    expect(stdout).toMatch(new RegExp(`^EKS DRIFT DIFF {2}${FIRST} .* -> ${LAST} `));
    expect(stdout.split('\n').slice(1, 4)).toEqual(['configuration: unchanged', '', '+3 new  -3 gone  =1']);
    expect(stdout).toContain('NEW\nMEDIUM   pod-too-old: 3 workloads\n         shop/Deployment/e in prod\n');
  });

  test('diff of a run and itself is empty, and exits with 0', async () => {
    const { code, stdout } = await diff('latest', LAST);
    expect([code, stdout.split('\n').slice(3)]).toEqual([0, ['=4', '']]);
  });

  test('a newer run that is given first is compared, and said to be newer', async () => {
    const { stdout, stderr } = await diff('latest', FIRST);
    expect(stdout).toContain('+3 new  -3 gone');
    expect(stderr).toMatch(/^The first run is newer than the second: .* Give the older one first\.$/m);
  });

  test('what is gone since is what a run between the two has said', async () => {
    const { counts, changes } = await documentOf('2026-03-01', 'latest');
    expect(counts).toMatchObject({ new: 3, gone: 3, fixed: 0, undecided: 0, same: 1 });
    expect(changes.filter(({ kind }) => kind === 'gone').map(({ finding }) => finding.workload.name)).toEqual(
      ['a', 'b', 'c'],
    );
  });

  test('the exit code follows --fail-on by what is new', async () => {
    expect((await diff(FIRST, SECOND)).code).toBe(0);
    expect((await diff(FIRST, SECOND, '--fail-on', 'medium')).code).toBe(1);
    expect((await diff(FIRST, SECOND, '--fail-on', 'never')).code).toBe(0);
  });

  test('what the newer run could not decide is said, is not fixed, and exits with 3', async () => {
    const other = join(folder, 'undecided');
    const [first, second] = [runOf(1), runOf(8)];
    await deliver({ store: folderStore(other), run: first, results: [found(['a', 'b'])] });
    const failed = {
      ...found([]),
      outcome: 'failed' as const,
      notEvaluated: [aRecord({ reason: 'unreachable' })],
    };
    await deliver({ store: folderStore(other), run: second, results: [failed] });
    const { code, stdout } = await run(['diff', '--store', other, 'latest~1', 'latest']);
    expect(code).toBe(3);
    expect(stdout).toContain('?2 no longer decided  =0');
    expect(stdout).not.toContain('fixed');
    expect((await run(['diff', '--store', other, 'latest~1', 'latest', '--allow-incomplete'])).code).toBe(0);
  });

  test('runs of two folders are compared by what the newer one decided', async () => {
    const other = join(folder, 'other');
    const now = runOf(25);
    await deliver({ store: folderStore(other), run: now, results: [found(['d', 'z'])] });
    const { stdout } = await run(['diff', store, other, '-o', 'json']);
    const { before, after, counts } = JSON.parse(stdout) as Document;
    expect([before.id, after.id]).toEqual([LAST, now.id]);
    // These results do not say which workloads were looked at, so that those without a finding are not there.
    expect(counts).toMatchObject({ new: 1, gone: 3, fixed: 0, same: 1 });
  });

  test('Markdown for a pull request lists the same', async () => {
    const { stdout } = await diff(FIRST, SECOND, '-o', 'markdown');
    expect(stdout).toContain('`+1 new  -1 gone  =3`');
    expect(stdout).toContain('- **medium** `pod-too-old`: 1 workload\n  - `shop/Deployment/e` in `prod`');
  });

  test('a run that is named otherwise needs a store', async () => {
    const { code, stderr } = await run(['diff', 'latest~1', 'latest']);
    expect(code).toBe(2);
    expect(stderr).toContain('"latest~1" is no folder of audit --out; give --store');
  });
});
