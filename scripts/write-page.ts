import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { builtPage } from './page/build-page.ts';

/** Builds style and script of `report.html`; with `--check` it only says whether they are current. */
const path = fileURLToPath(new URL('../lambda/report/page/built.ts', import.meta.url));
const built = await builtPage();
if (!process.argv.includes('--check')) {
  await writeFile(path, built);
} else if ((await readFile(path, 'utf8').catch(() => '')) !== built) {
  console.error('lambda/report/page/built.ts is not current: run npm run page.');
  process.exitCode = 1;
}
