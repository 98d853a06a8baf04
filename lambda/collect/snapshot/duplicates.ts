import { apiGroupOf } from '../../inventory/names.ts';
import type { SnapshotObject } from './objects.ts';

/** The notes name at most so many objects one by one. */
const MAX_NAMED = 5;

/** So many are compared with each other; of more of them all are kept. */
const MAX_VARIANTS = 20;

/** What the API server writes down about who changed what: it says nothing of what an object is. */
const BOOKKEEPING = 'managedFields';

/**
 * Objects that are there twice are audited once. Equal ones are no news, and of one object that was read at two
 * times the later reading counts. Others that differ are all kept, and say so of themselves (`differs`): which of them
 * is true is not known, and nothing must pass on one of them.
 */
export function mergeDuplicates(objects: readonly SnapshotObject[]): {
  readonly objects: readonly SnapshotObject[];
  readonly notes: readonly string[];
} {
  const byKey = new Map<string, readonly SnapshotObject[]>();
  for (const [index, entry] of objects.entries()) {
    const key = keyOf(entry.object) ?? String(index);
    const kept = withOne(byKey.get(key) ?? [], entry);
    // Deleted first, so that the later one also takes the later place.
    byKey.delete(key);
    byKey.set(key, kept);
  }
  const merged = [...byKey];
  const differing = merged.flatMap(([key, { length }], index) => (length > 1 ? [[key, index] as const] : []));
  const originsAt = (index: number): string => listOf((merged[index]?.[1] ?? []).map(({ origin }) => origin));
  return {
    objects: merged.flatMap(([, variants], index) =>
      variants.length === 1
        ? variants
        : variants.map((variant) => ({ ...variant, differs: originsAt(index) })),
    ),
    notes: notesOf(differing.map(([key, index]) => `${key} differs between ${originsAt(index)}`)),
  };
}

/** The versions of one object that may be true, with one more. */
function withOne(kept: readonly SnapshotObject[], one: SnapshotObject): readonly SnapshotObject[] {
  if (kept.length >= MAX_VARIANTS) return [...kept, one];
  if (kept.some((other) => isEarlier(one.object, other.object))) return kept;
  return [
    ...kept.filter((other) => !isEarlier(other.object, one.object) && !isEqual(other.object, one.object)),
    one,
  ];
}

/**
 * Whether one was read of the same object before the other. Versions of objects of one resource can be compared as
 * numbers (https://www.kubernetes.dev/resources/keps/5504/, `CompareResourceVersion` in
 * k8s.io/apimachinery/pkg/util/resourceversion).
 */
function isEarlier(one: Record<string, unknown>, other: Record<string, unknown>): boolean {
  const [a, b] = [metadataOf(one), metadataOf(other)];
  if (typeof a['uid'] !== 'string' || a['uid'] === '' || a['uid'] !== b['uid']) return false;
  const [first, second] = [versionOf(a), versionOf(b)];
  return first !== null && second !== null && first < second;
}

function versionOf({ resourceVersion }: Readonly<Record<string, unknown>>): bigint | null {
  return typeof resourceVersion === 'string' && /^[1-9]\d{0,30}$/.test(resourceVersion)
    ? BigInt(resourceVersion)
    : null;
}

const metadataOf = (object: Record<string, unknown>): Readonly<Record<string, unknown>> =>
  isContainer(object['metadata']) ? object['metadata'] : {};

function notesOf(differing: readonly string[]): readonly string[] {
  const notes = differing
    .slice(0, MAX_NAMED)
    .map((what) => `${what}: a check passes only if it passes with each of them.`);
  const more = differing.length - MAX_NAMED;
  return more > 0
    ? [...notes, `${more} more objects differ between files: nothing passes by one of them alone.`]
    : notes;
}

/** The same object in any version of its group; `null` when the name is only a prefix, so that each is its own. */
function keyOf(object: Record<string, unknown>): string | null {
  const metadata = metadataOf(object);
  if (metadata['generateName'] !== undefined && metadata['name'] === metadata['generateName']) return null;
  const group = apiGroupOf(String(object['apiVersion']));
  const kind = group === '' || !group.includes('.') ? String(object['kind']) : `${object['kind']}.${group}`;
  const { namespace } = metadata;
  return `${kind} ${typeof namespace === 'string' ? `${namespace}/` : ''}${String(metadata['name'])}`;
}

/** `a, b and c`; of many the first. */
function listOf(origins: readonly string[]): string {
  const more = origins.length - MAX_NAMED;
  const named = more > 0 ? [...origins.slice(0, MAX_NAMED), `${more} more`] : origins;
  return `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`;
}

/** Beyond this many values two objects are not compared any further, and not taken for the same. */
const MAX_COMPARED = 1_000_000;

/**
 * Deep equality of plain data. Not the one of `node:util`: aliases let a small YAML file hold a few values
 * so many times over that comparing them one by one would never end.
 */
function isEqual(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const open: [unknown, unknown][] = [[plain(a), plain(b)]];
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

function plain(object: Record<string, unknown>): unknown {
  const { [BOOKKEEPING]: _, ...metadata } = metadataOf(object);
  return { ...object, metadata };
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
