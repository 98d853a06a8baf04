/** Helpers for reading policy objects, whose shape is whatever the cluster or a file gave. */

import { spend } from '../../work.ts';

/** What it takes to read a part of a policy, such as a rule or a peer. */
const STEPS_FOR_EACH_PART = 8;

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Go decodes null like an absent field, so both mean "not set". */
export const isUnset = (value: unknown): value is null | undefined => value === null || value === undefined;

/** Own fields only: a key such as `constructor` is data, never the prototype's. */
export const field = (fields: Fields, name: string): unknown =>
  Object.hasOwn(fields, name) ? fields[name] : undefined;

/** Fields that are set and not among the known ones, sorted. */
export function unknownFields(fields: Fields, known: readonly string[]): readonly string[] {
  // Every part of a policy is asked for them, so that this counts its parts.
  spend(STEPS_FOR_EACH_PART);
  return Object.keys(fields)
    .filter((name) => !known.includes(name) && !isUnset(fields[name]))
    .sort();
}

const LONGEST_QUOTE = 60;

/** A value for a message: JSON on one line, cut short, since policies may hold anything. */
export function quote(value: unknown): string {
  // A long string is cut before it is escaped, so that a 10 MB field costs nothing.
  const text = toJson(typeof value === 'string' ? value.slice(0, LONGEST_QUOTE + 1) : value);
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // Thousands of levels exhaust the stack of JSON.stringify, though not that of JSON.parse.
    return 'something nested too deeply to show';
  }
}
