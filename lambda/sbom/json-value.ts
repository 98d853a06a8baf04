import { SBOM_LIMITS } from './package.ts';

/** Parsed JSON of which nothing is known. Only own keys count, so that `__proto__` and `constructor` are names like others. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member of an object; `undefined` where it has none of its own. */
export const member = (value: JsonObject, key: string): unknown =>
  Object.hasOwn(value, key) ? value[key] : undefined;

/** A member that is an object; `null` where it is not. */
export function objectIn(value: JsonObject, key: string): JsonObject | null {
  const found = member(value, key);
  return isObject(found) ? found : null;
}

/** A list of a member; empty where there is none, `null` where something else is in its place. */
export function listIn(value: JsonObject, key: string): readonly unknown[] | null {
  const found = member(value, key);
  if (found === undefined || found === null) return [];
  return Array.isArray(found) ? (found as readonly unknown[]) : null;
}

/** A text as documents write it; `null` where there is none, or a blank one. */
export function textIn(value: JsonObject, key: string): string | null {
  const found = member(value, key);
  if (typeof found !== 'string') return null;
  const text = found.trim();
  return text === '' ? null : text;
}

/** Whether a text of a document is short enough to be kept. */
export const isKept = (text: string | null): boolean => text === null || text.length <= SBOM_LIMITS.text;
