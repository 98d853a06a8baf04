import { groupOf } from '../policies/policy-kinds.ts';
import type { SnapshotObject } from './objects.ts';

/** The notes name at most so many objects one by one. */
const MAX_NAMED = 5;

/**
 * Objects that are there twice are audited once. Equal ones are no news. Of ones that differ the last
 * counts, as with `kubectl apply` in that order, and a note says so: one of them goes unaudited.
 */
export function mergeDuplicates(objects: readonly SnapshotObject[]): {
  readonly objects: readonly SnapshotObject[];
  readonly notes: readonly string[];
} {
  const byKey = new Map<string, SnapshotObject>();
  const differing = new Map<string, string>();
  for (const [index, entry] of objects.entries()) {
    const key = keyOf(entry.object) ?? String(index);
    const earlier = byKey.get(key);
    if (earlier && !isEqual(earlier.object, entry.object))
      differing.set(key, `${earlier.origin} and ${entry.origin}`);
    // Deleted first, so that the later one also takes the later place.
    byKey.delete(key);
    byKey.set(key, entry);
  }
  return { objects: [...byKey.values()], notes: notesOf(differing) };
}

function notesOf(differing: ReadonlyMap<string, string>): readonly string[] {
  const notes = [...differing]
    .slice(0, MAX_NAMED)
    .map(([key, origins]) => `${key} differs between ${origins}; the latter was audited.`);
  const more = differing.size - MAX_NAMED;
  return more > 0
    ? [...notes, `${more} more objects differ between files; the last of each was audited.`]
    : notes;
}

/** The same object in any version of its group; `null` when the name is only a prefix, so that each is its own. */
function keyOf(object: Record<string, unknown>): string | null {
  const metadata = object['metadata'] as Readonly<Record<string, unknown>>;
  if (metadata['generateName'] !== undefined && metadata['name'] === metadata['generateName']) return null;
  const group = groupOf(String(object['apiVersion']));
  const kind = group === '' || !group.includes('.') ? String(object['kind']) : `${object['kind']}.${group}`;
  const { namespace } = metadata;
  return `${kind} ${typeof namespace === 'string' ? `${namespace}/` : ''}${String(metadata['name'])}`;
}

/** Beyond this many values two objects are not compared any further, and not taken for the same. */
const MAX_COMPARED = 1_000_000;

/**
 * Deep equality of plain data. Not the one of `node:util`: aliases let a small YAML file hold a few values
 * so many times over that comparing them one by one would never end.
 */
function isEqual(a: unknown, b: unknown): boolean {
  const open: [unknown, unknown][] = [[a, b]];
  for (let compared = 0; ; compared++) {
    const pair = open.pop();
    if (pair === undefined) return true;
    const [left, right] = pair;
    if (Object.is(left, right)) continue;
    if (compared >= MAX_COMPARED || !isContainer(left) || !isContainer(right)) return false;
    const keys = Object.keys(left);
    if (Array.isArray(left) !== Array.isArray(right) || keys.length !== Object.keys(right).length)
      return false;
    for (const key of keys) {
      if (!Object.hasOwn(right, key)) return false;
      open.push([left[key], right[key]]);
    }
  }
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
