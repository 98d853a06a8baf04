/**
 * Bounds the work of set algebra. Sets grow with blocks times ports, and a remainder that is carried through
 * rules in turn is as large as all of them: one policy of a megabyte could take minutes. Work is counted in
 * steps and not in time, so the same policies always have the same answer; the time is looked at every few
 * thousand steps, so that whoever has no more of it gets away from them.
 */

class TooMuchWork extends Error {}

class OutOfTime extends Error {
  readonly clock: Clock;

  constructor(of: Clock) {
    super();
    this.clock = of;
  }
}

/** Whether the time is up. */
export type Clock = () => boolean;

/** All steps since the beginning. */
let taken = 0;
let left = Number.POSITIVE_INFINITY;

/** About a millisecond. */
const STEPS_BETWEEN_LOOKS = 10_000;
let clock: Clock | null = null;
let untilLook = STEPS_BETWEEN_LOOKS;

/** Says that so many steps are taken; gives up where {@link withinWork} has none left, or {@link withinTime} no time. */
export function spend(steps: number): void {
  taken += steps;
  left -= steps;
  if (left < 0) throw new TooMuchWork();
  untilLook -= steps;
  if (untilLook < 0) lookAtClock();
}

/** Gives up as if no steps were left: where it is known before that they would not be enough. */
export function giveUp(): never {
  throw new TooMuchWork();
}

function lookAtClock(): void {
  untilLook = STEPS_BETWEEN_LOOKS;
  if (clock?.()) throw new OutOfTime(clock);
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
  } finally {
    left = outer - (given - Math.max(left, 0));
  }
  // With what is left to those around it.
  return instead();
}

/** Steps that many computations share, such as those about one namespace. */
export interface Budget {
  left: number;
}

/**
 * As {@link withinWork}, out of a budget: once that is used up, a computation may still take a few steps, so that
 * small ones never pay for large ones.
 */
export function withinBudget<T>(
  budget: Budget,
  { most, least }: { readonly most: number; readonly least: number },
  compute: () => T,
  instead: () => T,
): T {
  const before = taken;
  try {
    return withinWork(Math.min(most, Math.max(least, budget.left)), compute, instead);
  } finally {
    budget.left -= taken - before;
  }
}

/** One budget for each name. */
export function budgets(steps: number): (name: string) => Budget {
  const known = new Map<string, Budget>();
  return (name) => {
    const budget = known.get(name) ?? { left: steps };
    known.set(name, budget);
    return budget;
  };
}

/**
 * @param stops asked every few thousand steps
 * @param compute gives nothing away to others before it is done, since it may end at any step
 * @param instead what counts where the time was up before
 */
export function withinTime<T>(stops: Clock, compute: () => T, instead: () => T): T {
  const outer = clock;
  clock = stops;
  untilLook = STEPS_BETWEEN_LOOKS;
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof OutOfTime) || error.clock !== stops) throw error;
  } finally {
    clock = outer;
  }
  return instead();
}
