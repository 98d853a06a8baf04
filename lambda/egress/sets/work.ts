/**
 * Bounds the work of set algebra. Sets grow with blocks times ports, and a remainder that is carried through
 * rules in turn is as large as all of them: one policy of a megabyte could take minutes. Work is counted in
 * steps and not in time, so the same policies always have the same answer.
 */

class TooMuchWork extends Error {}

let left = Number.POSITIVE_INFINITY;

/** Says that so many steps are taken; gives up where {@link withinWork} has none left. */
export function spend(steps: number): void {
  left -= steps;
  if (left < 0) throw new TooMuchWork();
}

/**
 * @param most steps that the computation may take
 * @param instead what counts where it would take more
 */
export function withinWork<T>(most: number, compute: () => T, instead: () => T): T {
  const outer = left;
  left = Math.min(outer, most);
  const given = left;
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof TooMuchWork) || given < most) throw error;
    return instead();
  } finally {
    left = outer - (given - Math.max(left, 0));
  }
}
