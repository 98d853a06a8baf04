/**
 * Whether a type is plain data: texts, numbers, booleans, null, lists and records of these. Anything else, such as a
 * Map or a Date, has contents that {@link canonicalText} would not see, and is `never`.
 */
export type Plain<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Element)[]
    ? readonly Plain<Element>[]
    : T extends { readonly [Symbol.toStringTag]: string } | Date | RegExp | ((...args: never) => unknown)
      ? never
      : { readonly [Name in keyof T]: Plain<T[Name]> };

/**
 * One text for equal data and another one for any other: every field takes part, whatever its name, in whatever order
 * it was written. A field that is `undefined` is as if it were not there.
 */
export function canonicalText<T>(value: T & Plain<T>): string {
  return textOf(value);
}

/** Texts say how long they are, so that none can look like what follows it. */
function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `${value.length}:${value}`;
    case 'object':
      if (value === null) return '~';
      return Array.isArray(value) ? listText(value) : recordText(value as Readonly<Record<string, unknown>>);
    default:
      return `#${String(value)};`;
  }
}

function listText(list: readonly unknown[]): string {
  let found = '[';
  for (const one of list) found += textOf(one);
  return `${found}]`;
}

function recordText(record: Readonly<Record<string, unknown>>): string {
  let found = '{';
  for (const name of sorted(Object.keys(record))) {
    if (record[name] !== undefined) found += textOf(name) + textOf(record[name]);
  }
  return `${found}}`;
}

/** In place, by insertion: the few names of a record are sooner sorted so than by the engine. */
function sorted(names: string[]): readonly string[] {
  if (names.length > FEW) return names.sort();
  for (let at = 1; at < names.length; at++) {
    const name = names[at] as string;
    let to = at;
    for (; to > 0 && (names[to - 1] as string) > name; to--) names[to] = names[to - 1] as string;
    names[to] = name;
  }
  return names;
}

const FEW = 16;
