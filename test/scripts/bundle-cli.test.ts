import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { bundleCli } from '../../scripts/build/bundle-cli.ts';
import { run } from '../cli/run.ts';

const execute = promisify(execFile);

test('the built command line is one file that audits the sample from any folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bundled-cli-'));
  try {
    const file = join(folder, 'audit.mjs');
    await bundleCli(file);
    const argv = ['audit', '--sample', '--fail-on', 'never', '--now', '2026-06-01T00:00:00Z'];
    const allowed = [...argv, '--allow-incomplete'];
    const { stdout, stderr } = await execute(process.execPath, [file, ...allowed], { cwd: folder });
    expect(stderr).toBe('');
    expect(stdout).toBe((await run(allowed)).stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
});
