import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

/** Whoever follows a link in the documentation, or the name of a page in the code, finds what it is about. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const files = (...patterns: readonly string[]): readonly string[] =>
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', ...patterns], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(ROOT, file)));
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const withoutCode = (markdown: string): string =>
  markdown.replaceAll(/^(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1/gm, '').replaceAll(/`[^`\n]*`/g, '');

/** As GitHub makes them of headings: https://docs.github.com/en/get-started/writing-on-github (Section links). */
function anchorsOf(markdown: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, heading = ''] of markdown
    .replaceAll(/^(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1/gm, '')
    .matchAll(/^#{1,6} +(.*)$/gm)) {
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = words.replaceAll(/[^\p{L}\p{N}\-_ ]/gu, '').replaceAll(' ', '-');
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    anchors.add(count === 0 ? anchor : `${anchor}-${count}`);
  }
  for (const [, id = ''] of markdown.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

/** @returns what is wrong with a link, or nothing */
function problem(from: string, link: string): string | null {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? from : normalize(join(dirname(from), decodeURIComponent(path)));
  if (!existsSync(join(ROOT, target))) return `${from}: there is no ${target}`;
  if (anchor === undefined || !target.endsWith('.md')) return null;
  return anchorsOf(read(target)).has(anchor) ? null : `${from}: ${target} has no heading for #${anchor}`;
}

describe('the documentation', () => {
  test('has no link that leads nowhere', () => {
    const pages = files('*.md').filter((file) => !file.startsWith('test/'));
    expect(pages.length).toBeGreaterThan(40);
    const problems = pages.flatMap((page) =>
      [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, link = '']) => link)
        .filter((link) => !/^[a-z]+:/.test(link))
        .flatMap((link) => problem(page, link) ?? []),
    );
    expect(problems).toEqual([]);
  });

  test('has every page that code and configuration name', () => {
    const sources = files('lambda', 'lib', 'bin', 'scripts', 'test', '*.yaml', '*.json').filter(
      (file) => /\.(?:ts|py|js|yaml)$/.test(file) && file !== 'test/docs-links.test.ts',
    );
    const problems = sources.flatMap((file) =>
      [...read(file).matchAll(/(?<![\w/:.)-])docs\/[\w/-]+\.md(?:#[\w-]+)?/g)]
        .flatMap(([name]) => problem('README.md', name) ?? [])
        .map((text) => text.replace('README.md', file)),
    );
    expect(problems).toEqual([]);
  });
});
