/** Chance that follows from numbers alone, so that it does not depend on the order of what happens. */
export type Chance = (...about: readonly number[]) => number;

/** From 0 to less than 1 (the finaliser of MurmurHash3 over each number). */
export const chanceOf =
  (seed: number): Chance =>
  (...about) => {
    let hash = seed | 0;
    for (const value of about) {
      hash = Math.imul(hash ^ value, 0x9e3779b1);
      hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
      hash ^= hash >>> 16;
    }
    return (hash >>> 0) / 2 ** 32;
  };

/** A standard normal value of two uniform ones (Box and Muller). */
export const normal = (a: number, b: number): number =>
  Math.sqrt(-2 * Math.log(1 - a)) * Math.cos(2 * Math.PI * b);

/** Log-normal, by its median and mean. */
export function logNormal(
  { median, mean }: { readonly median: number; readonly mean: number },
  standard: number,
): number {
  return median * Math.exp(standard * Math.sqrt(2 * Math.log(mean / median)));
}
