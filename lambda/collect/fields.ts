/**
 * Reading fields of untrusted objects: absent stays `null`, a wrong shape is an error that names its
 * path. A value that cannot be understood must not read as "absent", which checks may judge differently.
 */

/** An object whose shape is not what its kind says; the message completes "Pod a/b: …". */
export class MalformedObject extends Error {
  override readonly name = 'MalformedObject';
}

export type Fields = Readonly<Record<string, unknown>>;

function wrong(path: string, expected: string, value: unknown): MalformedObject {
  const got = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  return new MalformedObject(`${path} should be ${expected} but is ${got}`);
}

/** Kubernetes treats null like absent. */
export function optionalObject(value: unknown, path: string): Fields | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object' || Array.isArray(value)) throw wrong(path, 'an object', value);
  return value as Fields;
}

export function requiredObject(value: unknown, path: string): Fields {
  const found = optionalObject(value, path);
  if (found === null) throw new MalformedObject(`${path} is missing`);
  return found;
}

export function optionalString(value: unknown, path: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw wrong(path, 'text', value);
  return value;
}

export function requiredString(value: unknown, path: string): string {
  const found = optionalString(value, path);
  if (found === null || found === '') throw new MalformedObject(`${path} is missing`);
  return found;
}

export function optionalBoolean(value: unknown, path: string): boolean | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'boolean') throw wrong(path, 'true or false', value);
  return value;
}

export function optionalInteger(value: unknown, path: string): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrong(path, 'a whole number', value);
  return value;
}

export function list(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrong(path, 'a list', value);
  return value;
}

/** RFC 3339 as the API server writes it; YAML files may have parsed it to a Date already. */
export function optionalTime(value: unknown, path: string): number | null {
  if (value === undefined || value === null) return null;
  const time =
    value instanceof Date ? value.getTime() : typeof value === 'string' ? parseTime(value) : Number.NaN;
  if (Number.isNaN(time)) throw wrong(path, 'an RFC 3339 time', value);
  return time;
}

const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

function parseTime(text: string): number {
  return RFC3339.test(text) ? Date.parse(text) : Number.NaN;
}

export function labelMap(value: unknown, path: string): Readonly<Record<string, string>> {
  const object = optionalObject(value, path);
  if (object === null) return {};
  for (const [key, entry] of Object.entries(object)) {
    if (typeof entry !== 'string') throw wrong(`${path}[${key.slice(0, 80)}]`, 'text', entry);
  }
  return object as Readonly<Record<string, string>>;
}
