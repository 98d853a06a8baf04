import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const CLIENT = fileURLToPath(new URL('../../lambda/report/page/client/', import.meta.url));

/** Browsers that decompress streams (Compression Streams) and know Trusted Types or ignore them. */
const TARGET = ['chrome90', 'firefox113', 'safari16.4'];

/** The module that holds style and script of the page as they are built from the folder `client` now. */
export async function builtPage(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: CLIENT,
    entryPoints: ['main.ts', 'page.css'],
    outdir: 'out',
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    target: TARGET,
    charset: 'ascii',
    legalComments: 'none',
  });
  const textOf = (ending: string): string =>
    outputFiles.find(({ path }) => path.endsWith(ending))?.text.trim() ?? '';
  const [script, style] = [textOf('.js'), textOf('.css')];
  // Either would end the element, or change how the rest is read (HTML, script data state).
  if (/<\/(script|style)|<!--/i.test(script + style)) {
    throw new Error(
      'The script or the style of the page holds a tag that would end it; write it differently.',
    );
  }
  return [
    '// Written by npm run page from lambda/report/page/client; a test holds it to that.',
    `export const SCRIPT: string = ${JSON.stringify(script)};`,
    `export const STYLE: string = ${JSON.stringify(style)};`,
    '',
  ].join('\n');
}
