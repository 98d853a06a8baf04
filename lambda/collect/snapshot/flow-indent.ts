/**
 * Inside brackets YAML libraries of Go, and so kubectl, take any indentation, tabs too (`yaml_parser_scan_to_next_token`
 * in go-yaml, scannerc.go: tabs are skipped "if parser.flow_level > 0"); YAML itself wants more than the parent's.
 */
const DEEP = ' '.repeat(120);

interface Scan {
  /** Open brackets. */
  depth: number;
  quote: '"' | "'" | null;
  /** The indentation of the line that began a block scalar (`|`, `>`), whose text is deeper. */
  block: number | null;
}

/**
 * Indents all lines inside brackets as deep as YAML could want.
 * @returns `null` where there is no such line, or brackets do not match
 */
export function indentFlows(text: string): string | null {
  const scan: Scan = { depth: 0, quote: null, block: null };
  let changed = false;
  const lines = text.split('\n').map((line) => {
    const content = line.trimStart();
    if (scan.depth === 0 && scan.quote === null && isInBlock(scan, line, content)) return line;
    const inside = scan.depth > 0 && content !== '' && content !== '\r';
    scanLine(scan, line);
    if (!inside) return line;
    changed = true;
    return DEEP + content;
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
  let at = scan.quote === null ? 0 : endOfQuote(scan, line, 0);
  let begins = at === 0;
  while (at < line.length) [at, begins] = step(scan, line, { at, begins });
}

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
  if (isSpace(char)) return [at + 1, begins || /[:\-?,]/.test(line[at - 1] ?? '')];
  if (char === '#' && (at === 0 || isSpace(line[at - 1]))) return [line.length, false];
  if (scan.depth > 0 && (char === ']' || char === '}')) {
    scan.depth--;
    return [at + 1, false];
  }
  if (begins) {
    const next = valueAt(scan, line, at);
    if (next !== null) return next;
  }
  return [at + 1, scan.depth > 0 && (char === ',' || char === ':')];
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
