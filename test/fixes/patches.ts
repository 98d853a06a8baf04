import type { Fields } from './audited.ts';

/** By what the API server tells the elements of lists apart (k8s.io/api/core/v1/types.go, patchMergeKey). */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
};

/** A strategic merge patch as far as these tests need it; the real one is applied by the end-to-end tests. */
export function strategicMerge(object: unknown, patch: unknown, key = ''): unknown {
  if (Array.isArray(patch)) {
    const name = MERGE_KEYS[key];
    if (name === undefined || !Array.isArray(object)) return patch;
    const items = object as Fields[];
    const of = (item: Fields) => (patch as Fields[]).find((one) => one[name] === item[name]);
    const added = (patch as Fields[]).filter((one) => !items.some((item) => item[name] === one[name]));
    if (added.length > 0) throw new Error(`The patch adds to ${key}: ${JSON.stringify(added)}`);
    return items.map((item) => (of(item) === undefined ? item : strategicMerge(item, of(item))));
  }
  if (!isFields(patch)) return patch;
  const known = isFields(object) ? object : {};
  const merged = Object.entries(patch).map(([field, value]) => [
    field,
    strategicMerge(known[field], value, field),
  ]);
  return { ...known, ...Object.fromEntries(merged) };
}

/** RFC 6902, the three operations that fixes use; `test` with null holds where there is nothing. */
export function applyJsonPatch(
  object: Fields,
  operations: readonly { readonly op: string; readonly path: string; readonly value: unknown }[],
): Fields {
  const root = structuredClone(object) as Record<string, unknown>;
  for (const { op, path, value } of operations) {
    const steps = path.slice(1).split('/');
    const last = steps.pop() ?? '';
    const parent = steps.reduce<Record<string, unknown>>((at, step) => {
      const next = at[step];
      if (typeof next !== 'object' || next === null) throw new Error(`There is no ${path}`);
      return next as Record<string, unknown>;
    }, root);
    if (op === 'test') {
      if (JSON.stringify(parent[last] ?? null) !== JSON.stringify(value)) throw new Error(`test ${path}`);
    } else parent[last] = value;
  }
  return root;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
