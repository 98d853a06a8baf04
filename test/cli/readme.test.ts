import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { run } from './run.ts';
import { scratchFiles } from './scratch.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const PROMPT = '$ npm run -s cli -- ';
/** A line for those that are left out. */
const CUT = /^…$/m;

interface Example {
  readonly argv: readonly string[];
  /** The file that the output goes to. */
  readonly into: string | null;
  /** Each part is printed as it is, one after the other. */
  readonly parts: readonly string[];
}

const consoles = [...README.matchAll(/^```console\n(.*?)^```$/gms)].map(([, text = '']) => text);

function examplesOf(text: string): readonly Example[] {
  return text
    .split(PROMPT)
    .slice(1)
    .map((example) => {
      const [command = '', ...printed] = example.trimEnd().split('\n');
      const [words = '', into = null] = command.split(' > ');
      const parts = printed
        .join('\n')
        .split(CUT)
        .map((part) => part.trim());
      return { argv: words.split(' '), into, parts: parts.filter((part) => part !== '') };
    });
}

describe('the README', () => {
  const scratch = scratchFiles();

  test('shows what its commands print', async () => {
    expect(consoles).not.toEqual([]);
    for (const text of consoles) {
      const files = new Map<string, string>();
      for (const { argv, into, parts } of examplesOf(text)) {
        const { stdout } = await run(argv.map((word) => files.get(word) ?? word));
        if (into !== null) files.set(into, scratch(into, stdout));
        let from = 0;
        for (const part of parts) {
          const found = stdout.indexOf(part, from);
          expect(found === -1 ? `${argv.join(' ')} prints:\n${stdout}\nand not:\n${part}` : '').toBe('');
          from = found + part.length;
        }
      }
    }
  });

  test('counts the sample as it is', async () => {
    const { stdout } = await run(['audit', '--sample', '-o', 'json', '--fail-on', 'never']);
    const { clusters } = JSON.parse(stdout) as {
      clusters: readonly { readonly totals: { readonly pods: number; readonly workloads: number } }[];
    };
    const pods = clusters.reduce((sum, { totals }) => sum + totals.pods, 0);
    const workloads = clusters.reduce((sum, { totals }) => sum + totals.workloads, 0);
    expect(README).toContain(
      `the embedded sample fleet: ${clusters.length} clusters, ${workloads} workloads, ${pods} pods`,
    );
  });

  test('says of packages what the command says', async () => {
    const reports = join(dirname(scratch('mark', '')), 'reports');
    await run(['audit', '--sample', '--out', reports, '--fail-on', 'never', '--allow-incomplete']);
    const { stdout } = await run(['sbom', 'find', 'log4j-core@<2.17.1', '--store', reports]);
    const said = stdout.trimEnd().split('\n').at(-1) ?? '';
    expect(said).toMatch(/^\d+ of \d+ running images /);
    expect(README.replaceAll('\n', ' ')).toContain(said);
  });
});
