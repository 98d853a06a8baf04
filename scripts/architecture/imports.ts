import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from '@swc/core';

/** One file that a source names: by `import`, `export … from`, `import('…')` or the type `import('…')`. */
export interface Import {
  readonly specifier: string;
  /** Whether it is gone at run time. */
  readonly typeOnly: boolean;
}

export interface Source {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

/** Folders of the product. */
const FOLDERS = ['lambda', 'lib', 'bin'];

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Reads and parses every source of the product below `root`. */
export function readSources(root: string = ROOT): readonly Source[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => sourceOf(posix.join(folder, name), readFileSync(join(root, folder, name), 'utf8'))),
  );
}

export const sourceOf = (path: string, text: string): Source => ({ path, text, imports: importsIn(text) });

/** Where a relative import leads, from the root of the repository; `null` for packages. */
export const targetOf = ({ path }: Source, { specifier }: Import): string | null =>
  specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : null;

/**
 * @returns what the text imports, in any form
 * @throws TypeError where a dynamic import names no file: what it imports could not be known
 */
export function importsIn(text: string): readonly Import[] {
  const found: Import[] = [];
  for (const statement of parseSync(text, { syntax: 'typescript', target: 'es2024' }).body) {
    if (isNode(statement)) visit(statement, found);
  }
  return found;
}

/** A node of the syntax tree, of which only a few are looked at: https://swc.rs/docs/usage/core#parse */
type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

function visit(node: Node, found: Import[]): void {
  const one = importOf(node);
  if (one !== null) found.push(one);
  for (const child of Object.values(node)) if (isNode(child)) visit(child, found);
}

function importOf(node: Node): Import | null {
  switch (node['type']) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration': {
      const specifier = literal(node['source']);
      return specifier === null
        ? null
        : { specifier, typeOnly: node['typeOnly'] === true || onlyTypes(node) };
    }
    case 'TsImportType':
      return { specifier: given(node['argument']), typeOnly: true };
    case 'CallExpression': {
      const { callee, arguments: args } = node;
      if (!isNode(callee) || callee['type'] !== 'Import') return null;
      const first: unknown = Array.isArray(args) ? args[0] : undefined;
      return { specifier: given(isNode(first) ? first['expression'] : undefined), typeOnly: false };
    }
    default:
      return null;
  }
}

/** `import { type A, type B } from …` leaves nothing behind either, but `import '…'` does. */
function onlyTypes({ specifiers }: Node): boolean {
  if (!Array.isArray(specifiers) || specifiers.length === 0) return false;
  return specifiers.every((one: unknown) => isNode(one) && one['isTypeOnly'] === true);
}

function literal(node: unknown): string | null {
  const value = isNode(node) && node['type'] === 'StringLiteral' ? node['value'] : null;
  return typeof value === 'string' ? value : null;
}

function given(node: unknown): string {
  const text = literal(node);
  if (text === null) throw new TypeError('A dynamic import must name its file in quotes.');
  return text;
}
