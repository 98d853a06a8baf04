import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { bundleSha256 } from '../lambda/bundle.ts';

test('a bundle knows the SHA-256 of its own file, and a checkout has none', async () => {
  expect(bundleSha256()).toBeNull();
  const folder = mkdtempSync(join(tmpdir(), 'eks-drift-auditor-'));
  try {
    const entry = join(folder, 'entry.ts');
    writeFileSync(
      entry,
      `import { bundleSha256 } from ${JSON.stringify(join(process.cwd(), 'lambda/bundle.ts'))};\nconsole.log(bundleSha256());\n`,
    );
    const outfile = join(folder, 'index.mjs');
    await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm' });
    const said = execFileSync(process.execPath, [outfile], { encoding: 'utf8' }).trim();
    expect(said).toBe(createHash('sha256').update(readFileSync(outfile)).digest('hex'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
