import {
  type ErrorCode,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
} from 'yaml';
import { quote } from '../wording.ts';

/** Where in a file: lines and columns count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export type Path = readonly (string | number)[];

/** A file that could be read as YAML, with the places of its values. */
export interface YamlSource {
  readonly value: unknown;
  /** Of the value at `path`, else of the nearest mapping or list around it. */
  placeOf(path: Path): Place;
  /** Of the key itself. */
  placeOfKey(path: Path): Place;
}

export interface YamlProblem extends Place {
  readonly message: string;
}

const LARGEST = 1024 * 1024;
const TOO_DEEP = 'The file is nested too deeply to be read.';

/**
 * Reads one YAML 1.2 document (JSON is YAML). Only the core schema: `off`, `yes` and dates stay text
 * whatever a `%YAML` directive says, and there are no tags.
 */
export function readYaml(text: string): YamlSource | readonly YamlProblem[] {
  if (text.length > LARGEST) return [{ line: 1, column: 1, message: 'The file is larger than 1 MiB.' }];
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  try {
    const document = parseDocument(text, {
      schema: 'core',
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
    });
    const errors = [...document.errors, ...document.warnings];
    if (errors.length > 0) return problemsOf(errors, text, place);
    return {
      value: document.toJS({ maxAliasCount: 100 }) ?? null,
      placeOf: (path) => place(offsetOf(document.contents, path)),
      placeOfKey: (path) => place(keyOffset(document.contents, path)),
    };
  } catch (error) {
    // The library throws on aliases that multiply and where nesting exhausts the stack.
    const aliases = error instanceof ReferenceError;
    const message = aliases ? 'Aliases (*name) expand to too much data; write the values out.' : TOO_DEEP;
    return [{ line: 1, column: 1, message }];
  }
}

/** One problem a line: what follows it there is mostly a consequence. */
function problemsOf(
  errors: readonly YAMLError[],
  text: string,
  place: (offset: number) => Place,
): readonly YamlProblem[] {
  const problems = errors.map((error) => ({ ...place(error.pos[0]), message: explain(error, text) }));
  return problems.filter(({ line }, i) => problems.findIndex((other) => other.line === line) === i);
}

const EXPLANATIONS: Readonly<Partial<Record<ErrorCode, string>>> = {
  TAB_AS_INDENT: 'A tab is used to indent; YAML requires spaces.',
  MULTIPLE_DOCS: 'A second document begins here; a configuration is one document, without ---.',
  TAG_RESOLVE_FAILED: 'There is a tag (!) here; write the plain value.',
  NON_STRING_KEY: 'This key is a list or a mapping; keys are plain text.',
  RESOURCE_EXHAUSTION: TOO_DEEP,
};

function explain({ code, message, pos }: YAMLError, text: string): string {
  const known = EXPLANATIONS[code];
  if (known !== undefined) return known;
  if (code === 'DUPLICATE_KEY') {
    const key = /^[^:\n]{0,60}/.exec(text.slice(pos[0], pos[0] + 100))?.[0] ?? '';
    return `The key ${quote(key.trim())} is there twice; remove one of the two.`;
  }
  const hint = /INDENT|IMPLICIT_KEY/.test(code) ? ' (check colons and indentation from here on)' : '';
  return `This is not valid YAML${hint}: ${message.replace(/\.?$/, '.')}`;
}

function offsetOf(root: Node | null, path: Path): number {
  let node: unknown = root;
  let offset = startOf(root) ?? 0;
  for (const step of path) {
    const { child, key } = childOf(node, step);
    // A value that was left out has no place of its own: its key has.
    const empty = isScalar(child) && child.value === null && child.source === '';
    const next = empty ? startOf(key) : (startOf(child) ?? startOf(key));
    if (next === null) return offset;
    offset = next;
    node = child;
  }
  return offset;
}

function keyOffset(root: Node | null, path: Path): number {
  const parent = path.slice(0, -1);
  let node: unknown = root;
  for (const step of parent) node = childOf(node, step).child;
  const last = path.at(-1);
  return startOf(last === undefined ? null : childOf(node, last).key) ?? offsetOf(root, parent);
}

function childOf(node: unknown, step: string | number): { readonly child: unknown; readonly key: unknown } {
  if (isSeq(node) && typeof step === 'number') return { child: node.items[step], key: null };
  if (!isMap(node)) return { child: null, key: null };
  const pair = node.items.find(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
  );
  return { child: pair?.value ?? null, key: pair?.key ?? null };
}

function startOf(node: unknown): number | null {
  const range = (node as { readonly range?: readonly number[] | null } | null)?.range;
  return range?.[0] ?? null;
}
