import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../..', import.meta.url));
const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
const folders = new Set(files.flatMap((file) => parentsOf(file)));
const documents = files.filter((file) => file.endsWith('.md'));
const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const { scripts } = JSON.parse(text('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

function parentsOf(file: string): readonly string[] {
  const folder = dirname(file);
  return folder === '.' ? [] : [folder, ...parentsOf(folder)];
}

/** Anchors as GitHub makes them of headings: lower case, hyphens for blanks, no other signs. */
const anchorsOf = (file: string): ReadonlySet<string> =>
  new Set(
    [
      ...text(file)
        .replaceAll(/^```.*?^```/gms, '')
        .matchAll(/^#+ (.+)$/gm),
    ].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );

function isBroken(document: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? document : normalize(join(dirname(document), path)).replace(/\/$/, '');
  if (!files.includes(target) && !folders.has(target)) return true;
  return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
}

describe('the documents', () => {
  test.each(documents)('%s has no link into the void', (document) => {
    const links = [...text(document).matchAll(/\]\((?<link>[^)\s]+)\)/g)].map(
      ({ groups }) => groups?.['link'] ?? '',
    );
    const own = links.filter((link) => !/^[a-z]+:/.test(link));
    expect(own.filter((link) => isBroken(document, link))).toEqual([]);
  });

  test.each(documents)('%s names scripts of npm that exist', (document) => {
    const named = [...text(document).matchAll(/npm run (?:-s )?(?<script>[a-z][a-z0-9:]*[a-z0-9])/g)];
    const unknown = named
      .map(({ groups }) => groups?.['script'] ?? '')
      .filter((name) => !Object.hasOwn(scripts, name));
    expect(unknown).toEqual([]);
  });

  test.each(documents)('%s names folders and files of the tree that exist', (document) => {
    const named = [...text(document).matchAll(/`(?<path>(?:lambda|lib|scripts|bin|manifests)\/[\w./-]+)`/g)];
    const paths = named.map(({ groups }) => (groups?.['path'] ?? '').replace(/\/$/, ''));
    const missing = paths.filter(
      (path) => !files.includes(path) && !files.includes(`${path}.ts`) && !folders.has(path),
    );
    expect(missing).toEqual([]);
  });
});
