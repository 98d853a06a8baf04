/**
 * Reads a list in JSON item by item: `JSON.parse` of a page of pods makes more objects at once than the young
 * generation of a small function holds, which the collector then copies time and again.
 */

/** A place in a JSON text in UTF-8. All that structures it is ASCII, which no other character contains. */
interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

/** From `start` to `end`, without what is from `cut` to `cutEnd`. */
interface Slice {
  readonly start: number;
  readonly end: number;
  readonly cut: number;
  readonly cutEnd: number;
}

/**
 * What `JSON.parse` gives, with `items` replaced by what `each` made of them, one after the other. The field
 * managers of an item (`metadata.managedFields`), which may be half of it and which nothing here reads, are
 * stepped over, sound or not: `each` finds an empty list.
 *
 * @param each must have no effects: if the text is no JSON, some items were handed over nevertheless
 * @throws SyntaxError as `JSON.parse` of the whole text
 */
export function parseList(bytes: Buffer, each: (item: unknown) => unknown): unknown {
  try {
    const list = findItems(bytes);
    const shell: unknown = JSON.parse(textOf(bytes, { start: 0, end: bytes.length, ...list.array }));
    return Object.assign(shell as object, {
      items: list.items.map((item) => each(JSON.parse(textOf(bytes, item)))),
    });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Also what is JSON, but not in the form of a list.
    const whole: unknown = JSON.parse(bytes.toString('utf8'));
    const items = typeof whole === 'object' ? (whole as { items?: unknown } | null)?.items : undefined;
    return Array.isArray(items) ? Object.assign(whole as object, { items: items.map(each) }) : whole;
  }
}

function textOf(bytes: Buffer, { start, end, cut, cutEnd }: Slice): string {
  if (cut === cutEnd) return bytes.toString('utf8', start, end);
  return `${bytes.toString('utf8', start, cut)}[]${bytes.toString('utf8', cutEnd, end)}`;
}

interface Found {
  /** The array of the items, with its brackets. */
  readonly array: Pick<Slice, 'cut' | 'cutEnd'>;
  readonly items: readonly Slice[];
}

/** @throws SyntaxError when there is no one array that is definitely the items */
function findItems(bytes: Buffer): Found {
  const cursor: Cursor = { bytes, at: 0 };
  const items: Slice[] = [];
  let array: Found['array'] | null = null;
  eachMember(cursor, (key, keyEnd) => {
    // A key in another spelling may be the same one.
    if (bytes.subarray(key, keyEnd).includes(BACKSLASH)) throw unexpected(cursor);
    if (!isText(bytes, key, keyEnd, ITEMS)) return skipValue(cursor);
    if (array !== null) throw unexpected(cursor);
    const cut = cursor.at;
    eachElement(cursor, () => items.push(itemAt(cursor)));
    array = { cut, cutEnd: cursor.at };
  });
  if (array === null) throw unexpected(cursor);
  return { array, items };
}

const ITEMS = Buffer.from('items');
const METADATA = Buffer.from('metadata');
const MANAGED_FIELDS = Buffer.from('managedFields');

function itemAt(cursor: Cursor): Slice {
  const { bytes, at: start } = cursor;
  if (bytes[start] !== OPEN_OBJECT) {
    skipValue(cursor);
    return { start, end: cursor.at, cut: 0, cutEnd: 0 };
  }
  let cut = 0;
  let cutEnd = 0;
  const inMetadata = (key: number, keyEnd: number): void => {
    const from = cursor.at;
    skipValue(cursor);
    if (cut !== 0 || bytes[from] !== OPEN_ARRAY || !isText(bytes, key, keyEnd, MANAGED_FIELDS)) return;
    cut = from;
    cutEnd = cursor.at;
  };
  eachMember(cursor, (key, keyEnd) => {
    const isMetadata = bytes[cursor.at] === OPEN_OBJECT && isText(bytes, key, keyEnd, METADATA);
    if (isMetadata) eachMember(cursor, inMetadata);
    else skipValue(cursor);
  });
  return { start, end: cursor.at, cut, cutEnd };
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const unexpected = ({ at }: Cursor): SyntaxError => new SyntaxError(`it is no list at byte ${at}`);

const isText = (bytes: Buffer, start: number, end: number, text: Buffer): boolean =>
  end - start === text.length && text.compare(bytes, start, end) === 0;

/** Takes the members of an object; `take` is given where the key is, and steps over the value. */
function eachMember(cursor: Cursor, take: (key: number, keyEnd: number) => void): void {
  const { bytes } = cursor;
  expect(cursor, OPEN_OBJECT);
  if (skipSpace(cursor) === CLOSE_OBJECT) cursor.at++;
  else {
    do {
      skipSpace(cursor);
      const key = cursor.at + 1;
      skipString(cursor);
      const keyEnd = cursor.at - 1;
      expect(cursor, COLON);
      skipSpace(cursor);
      take(key, keyEnd);
      skipSpace(cursor);
    } while (bytes[cursor.at++] === COMMA);
    if (bytes[cursor.at - 1] !== CLOSE_OBJECT) throw unexpected(cursor);
  }
}

/** Takes the elements of an array; `take` steps over each. */
function eachElement(cursor: Cursor, take: () => void): void {
  const { bytes } = cursor;
  expect(cursor, OPEN_ARRAY);
  if (skipSpace(cursor) === CLOSE_ARRAY) cursor.at++;
  else {
    do {
      skipSpace(cursor);
      take();
      skipSpace(cursor);
    } while (bytes[cursor.at++] === COMMA);
    if (bytes[cursor.at - 1] !== CLOSE_ARRAY) throw unexpected(cursor);
  }
}

function expect(cursor: Cursor, byte: number): void {
  if (skipSpace(cursor) !== byte) throw unexpected(cursor);
  cursor.at++;
}

/** RFC 8259, section 2: space, tab, line feed, carriage return. */
const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;

function skipSpace(cursor: Cursor): number | undefined {
  const { bytes } = cursor;
  while (isSpace(bytes[cursor.at])) cursor.at++;
  return bytes[cursor.at];
}

function skipString(cursor: Cursor): void {
  const { bytes } = cursor;
  if (bytes[cursor.at] !== QUOTE) throw unexpected(cursor);
  cursor.at = endOfString(bytes, cursor.at);
}

/** @returns where the text goes on behind the string that begins at `start`; beyond its end if it never ends */
function endOfString(bytes: Buffer, start: number): number {
  const { length } = bytes;
  let at = start + 1;
  while (at < length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

/** Only as far as its end: whether it is sound is for `JSON.parse` to say. */
function skipValue(cursor: Cursor): void {
  const { bytes } = cursor;
  const { length } = bytes;
  let { at } = cursor;
  let depth = 0;
  for (; at < length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) at = endOfString(bytes, at) - 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      if (depth === 0) break;
      depth--;
      if (depth > 0) continue;
      at++;
      break;
    } else if (byte === COMMA && depth === 0) break;
  }
  if (depth > 0 || at > length) throw unexpected(cursor);
  cursor.at = at;
}
