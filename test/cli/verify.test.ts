import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { folderStore } from '../../lambda/store/folder-store.ts';
import {
  anchorOf,
  FIRST,
  forger,
  LAST,
  record,
  SECOND,
  SIGNER,
  TAMPERINGS,
  THIRD,
  type Writable,
} from '../history/a-history.ts';
import { verifyByHand } from '../support/by-hand.ts';
import { type Ran, run } from './run.ts';

let folder: string;
let store: string;
let key: string;
let anchor: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'verify-'));
  store = join(folder, 'reports');
  key = join(folder, 'signing-key.pem');
  writeFileSync(key, SIGNER.publicKey);
  anchor = anchorOf(await record(folderStore(store)));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder as whoever can write it sees it. */
const writable = (root: string): Writable => ({
  keys: async () =>
    readdirSync(root, { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [relative(root, join(entry.parentPath, entry.name))] : [],
    ),
  get: async (path) => readFileSync(join(root, path)),
  put: async (path, content) => writeFileSync(join(root, path), content),
  delete: async (path) => rmSync(join(root, path)),
});

const verify = (...args: readonly string[]): Promise<Ran> => run(['verify', '--store', store, ...args]);

describe('verify', () => {
  test('verify passes with exit 0 where key and hash prove the newest run and all before it', async () => {
    const { code, stdout, stderr } = await verify('--all', '--key', key, '--expect', anchor);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^pass {12}objects are as the manifest names them$/m);
    expect(stdout).toMatch(/^pass {12}no run is missing after the last$/m);
    expect(stdout).toContain('4 records without a hole: record 1');
    expect(stdout).toMatch(/PASS: the records are complete and unchanged \(objects of 4 runs read\)\.\n$/);
  });

  test('verify ends with 3 where nothing proves the newest run, and says what would', async () => {
    const { code, stdout } = await verify();
    expect(code).toBe(3);
    expect(stdout).toMatch(/^not verifiable {2}no run is missing after the last$/m);
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'The newest run cannot be proved: nothing outside the store names it. Give --expect',
    );
    expect(stdout).toContain(
      'NOT VERIFIABLE: nothing wrong was found, and not everything is proved (objects of 1 run read)',
    );
  });

  test('verify of a folder without runs does not say that nothing is wrong', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'verify-empty-'));
    try {
      const { code, stdout } = await run(['verify', '--all', '--store', empty]);
      expect(code).toBe(3);
      expect(stdout).toContain(
        'NOT VERIFIABLE: nothing was verified, since this store has no recorded run.\n',
      );
      expect(stdout).not.toContain('nothing wrong');
    } finally {
      rmSync(empty, { recursive: true });
    }
  });

  test('verify ends with 1 where an object is edited, and names run and object', async () => {
    const file = join(store, 'runs', SECOND, 'findings.csv');
    const before = readFileSync(file);
    writeFileSync(file, 'nothing to see\n');
    try {
      const { code, stdout } = await verify(SECOND, '--key', key, '--expect', anchor);
      expect(code).toBe(1);
      expect(stdout.replace(/\s+/g, ' ')).toContain(`runs/${SECOND}/findings.csv is not what was written`);
      expect((await verify('--key', key, '--expect', anchor)).code).toBe(0);
    } finally {
      writeFileSync(file, before);
    }
  });

  test('runs are named by id, by its beginning, by their date, or from the latest back', async () => {
    const runsOf = async (name: string): Promise<unknown> =>
      (JSON.parse((await verify(name, '-o', 'json')).stdout) as { runs: unknown }).runs;
    for (const [name, id] of [
      [FIRST, FIRST],
      ['20260308', SECOND],
      ['2026-03-15', THIRD],
      ['latest', LAST],
      ['latest~3', FIRST],
    ] as const) {
      expect([name, await runsOf(name)]).toEqual([name, [id]]);
    }
  });

  test.each([
    [['2026-04-01'], /There is no run "2026-04-01" in .*reports\/runs; the latest is/],
    [['latest~4'], /There are only 4 runs in/],
    [['202603'], /There is no run "202603"/],
    [['20260301', '--all'], 'Give a run or --all, not both.'],
    [['--expect', 'abc'], '--expect takes the SHA-256 of a manifest (64 hexadecimal digits), not "abc".'],
    [['--key', '/nowhere'], 'The public key /nowhere cannot be read: there is no such file or folder.'],
  ])('verify %j is refused with what to do', async (args, message) => {
    const { code, stderr } = await verify(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test('a store that is no folder and no bucket is refused', async () => {
    expect((await run(['verify', '--store', join(folder, 'none')])).stderr).toContain('There is no folder');
    expect((await run(['verify', '--store', 's3://A_B'])).stderr).toContain('--store takes s3://BUCKET');
  });

  test('a file that is no public key on P-256 is refused', async () => {
    const other = join(folder, 'other.pem');
    execFileSync('openssl', ['genrsa', '-out', other, '2048'], { stdio: 'ignore' });
    expect((await verify('--key', other)).stderr).toContain(
      `${other} is not the public key of a signing key`,
    );
  });
});

/** The commands of docs/evidence.md, without this program: they need OpenSSL and GNU coreutils only. */
describe('the records by OpenSSL and sha256sum alone', () => {
  const byHand = (run: string, at = store, expected = anchor) =>
    verifyByHand({ folder: at, run, key, expected });

  test('an untouched record passes', () => {
    const { code, output } = byHand(LAST);
    expect([code, output]).toEqual([0, expect.stringContaining('Verified OK')]);
    expect(output).toContain(`runs/${LAST}/digest.txt: OK`);
    expect(output).toContain('the newest run is the one of the mail');
  });

  test.each(TAMPERINGS)('$name: found by hand, too', async ({ tamper, name }) => {
    const copy = join(folder, 'tampered');
    rmSync(copy, { recursive: true, force: true });
    execFileSync('cp', ['-r', store, copy]);
    await tamper(writable(copy));
    // Whoever deletes the newest run leaves the one before it as the newest.
    const { code, output } = byHand(name.includes('newest') ? THIRD : LAST, copy);
    expect(code).not.toBe(0);
    expect(output).toMatch(/FAILED|added: |No such file/);
  });

  test('the whole history is rewritten by whoever can write: found by the signature, and by the hash', async () => {
    const other = join(folder, 'rewritten');
    await record(folderStore(other), { signer: forger(), names: 'zyxwvuts' });
    expect(byHand(LAST, other).output).toMatch(/FAILED/);
    const itsHash = execFileSync('sha256sum', [join(other, 'runs', LAST, 'manifest.json')], {
      encoding: 'utf8',
    });
    expect(byHand(LAST, other, itsHash.slice(0, 64)).output).toMatch(/Verification failure/i);
  });

  test('an edited object, an edited manifest and another history are found', () => {
    const copy = join(folder, 'copy');
    const edited = (path: string): ReturnType<typeof byHand> => {
      rmSync(copy, { recursive: true, force: true });
      execFileSync('cp', ['-r', store, copy]);
      const bytes = readFileSync(join(copy, path));
      // Not appended: OpenSSL reads no more of a signature than the longest of its kind has.
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      writeFileSync(join(copy, path), bytes);
      return byHand(LAST, copy);
    };
    expect(edited(`runs/${LAST}/findings.csv`).output).toMatch(/findings\.csv: FAILED/);
    for (const name of ['findings.csv', 'manifest.json', 'manifest.json.sig', 'SHA256SUMS']) {
      expect([name, edited(`runs/${LAST}/${name}`).code]).not.toEqual([name, 0]);
    }
    expect(readdirSync(store)).toContain('runs');
  });
});
