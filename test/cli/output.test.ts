import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EXIT } from '../../lambda/cli/exit-code.ts';
import { run } from './run.ts';

const ROOT = new URL('../../', import.meta.url);
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'output-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The program as a process of its own, its standard output in a file. */
async function program(argv: readonly string[], output: string) {
  const stdout = openSync(output, 'w');
  const child = spawn(process.execPath, ['--import', 'tsx', 'bin/eks-drift-audit.ts', ...argv], {
    cwd: ROOT,
    stdio: ['ignore', stdout, 'pipe'],
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  closeSync(stdout);
  return { code, stderr };
}

describe('standard output that cannot be written to', () => {
  // Linux has a device that is always full.
  const FULL = '/dev/full';
  const commands = [
    ['checks'],
    ['config', 'schema'],
    ['audit', '--sample', '-o', 'json', '--now', '2026-11-21T12:00:00Z'],
  ];

  if (existsSync(FULL)) {
    test.each(commands)('wrong usage is one sentence and a separate exit code: %s', async (...argv) => {
      const { code, stderr } = await program(argv, FULL);
      expect(code).toBe(EXIT.unwritten);
      expect(stderr.trim().split('\n').at(-1)).toBe(
        'error: The result could not be written to standard output (ENOSPC); free space there, or write to another place.',
      );
      expect(stderr).not.toContain('    at ');
    });
  }
});

test('a report that cannot be stored does not lose the finished audit', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const { code, stdout, stderr } = await run([
    ...['audit', '--sample', '-o', 'json', '--now', '2026-11-21T12:00:00Z'],
    ...['--out', join(file, 'reports')],
  ]);
  expect(code).toBe(EXIT.unwritten);
  expect(stderr).toMatch(
    /^error: The record of this run .* is not complete: .* cannot be stored or read: .*\.\n$/,
  );
  expect((JSON.parse(stdout) as { findings: readonly unknown[] }).findings.length).toBeGreaterThan(100);
});

test.each(['--out', '--config', '--kubeconfig', '--report-bucket'])(
  '%s without a value is wrong usage',
  async (flag) => {
    const { code, stdout, stderr } = await run(['audit', '--sample', flag, '']);
    expect([code, stdout]).toEqual([EXIT.usage, '']);
    expect(stderr).toBe(`error: ${flag} has an empty value; give a value, or remove the option.\n`);
  },
);

test('an empty path of a snapshot is not the current folder', async () => {
  const { code, stderr } = await run(['egress', '--snapshot', '']);
  expect(code).toBe(EXIT.usage);
  expect(stderr).toContain('--snapshot has an empty value');
});
