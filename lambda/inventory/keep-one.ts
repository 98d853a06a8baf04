/** Beyond this it is forgotten what was kept: values that are all different must not fill the memory. */
const MOST = 4096;

/** Where fewer than one of so many was known by then, the rest will hardly be: looking costs more than keeping. */
const FEW = 8;

/**
 * Hands out one of several equal values, so that the others need not be kept: nearly all workloads fail a check
 * for the same reason, told in the same words.
 *
 * @param keyOf equal for equal values only
 */
export function keepOne<T>(keyOf: (value: T) => string): (value: T) => T {
  const kept = new Map<string, T>();
  let found = 0;
  let useless = false;
  return (value) => {
    if (useless) return value;
    const key = keyOf(value);
    const known = kept.get(key);
    if (known !== undefined) {
      found++;
      return known;
    }
    if (kept.size >= MOST) {
      useless = found < MOST / FEW;
      found = 0;
      kept.clear();
    }
    if (!useless) kept.set(key, value);
    return value;
  };
}

/** Hands out one of the last few values, where the next is the same: what is alike often comes close together. */
export function keepRecent<T>(isSame: (a: T, b: T) => boolean): (value: T) => T {
  const recent: T[] = [];
  let oldest = 0;
  return (value) => {
    const known = recent.find((one) => isSame(one, value));
    if (known !== undefined) return known;
    recent[oldest] = value;
    oldest = (oldest + 1) % RECENT;
    return value;
  };
}

const RECENT = 8;
