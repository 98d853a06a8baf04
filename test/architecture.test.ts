import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

/**
 * The rules of docs/architecture.md: imports go one way, the middle of the house is pure, and there are
 * no cycles. Imports of types count for the direction but not for cycles: they are gone at run time.
 */
const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** For each room, the rooms that it may import from; itself and `errors`, `version` always. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  '': ['inventory'],
  inventory: [],
  config: ['inventory', 'findings'],
  egress: ['inventory', 'config'],
  mesh: ['inventory'],
  checks: ['inventory', 'config', 'egress', 'mesh', 'findings'],
  findings: ['inventory', 'config'],
  exemptions: ['inventory', 'config', 'findings'],
  report: ['inventory', 'config', 'findings'],
  connect: ['inventory'],
  collect: ['inventory', 'connect'],
  discover: ['inventory', 'config', 'connect'],
  vpc: ['inventory', 'connect'],
  sample: ['inventory'],
  access: ['inventory', 'checks', 'collect', 'connect'],
  store: ['inventory', 'findings', 'report'],
  notify: ['findings', 'report'],
  audit: [
    'inventory',
    'config',
    'egress',
    'mesh',
    'checks',
    'findings',
    'exemptions',
    'connect',
    'collect',
    'discover',
    'vpc',
  ],
  questions: ['inventory', 'config', 'egress', 'checks', 'collect', 'report', 'audit'],
  run: [
    'inventory',
    'config',
    'checks',
    'findings',
    'exemptions',
    'report',
    'connect',
    'collect',
    'discover',
    'store',
    'notify',
    'audit',
  ],
  fleet: [
    'inventory',
    'config',
    'checks',
    'findings',
    'report',
    'connect',
    'discover',
    'store',
    'audit',
    'run',
  ],
  cli: [
    'inventory',
    'config',
    'egress',
    'checks',
    'findings',
    'report',
    'connect',
    'collect',
    'discover',
    'sample',
    'access',
    'store',
    'notify',
    'audit',
    'questions',
    'run',
  ],
  handlers: [
    'inventory',
    'config',
    'checks',
    'findings',
    'report',
    'connect',
    'discover',
    'store',
    'notify',
    'audit',
    'run',
    'fleet',
  ],
};

const PURE = ['inventory', 'egress', 'mesh', 'checks', 'findings', 'exemptions', 'report'];
/** Modules of Node.js that compute and nothing else. */
// `isIP` is all that is taken of node:net.
const PURE_MODULES = ['node:crypto', 'node:buffer', 'node:zlib', 'node:net'];
const PURE_PACKAGES = ['ip-bigint', 'csv42', 'fast-wrap-ansi', 'zod', 'yaml'];
const IMPURE = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\bglobalThis\b|\bfetch\(/;

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

interface Source {
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

const IMPORT = /^(?:import|export)\s+(type\s+)?(?:[\s\S]*?\sfrom\s+)?'([^']+)'/gm;

function sources(): readonly Source[] {
  const folder = join(root, 'lambda');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const text = readFileSync(join(folder, path), 'utf8');
      const imports = [...text.matchAll(IMPORT)].map(([statement, type, specifier = '']) => ({
        specifier,
        typeOnly: type !== undefined || onlyTypes(statement),
      }));
      const room = path.split('/')[0] ?? '';
      return { path, room: path.includes('/') ? room : '', text, imports };
    });
}

/** `import { type A, type B } from …` leaves nothing behind either. */
function onlyTypes(statement: string): boolean {
  const names = /\{([\s\S]*)\}/.exec(statement)?.[1]?.split(',') ?? ['a value'];
  return names.every((name) => name.trim() === '' || name.trim().startsWith('type '));
}

const resolve = (source: Source, { specifier }: Import): string =>
  relative(join(root, 'lambda'), join(root, 'lambda', dirname(source.path), specifier));

const all = sources();

describe('the house', () => {
  test('has sources to look at', () => {
    expect(all.length).toBeGreaterThan(50);
    expect(all.find(({ path }) => path === 'checks/evaluate.ts')?.imports.length).toBeGreaterThan(5);
  });

  test('imports go one way', () => {
    const wrong = all.flatMap((source) => {
      const allowed = MAY_IMPORT[source.room];
      if (allowed === undefined) return [];
      return source.imports
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map((one) => resolve(source, one))
        .filter((target) => target.includes('/'))
        .filter(
          (target) =>
            target.startsWith('..') || ![source.room, ...allowed].includes(target.split('/')[0] ?? ''),
        )
        .map((target) => `${source.path} imports ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  test('the pure rooms know no clock, no environment, no input or output', () => {
    const wrong = all
      .filter(({ room }) => PURE.includes(room))
      .flatMap(({ path, text, imports }) => [
        ...imports
          .filter(({ specifier, typeOnly }) => !typeOnly && !specifier.startsWith('.'))
          .filter(
            ({ specifier }) =>
              ![...PURE_MODULES, ...PURE_PACKAGES].some(
                (known) => specifier === known || specifier.startsWith(`${known}/`),
              ),
          )
          .map(({ specifier }) => `${path} imports ${specifier}`),
        ...(IMPURE.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''))
          ? [`${path} is not pure: ${IMPURE.exec(text)?.[0]}`]
          : []),
      ]);
    expect(wrong).toEqual([]);
  });

  test('nothing imports in a circle', () => {
    const next = new Map(
      all.map((source) => [
        source.path,
        source.imports
          .filter(({ specifier, typeOnly }) => specifier.startsWith('.') && !typeOnly)
          .map((one) => resolve(source, one)),
      ]),
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (path: string, way: readonly string[]): void => {
      if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' → '));
      if (done.has(path) || way.includes(path)) return;
      for (const target of next.get(path) ?? []) visit(target, [...way, path]);
      done.add(path);
    };
    for (const path of next.keys()) visit(path, []);
    expect(circles).toEqual([]);
  });
});
