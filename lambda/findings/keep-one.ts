/** Beyond this it is forgotten what was kept: values that are all different must not fill the memory. */
const MOST = 4096;

/**
 * Hands out one of several equal values, so that the others need not be kept: nearly all workloads fail a check
 * for the same reason, told in the same words.
 *
 * @param keyOf equal for equal values only
 */
export function keepOne<T>(keyOf: (value: T) => string): (value: T) => T {
  const kept = new Map<string, T>();
  return (value) => {
    const key = keyOf(value);
    const known = kept.get(key);
    if (known !== undefined) return known;
    if (kept.size >= MOST) kept.clear();
    kept.set(key, value);
    return value;
  };
}
