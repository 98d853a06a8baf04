import { type Fields, requiredObject } from '../../fields.ts';
import type { Caches } from '../protobuf/caches.ts';
import { enter, leave, type Reader, readTag, skip } from '../protobuf/wire.ts';

/** How a value is read from either encoding. */
export interface Reading<T> {
  /** @throws MalformedObject, with the path, when the value has a wrong shape */
  fromJson(value: unknown, path: string): T;
  /** @param before what was read of an earlier field of the same number: protobuf merges messages */
  fromProtobuf(reader: Reader, tag: number, caches: Caches, before?: T): T;
}

/** One field of a message of Kubernetes: its number in the `.proto` file, and how its value is read. */
export interface Field<T> extends Reading<T> {
  readonly number: number;
  /** What a message without the field holds; shared by all of them, so never to be changed. */
  readonly absent: T;
  /** In JSON its fields are beside those of the message (`json:",inline"` in Go). */
  readonly inline?: true;
}

type FieldTable = Readonly<Record<string, Field<unknown>>>;

/** What a message is read into. */
export type ReadFields<Table> = {
  -readonly [Name in keyof Table]: Table[Name] extends Field<infer T> ? T : never;
};

/** A table of fields, by their names in JSON, from which the readers of both encodings are derived. */
export interface Message<Table> extends Reading<ReadFields<Table>> {
  readonly numbers: { readonly [Name in keyof Table]: number };
  /** What a message without fields is. */
  fresh(): ReadFields<Table>;
  /** Reads all fields up to the end of the reader. What was read before a failure is kept. */
  readInto(reader: Reader, into: ReadFields<Table>, caches: Caches): void;
  /** Reads the field with this tag, if the table has it. */
  readField(reader: Reader, tag: number, into: ReadFields<Table>, caches: Caches): boolean;
  has(number: number): boolean;
}

interface Entry {
  readonly name: string;
  readonly field: Field<unknown>;
}

/**
 * Makes the readers of a message. Numbers are those of k8s.io/api core/v1/generated.proto and
 * k8s.io/apimachinery pkg/apis/meta/v1/generated.proto; names are those of JSON.
 */
export function message<Table extends FieldTable>(table: Table): Message<Table> {
  const entries: readonly Entry[] = Object.entries(table).map(([name, field]) => ({ name, field }));
  const byNumber = numbered(entries);
  const absent = Object.fromEntries(entries.map(({ name, field }) => [name, field.absent]));
  // The one place where names and types are brought together: by `table`, whose keys these are.
  const fresh = () => ({ ...absent }) as ReadFields<Table>;
  const entryOf = (number: number): Entry | undefined =>
    number < byNumber.length ? byNumber[number] : undefined;

  function readField(reader: Reader, tag: number, into: Record<string, unknown>, caches: Caches): boolean {
    const entry = entryOf(tag >>> 3);
    if (entry === undefined) return false;
    into[entry.name] = entry.field.fromProtobuf(reader, tag, caches, into[entry.name]);
    return true;
  }
  function readInto(reader: Reader, into: Record<string, unknown>, caches: Caches): void {
    while (reader.at < reader.end) {
      reader.tagAt = reader.at;
      const tag = readTag(reader);
      if (!readField(reader, tag, into, caches)) skip(reader, tag);
    }
  }
  return {
    numbers: Object.fromEntries(
      entries.map(({ name, field }) => [name, field.number]),
    ) as Message<Table>['numbers'],
    fresh,
    readInto,
    readField,
    has: (number) => entryOf(number) !== undefined,
    fromJson(value, path) {
      const object = requiredObject(value, path);
      const found = fresh();
      fillFromJson(found, object, path, entries);
      return found;
    },
    fromProtobuf(reader, tag, caches, before = fresh()) {
      const outer = enter(reader, tag);
      readInto(reader, before, caches);
      leave(reader, outer);
      return before;
    },
  };
}

function fillFromJson(
  into: Record<string, unknown>,
  object: Fields,
  path: string,
  entries: readonly Entry[],
): void {
  for (const { name, field } of entries) {
    if (field.inline === true) into[name] = field.fromJson(object, path);
    else if (object[name] !== undefined) into[name] = field.fromJson(object[name], `${path}.${name}`);
  }
}

/** Two fields of one number are a mistake in the table: one of them would never be read. */
function numbered(entries: readonly Entry[]): readonly (Entry | undefined)[] {
  const highest = Math.max(...entries.map(({ field }) => field.number));
  const byNumber = new Array<Entry | undefined>(highest + 1).fill(undefined);
  for (const entry of entries) {
    const other = byNumber[entry.field.number];
    if (other !== undefined) throw new Error(`${entry.name} and ${other.name} have the same number`);
    byNumber[entry.field.number] = entry;
  }
  return byNumber;
}
