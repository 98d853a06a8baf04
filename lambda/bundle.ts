import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { once } from './once.ts';

/** Where this module lies in a checkout; in a bundle it is part of the one file that runs. */
const SOURCE = join('lambda', 'bundle.ts');

/**
 * SHA-256 of the file that runs: the bundle of a handler, or the built command line. It is asked of the file itself,
 * so that it is what ran, whatever was built.
 *
 * @returns `null` in a checkout, where no single file is the program
 */
export const bundleSha256 = once((): string | null => {
  const file = fileURLToPath(import.meta.url);
  return file.endsWith(SOURCE) ? null : createHash('sha256').update(readFileSync(file)).digest('hex');
});
