/** Where a part of a document begins, and the parts in it that findings are about. */
export interface Place {
  /** From 1. */
  readonly line: number;
  /** Of a list, of whatever kind: its items, in their order. */
  readonly items: readonly Place[];
  /** The lines of its containers, by name; of those that share a name, that of the first. */
  readonly containers: ReadonlyMap<string, number>;
}

/** Walks over a document that is known to be well formed: every node of it, and where collections end. */
export interface Cursor {
  readonly kind: 'map' | 'sequence' | 'scalar' | 'end';
  /** Where it begins in the text. */
  readonly start: number;
  /** Of a scalar. */
  text(): string;
  next(): void;
}

interface Walk {
  readonly cursor: Cursor;
  readonly lineAt: (offset: number) => number;
}

/** Lists in lists are opened no deeper than they are read (`objects.ts`). */
const MAX_DEPTH = 10;
const NONE: ReadonlyMap<string, number> = new Map();

/** Reads the node at the cursor, and leaves the cursor behind it. */
export function placeAt(walk: Walk, depth = 0): Place {
  const { cursor, lineAt } = walk;
  const line = lineAt(cursor.start);
  if (cursor.kind === 'sequence' && depth < MAX_DEPTH) {
    return { line, items: itemsAt(walk, depth), containers: NONE };
  }
  const containers = new Map<string, number>();
  let items: readonly Place[] = [];
  if (cursor.kind !== 'map') findContainers(walk, '', containers);
  else {
    cursor.next();
    while (!isAt(cursor, 'end')) {
      const key = cursor.text();
      cursor.next();
      // Of equal keys the last counts, as for the parsers.
      if (key === 'items' && isAt(cursor, 'sequence') && depth < MAX_DEPTH) items = itemsAt(walk, depth);
      else findContainers(walk, key, containers);
    }
    cursor.next();
  }
  return { line, items, containers };
}

/** Asked again, since the cursor has moved. */
const isAt = ({ kind }: Cursor, expected: Cursor['kind']): boolean => kind === expected;

function itemsAt(walk: Walk, depth: number): readonly Place[] {
  const items: Place[] = [];
  walk.cursor.next();
  while (!isAt(walk.cursor, 'end')) items.push(placeAt(walk, depth + 1));
  walk.cursor.next();
  return items;
}

/** A collection around the cursor. */
interface Open {
  readonly isMap: boolean;
  /** Whether its items are containers. */
  readonly isContainers: boolean;
  /** The line of a container. */
  readonly container: number | null;
  /** Of a map: the key whose value comes next; `null` where the next node is a key. */
  key: string | null;
}

const CONTAINERS = /^(?:initC|ephemeralC|c)ontainers$/;

/** Passes over a value. Without recursion: JSON may be nested as deep as it likes. */
function findContainers(walk: Walk, key: string, found: Map<string, number>): void {
  const { cursor } = walk;
  const open: Open[] = [];
  do {
    const around = open.at(-1);
    if (cursor.kind === 'end') open.pop();
    else if (around?.isMap && around.key === null) around.key = cursor.text();
    else passValue(walk, { open, around, key: around === undefined ? key : around.key }, found);
    cursor.next();
  } while (open.length > 0);
}

interface Value {
  readonly open: Open[];
  readonly around: Open | undefined;
  readonly key: string | null;
}

function passValue({ cursor, lineAt }: Walk, { open, around, key }: Value, found: Map<string, number>): void {
  const container = around?.container ?? null;
  if (around !== undefined) around.key = null;
  if (cursor.kind === 'map') {
    const line = around?.isContainers === true ? lineAt(cursor.start) : null;
    open.push({ isMap: true, isContainers: false, container: line, key: null });
  } else if (cursor.kind === 'sequence') {
    open.push({ isMap: false, isContainers: CONTAINERS.test(key ?? ''), container: null, key: null });
  } else if (key === 'name' && container !== null) {
    const name = cursor.text();
    if (!found.has(name)) found.set(name, container);
  }
}

/** Counts as it goes, so that it must be asked in the order of the text to take its time only once. */
export function lineCounter(text: string, firstLine = 1): (offset: number) => number {
  let asked = 0;
  let line = firstLine;
  let end = text.indexOf('\n');
  return (offset) => {
    if (offset < asked) {
      line = firstLine;
      end = text.indexOf('\n');
    }
    asked = offset;
    for (; end !== -1 && end < offset; end = text.indexOf('\n', end + 1)) line++;
    return line;
  };
}
