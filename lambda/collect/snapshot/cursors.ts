import { EVENT_ID, getScalarValue, type parseEvents } from 'js-yaml';
import type { Cursor } from './places.ts';

type YamlEvent = ReturnType<typeof parseEvents>[number];

/** One over each document of the events, in their order. */
export function* yamlCursors(events: readonly YamlEvent[], source: string): Generator<Cursor> {
  let at = 0;
  const event = (): YamlEvent | undefined => events[at];
  const cursor: Cursor = {
    get kind() {
      return kindOf(event());
    },
    get start() {
      return Math.max(0, startOf(event()));
    },
    text() {
      const found = event();
      return found?.type === EVENT_ID.SCALAR ? getScalarValue(source, found) : '';
    },
    next() {
      at++;
    },
  };
  while (at < events.length) {
    // The beginning of the document; its end is behind its one node.
    at++;
    yield cursor;
    at++;
  }
}

function kindOf(event: YamlEvent | undefined): Cursor['kind'] {
  switch (event?.type) {
    case EVENT_ID.MAPPING:
      return 'map';
    case EVENT_ID.SEQUENCE:
      return 'sequence';
    case EVENT_ID.SCALAR:
    case EVENT_ID.ALIAS:
      return 'scalar';
    default:
      return 'end';
  }
}

function startOf(event: YamlEvent | undefined): number {
  if (event === undefined) return 0;
  if ('start' in event) return event.start;
  if ('valueStart' in event) return event.valueStart;
  return 'anchorStart' in event ? event.anchorStart : 0;
}

/** What begins a node of JSON or ends a collection; numbers and words as a whole. */
const TOKEN = /[{}[\]"]|[^\s{}[\],:"]+/g;
const KINDS: Readonly<Record<string, Cursor['kind']>> = {
  '{': 'map',
  '[': 'sequence',
  '}': 'end',
  ']': 'end',
};

/** Over the JSON value that begins there. */
export function jsonCursor(source: string, from: number): Cursor {
  let start = from;
  let end = from;
  const advance = (): void => {
    TOKEN.lastIndex = end;
    const found = TOKEN.exec(source);
    start = found?.index ?? source.length;
    const isString = source[start] === '"';
    end = isString ? endOfString(source, start) : start + (found?.[0].length ?? 0);
  };
  advance();
  return {
    get kind() {
      return start === source.length ? 'end' : (KINDS[source[start] ?? ''] ?? 'scalar');
    },
    get start() {
      return start;
    },
    text() {
      return String(JSON.parse(source.slice(start, end)));
    },
    next: advance,
  };
}

/** Without a regular expression: strings may be longer than these can remember. */
function endOfString(source: string, start: number): number {
  for (let at = source.indexOf('"', start + 1); at !== -1; at = source.indexOf('"', at + 1)) {
    let slashes = 0;
    while (source[at - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  return source.length;
}
