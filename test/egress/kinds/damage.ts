import fc from 'fast-check';

/** Values of every shape, some of them nearly right. */
export const junk = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1.5,
    '',
    '*',
    'Deny',
    'Pass',
    'Admin',
    '10.0.0.0/33',
    '::/0',
    [],
    {},
    [null],
    [{}],
    { networks: null },
    { networks: ['0.0.0.0/0'] },
    { namespaces: {} },
    { domainNames: ['*.*'] },
    { portNumber: {} },
    { tcp: null },
  ),
);

export type Path = readonly (string | number)[];

/** Paths to every value inside. */
export function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Array.isArray(value)
    ? value.flatMap((item, i) => pathsOf(item, [...path, i]))
    : Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, key]));
  return [path, ...inner];
}

export function replaceAt(value: unknown, [head, ...rest]: Path, replacement: unknown): unknown {
  if (head === undefined) return replacement;
  if (Array.isArray(value)) {
    return value.map((item, i) => (i === head ? replaceAt(item, rest, replacement) : item));
  }
  const fields = value as Readonly<Record<string, unknown>>;
  return { ...fields, [head]: replaceAt(fields[head], rest, replacement) };
}

export const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, step) => (inner as Record<string, unknown>)[step], value);

/** Values that mean nothing in these policies, so that any meaning could have been intended. */
export const MEANINGLESS: readonly unknown[] = [
  false,
  -7,
  'Not a value of anything!',
  ['Not!'],
  { 'x-unknown': 1 },
];
