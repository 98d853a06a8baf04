/**
 * Inside brackets YAML libraries of Go, and so kubectl, take any indentation, tabs too (`yaml_parser_scan_to_next_token`
 * in go-yaml, scannerc.go: tabs are skipped "if parser.flow_level > 0 || !parser.simple_key_allowed", the latter behind
 * the colon of a key); YAML itself wants more than the parent's.
 */
const DEEP = ' '.repeat(120);

interface Scan {
  /** Open brackets. */
  depth: number;
  quote: '"' | "'" | null;
  /** The indentation of the line that began a block scalar (`|`, `>`), whose text is deeper. */
  block: number | null;
  /** Where the text of the line begins. */
  from: number;
  /** Whether a text without quotes has begun, of which tabs are part. */
  plain: boolean;
  /** Where tabs separate what brackets hold, or a key and what it begins, in the line. */
  readonly tabs: number[];
}

/**
 * Indents all lines inside brackets as deep as YAML could want, and separates by spaces what tabs separate there.
 * @returns `null` where there is no such line, or brackets do not match
 */
export function indentFlows(text: string): string | null {
  const scan: Scan = { depth: 0, quote: null, block: null, from: 0, plain: false, tabs: [] };
  let changed = false;
  const lines = text.split('\n').map((line) => {
    const content = line.trimStart();
    if (scan.depth === 0 && scan.quote === null && isInBlock(scan, line, content)) return line;
    const inside = scan.depth > 0 && content !== '' && content !== '\r';
    scanLine(scan, line);
    const separated = withSpaces(line, scan.tabs.splice(0));
    if (inside || separated !== line) changed = true;
    return inside ? DEEP + separated.trimStart() : separated;
  });
  return changed && scan.depth === 0 && scan.quote === null ? lines.join('\n') : null;
}

function isInBlock(scan: Scan, line: string, content: string): boolean {
  if (scan.block === null) return false;
  if (content === '' || content === '\r' || line.length - content.length > scan.block) return true;
  scan.block = null;
  return false;
}

function scanLine(scan: Scan, line: string): void {
  scan.from = line.length - line.trimStart().length;
  let at = scan.quote === null ? 0 : endOfQuote(scan, line, 0);
  let begins = at === 0;
  while (at < line.length) [at, begins] = step(scan, line, { at, begins });
}

const withSpaces = (line: string, tabs: readonly number[]): string =>
  [
    ...tabs.map((at, index) => line.slice((tabs[index - 1] ?? -1) + 1, at)),
    line.slice((tabs.at(-1) ?? -1) + 1),
  ].join(' ');

/**
 * A value begins at the start of a line and behind an indicator and a space, inside brackets behind any indicator.
 * @returns where to go on, and whether a value may begin there
 */
function step(
  scan: Scan,
  line: string,
  { at, begins }: { readonly at: number; readonly begins: boolean },
): [at: number, begins: boolean] {
  const char = line[at] as string;
  if (isSpace(char)) {
    const behind = begins || /[:\-?,]/.test(line[at - 1] ?? '');
    // Those that indent a block are wrong for kubectl, too.
    if (char === '\t' && at > scan.from && !scan.plain) scan.tabs.push(at);
    return [at + 1, behind];
  }
  if (char === '#' && (at === 0 || isSpace(line[at - 1]))) return [line.length, false];
  if (scan.depth > 0 && (char === ']' || char === '}')) {
    scan.depth--;
    scan.plain = false;
    return [at + 1, false];
  }
  if (begins) {
    scan.plain = false;
    const next = valueAt(scan, line, at);
    if (next !== null) return next;
  }
  scan.plain = char !== ',' && char !== ':';
  return [at + 1, scan.depth > 0 && !scan.plain];
}

function valueAt(scan: Scan, line: string, at: number): [at: number, begins: boolean] | null {
  const char = line[at] as string;
  if (char === '[' || char === '{') {
    scan.depth++;
    return [at + 1, true];
  }
  if (char === '"' || char === "'") {
    scan.quote = char;
    return [endOfQuote(scan, line, at + 1), false];
  }
  if (scan.depth > 0 || (char !== '|' && char !== '>')) return null;
  scan.block = line.length - line.trimStart().length;
  return [line.length, false];
}

/** @returns behind the quote that ends the text, or the end of the line, where it goes on in the next one */
function endOfQuote(scan: Scan, line: string, from: number): number {
  for (let at = from; at < line.length; at++) {
    if (scan.quote === '"' && line[at] === '\\') at++;
    else if (line[at] === scan.quote) {
      scan.quote = null;
      return at + 1;
    }
  }
  return line.length;
}

const isSpace = (char: string | undefined): boolean => char === ' ' || char === '\t' || char === '\r';
