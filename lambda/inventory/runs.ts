/**
 * Runs of neighbours that belong together, such as rows of one workload in a sorted list.
 *
 * @param belong whether an item belongs to the first of a run
 */
export function* runsOf<T>(
  items: Iterable<T>,
  belong: (first: T, item: T) => boolean,
): Generator<readonly T[]> {
  let run: T[] = [];
  for (const item of items) {
    if (run.length > 0 && !belong(run[0] as T, item)) {
      yield run;
      run = [];
    }
    run.push(item);
  }
  if (run.length > 0) yield run;
}
