/**
 * Keeps the templates of this commit as those of the last release: `npm run release:templates`. What the next versions replace,
 * and whether a stack of this release can be updated to them, is tested from these files.
 */
import { fileURLToPath } from 'node:url';
import { writeTemplates } from './synthesise.ts';

for (const path of writeTemplates(fileURLToPath(new URL('released/', import.meta.url)))) {
  process.stdout.write(`${path}\n`);
}
