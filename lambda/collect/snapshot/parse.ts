import {
  boolYaml11Tag,
  type ConstructorOptions,
  constructFromEvents,
  FAILSAFE_SCHEMA,
  floatCoreTag,
  intYaml11Tag,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  parseEvents,
  YAMLException,
} from 'js-yaml';
import { jsonCursor, yamlCursors } from './cursors.ts';
import { indentFlows } from './flow-indent.ts';
import { lineCounter, type Place, placeAt } from './places.ts';

/** A value of a file, and where it is. */
interface Placed {
  readonly value: unknown;
  /** Asked for in the order of the documents, and only of those that need it. */
  readonly place: () => Place | undefined;
}

/** A document of a file as plain data, or why it is none. */
export type ParsedDocument =
  | (Placed & { readonly number: number })
  | { readonly problem: string; readonly number: number; readonly line: number };

/** Why a whole file cannot be read; the message completes "FILE: …". */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
  readonly tooLarge: boolean;

  constructor(message: string, tooLarge = false) {
    super(message);
    this.tooLarge = tooLarge;
  }
}

/** JSON beyond this does not fit the longest string of V8 (2^29 - 24 characters). */
const MAX_JSON_BYTES = 512 * 1024 * 1024 - 32;
/** YAML takes some 30 times its size in memory while it is parsed, JSON some three times. */
const MAX_YAML_BYTES = 64 * 1024 * 1024;

/**
 * Reads the documents of a file: JSON by its first character, else YAML.
 * @throws UnreadableFile
 */
export function parseDocuments(bytes: Uint8Array): readonly ParsedDocument[] {
  if (bytes.length > MAX_JSON_BYTES) throw new UnreadableFile('it is larger than 512 MiB', true);
  const text = decode(bytes);
  // These begin flow collections in YAML too.
  const json = /^\s*[{[]/.test(text);
  const documents = json ? parseJsonStream(text) : null;
  if (documents !== null) return documents;
  if (bytes.length > MAX_YAML_BYTES) {
    throw new UnreadableFile(json ? 'it is not valid JSON' : 'it is YAML of more than 64 MiB', !json);
  }
  return parseYaml(text);
}

/** UTF-8, or UTF-16 with a byte order mark, as PowerShell writes what is redirected into a file. */
function decode(bytes: Uint8Array): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  let text: string;
  try {
    // Removes the byte order mark.
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new UnreadableFile('it is not a text file in UTF-8 or UTF-16');
  }
  if (text.includes('\0')) throw new UnreadableFile('it is not a text file');
  return text;
}

/**
 * One JSON document, or several one after the other, as `jq` and loops around `kubectl get -o json` write them and
 * kubectl reads them.
 * @returns `null` where some of it is no JSON: what begins like JSON may be YAML, or JSON and YAML in turns
 */
function parseJsonStream(text: string): readonly ParsedDocument[] | null {
  const lineAt = lineCounter(text);
  const placed = (value: unknown, start: number): Placed => {
    let place: Place | undefined;
    return { value, place: () => (place ??= placeAt({ cursor: jsonCursor(text, start), lineAt })) };
  };
  const whole = parseJson(text);
  if (whole !== undefined) return [{ ...placed(whole, 0), number: 1 }];
  const parsed: ParsedDocument[] = [];
  for (let at = skipSpace(text, 0); at < text.length; ) {
    const end = endOfValue(text, at);
    const value = end === null ? undefined : parseJson(text.slice(at, end));
    if (end === null || value === undefined) return null;
    parsed.push({ ...placed(value, at), number: parsed.length + 1 });
    at = skipSpace(text, end);
  }
  return parsed;
}

/** @returns `undefined` for what is no JSON, which JSON itself never means */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** RFC 8259, section 2; RFC 7464 puts a record separator before each document. */
const SPACE: ReadonlySet<string | undefined> = new Set([' ', '\t', '\r', '\n', '\u001e']);

function skipSpace(text: string, from: number): number {
  let at = from;
  while (SPACE.has(text[at])) at++;
  return at;
}

/** Everything that can open or close a value, or hide it in a string. */
const STRUCTURE = /[{}[\]]|"(?:[^"\\]|\\.)*"/gs;

/** @returns behind the object or array that begins there; `null` if none does, or it does not end */
function endOfValue(text: string, start: number): number | null {
  if (text[start] !== '{' && text[start] !== '[') return null;
  STRUCTURE.lastIndex = start;
  let depth = 0;
  for (let found = STRUCTURE.exec(text); found !== null; found = STRUCTURE.exec(text)) {
    const [token] = found;
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    if (depth === 0) return STRUCTURE.lastIndex;
  }
  return null;
}

/**
 * YAML as the Kubernetes tools read it (`sigs.k8s.io/yaml`, go-yaml 2), which is 1.1: `yes` is true, `0644`
 * octal, `<<` merges, the last of equal keys counts. But times stay text there, and `22:30` is no
 * sexagesimal number.
 */
const YAML_OPTIONS: Omit<ConstructorOptions, 'source'> = {
  schema: FAILSAFE_SCHEMA.withTags(
    nullYaml11Tag,
    boolYaml11Tag,
    {
      ...intYaml11Tag,
      resolve: (source, ...rest) =>
        source.includes(':') ? NOT_RESOLVED : intYaml11Tag.resolve(source, ...rest),
    },
    floatCoreTag,
    mergeTag,
  ),
  json: true,
  // A few lines of aliases to aliases stand for gigabytes ("billion laughs").
  maxAliases: 100,
};
const MAX_DEPTH = 100;

function parseYaml(text: string): readonly ParsedDocument[] {
  const parsed: ParsedDocument[] = [];
  for (const { content, firstLine } of splitDocuments(text)) {
    parsed.push(...parseYamlDocument(content, firstLine, parsed.length + 1));
  }
  return parsed;
}

interface TextPart {
  readonly content: string;
  /** From 1. */
  readonly firstLine: number;
}

/**
 * Cuts at lines that begin with `---`, as kubectl does (apimachinery, `util/yaml/decoder.go`) and YAML
 * demands even inside quotes: an unclosed quote then costs its own document and not all that follow.
 */
function* splitDocuments(text: string): Generator<TextPart> {
  const separator = /^---(?=[ \t\r\n]|$)/gm;
  let start = 0;
  let firstLine = 1;
  for (const { index } of text.matchAll(separator)) {
    const content = text.slice(start, index);
    // Before the first separator there may be nothing, or comments and directives that belong to no document.
    if (start > 0 || /^[ \t]*[^\s#%]/m.test(content)) yield { content, firstLine };
    firstLine += content.split('\n').length - 1;
    start = index;
  }
  yield { content: text.slice(start), firstLine };
}

/** One document, or more where `...` ends them. */
function parseYamlDocument(content: string, firstLine: number, number: number): readonly ParsedDocument[] {
  const template = templateLine(content);
  if (template !== null) return [{ problem: TEMPLATE, number, line: firstLine + template }];
  try {
    return loadDocuments(content, firstLine).map((placed, index) => ({ ...placed, number: number + index }));
  } catch (error) {
    const { problem, line } = explain(error, content);
    return [{ problem, number, line: firstLine + line }];
  }
}

function loadDocuments(content: string, firstLine: number): readonly Placed[] {
  try {
    return load(content, firstLine);
  } catch (error) {
    const indented = error instanceof YAMLException ? indentFlows(content) : null;
    if (indented === null) throw error;
    try {
      return load(indented, firstLine);
    } catch {
      // Its own lines are those to name.
      throw error;
    }
  }
}

/** The places are found at once: the events are many times as large. */
function load(source: string, firstLine: number): readonly Placed[] {
  const events = parseEvents(source, { maxDepth: MAX_DEPTH });
  const values = constructFromEvents(events, { ...YAML_OPTIONS, source });
  const lineAt = lineCounter(source, firstLine);
  const places: Place[] = [];
  for (const cursor of yamlCursors(events, source)) places.push(placeAt({ cursor, lineAt }));
  return values.map((value, index) => ({ value, place: () => places[index] }));
}

/** Says of a document that it is a template; what it holds is known once it is rendered. */
export const TEMPLATE = 'it is a Helm template that was not rendered';

/** What only Helm fills in (https://helm.sh/docs/chart_template_guide/builtin_objects/). */
const HELM =
  /\{\{-?[^}\n]*?(?:\.(?:Values|Release|Chart|Capabilities|Template|Files)\b|\b(?:include|tpl|toYaml|nindent)\s)/;
/** Lines that are nothing but an action, which no YAML is. */
const ACTION = /^\s*\{\{-?\s*(?:\/\*|if|range|with|end|else|define|block|template|include|\$)/m;
/** Templates of others are data there. */
const DATA = /^kind:\s*["']?(?:ConfigMap|Secret|CustomResourceDefinition)\b/m;

/** @returns the line of the first expression, from 0 */
function templateLine(content: string): number | null {
  if (!content.includes('{{')) return null;
  const found = DATA.test(content) ? null : HELM.exec(content);
  const first = found ?? ACTION.exec(content);
  return first === null ? null : content.slice(0, content.indexOf('{{', first.index)).split('\n').length - 1;
}

/** @returns the line counted from 0 */
function explain(error: unknown, content: string): { problem: string; line: number } {
  if (error instanceof RangeError) return { problem: 'nesting too deep', line: 0 };
  if (!(error instanceof YAMLException)) throw error;
  // YAML takes `{{ x }}` for a mapping as a key of a mapping, and reports where the outermost one begins.
  const template = error.reason.includes('complex keys') ? content.indexOf('{{') : -1;
  if (template >= 0) return { problem: TEMPLATE, line: content.slice(0, template).split('\n').length - 1 };
  return { problem: error.reason.slice(0, 200), line: error.mark?.line ?? 0 };
}
