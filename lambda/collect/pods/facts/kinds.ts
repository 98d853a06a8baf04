import {
  list,
  optionalBoolean,
  optionalInteger,
  optionalObject,
  optionalString,
  optionalTime,
} from '../../fields.ts';
import { readBoolean, readInt32, readInt64, readText, readTime } from '../protobuf/wire.ts';
import type { Field, Reading } from './message.ts';

/** Kinds of fields. Strings of Kubernetes' Go types are always sent: empty ones stand for absent. */

/** Text that comes again and again. */
export const text = (number: number): Field<string> => ({
  number,
  absent: '',
  fromJson: textFromJson,
  fromProtobuf: (reader, tag, { strings }, before) => strings.text(reader, tag, before),
});

/** The name of a node: there are so many that they would push other texts out. */
export const nodeText = (number: number): Field<string> => ({
  ...text(number),
  fromProtobuf: (reader, tag, { nodes }) => nodes.text(reader, tag),
});

/** Text that is another one in each pod, so that none is looked for among known texts. */
export const ownText = (number: number): Field<string> => ({
  number,
  absent: '',
  fromJson: textFromJson,
  fromProtobuf: (reader, tag) => readText(reader, tag),
});

function textFromJson(value: unknown, path: string): string {
  return optionalString(value, path) ?? '';
}

/** A list of texts; in JSON what is no text is left out. */
export const texts = (number: number): Field<string[]> => ({
  number,
  absent: [],
  fromJson: (value, path) => list(value, path).filter((one) => typeof one === 'string'),
  fromProtobuf: (reader, tag, _, before) => added(before, readText(reader, tag)),
});

/** One list is filled for each message; the empty one of messages without the field is left alone. */
export function added<T>(before: T[] | undefined, value: T): T[] {
  if (before === undefined || before.length === 0) return [value];
  before.push(value);
  return before;
}

/** `null` where it is not sent, which for pointers in Go means that it is not set. */
export const boolean = (number: number): Field<boolean | null> => ({
  number,
  absent: null,
  fromJson: optionalBoolean,
  fromProtobuf: (reader, tag) => readBoolean(reader, tag),
});

export const int64 = (number: number): Field<number | null> => ({
  number,
  absent: null,
  fromJson: optionalInteger,
  fromProtobuf: (reader, tag) => readInt64(reader, tag),
});

export const int32 = (number: number): Field<number | null> => ({
  number,
  absent: null,
  fromJson: optionalInteger,
  fromProtobuf: (reader, tag) => readInt32(reader, tag),
});

/** Epoch milliseconds. */
export const time = (number: number): Field<number | null> => ({
  number,
  absent: null,
  fromJson: optionalTime,
  fromProtobuf: (reader, tag) => readTime(reader, tag),
});

export const embedded = <T>(number: number, { fromJson, fromProtobuf }: Reading<T>): Field<T | null> => ({
  number,
  absent: null,
  fromJson: (value, path) => (optionalObject(value, path) === null ? null : fromJson(value, path)),
  fromProtobuf: (reader, tag, caches, before) => fromProtobuf(reader, tag, caches, before ?? undefined),
});

/** A message whose fields are beside those of the one around it in JSON. */
export const inline = <T>(number: number, { fromJson, fromProtobuf }: Reading<T>): Field<T | null> => ({
  ...embedded(number, { fromJson, fromProtobuf }),
  inline: true,
});

export const repeated = <T>(number: number, { fromJson, fromProtobuf }: Reading<T>): Field<T[]> => ({
  number,
  absent: [],
  fromJson: (value, path) => list(value, path).map((one, index) => fromJson(one, `${path}[${index}]`)),
  fromProtobuf: (reader, tag, caches, before) => added(before, fromProtobuf(reader, tag, caches)),
});

/** What is made of the value of a field as soon as it was read, where no more of it is needed. */
export const made = <T, U>(
  { number, absent, fromJson, fromProtobuf }: Field<T>,
  of: (value: T) => U,
): Field<U> => ({
  number,
  absent: of(absent),
  fromJson: (value, path) => of(fromJson(value, path)),
  fromProtobuf: (reader, tag, caches) => of(fromProtobuf(reader, tag, caches)),
});
