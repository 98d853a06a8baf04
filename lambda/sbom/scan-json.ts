/** What makes the same text mean different things to different readers, or exhausts one. */
export type JsonDanger =
  | { readonly kind: 'too-deep' }
  | { readonly kind: 'duplicate-key'; readonly key: string }
  | { readonly kind: 'not-json' };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

/** Longer keys are none of those that are looked for, but for escapes: `\u0070` is one letter. */
const ESCAPED = 6;

/**
 * Goes once through JSON text before it is parsed. `JSON.parse` takes the last of two equal keys, other readers the
 * first: with two lists of packages a document would show one to a scanner and another to this one
 * (RFC 8259 §4: "the behavior of software that receives such an object is unpredictable").
 *
 * @param keys Those that matter; at most 31.
 * @param depth Of objects and lists inside of each other.
 * @returns `null` when there is none of it. The text may still be no JSON.
 */
export function scanJson(text: Uint8Array, keys: readonly string[], depth: number): JsonDanger | null {
  const keyAt = keyReader(text, keys);
  const objects = openObjects(keys, depth);
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (opens(byte)) {
      if (!objects.enter()) return { kind: 'too-deep' };
    } else if (closes(byte)) {
      if (!objects.leave()) return NOT_JSON;
    } else if (byte === QUOTE) {
      const end = endOfString(text, at);
      if (end < 0) return NOT_JSON;
      const repeated = objects.add(keyAt(at, end));
      if (repeated !== null) return { kind: 'duplicate-key', key: repeated };
      at = end;
    }
  }
  return objects.closed() ? null : NOT_JSON;
}

const opens = (byte: number | undefined): boolean => byte === OPEN_OBJECT || byte === OPEN_LIST;
const closes = (byte: number | undefined): boolean => byte === CLOSE_OBJECT || byte === CLOSE_LIST;

const NOT_JSON = { kind: 'not-json' } as const;

/** Which keys the objects have so far that are open: by level, a bit for each. */
function openObjects(keys: readonly string[], depth: number) {
  const seen = new Int32Array(depth + 1);
  let level = 0;
  return {
    enter: (): boolean => {
      if (++level > depth) return false;
      seen[level] = 0;
      return true;
    },
    leave: (): boolean => --level >= 0,
    /** @returns the key when the object has it already */
    add(index: number): string | null {
      if (index < 0) return null;
      const before = seen[level] ?? 0;
      seen[level] = before | (1 << index);
      return before === seen[level] ? (keys[index] ?? null) : null;
    },
    closed: (): boolean => level === 0,
  };
}

/** Which of the keys a string is, by its first and last quote; -1 where it is none of them, or no key. */
function keyReader(text: Uint8Array, keys: readonly string[]): (from: number, end: number) => number {
  const indexOf = new Map(keys.map((key, index) => [key, index]));
  const longest = Math.max(...keys.map((key) => key.length)) * ESCAPED;
  return (from, end) =>
    end - from - 1 <= longest && isKey(text, end) ? (indexOf.get(unquoted(text, from, end)) ?? -1) : -1;
}

/** Where the quote is that ends the string which begins at `from`; -1 when there is none. */
function endOfString(text: Uint8Array, from: number): number {
  let end = text.indexOf(QUOTE, from + 1);
  while (end > 0) {
    let slashes = 0;
    while (text[end - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
    end = text.indexOf(QUOTE, end + 1);
  }
  return -1;
}

function isKey(text: Uint8Array, end: number): boolean {
  let at = end + 1;
  while (text[at] === 0x20 || text[at] === 0x0a || text[at] === 0x0d || text[at] === 0x09) at++;
  return text[at] === COLON;
}

function unquoted(text: Uint8Array, from: number, end: number): string {
  const quoted = Buffer.from(text.buffer, text.byteOffset + from, end + 1 - from).toString('utf8');
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
