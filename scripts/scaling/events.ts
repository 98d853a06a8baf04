/** What happens, in the order of time; what happens at the same time, in the order in which it was planned. */
export interface Events {
  /** Seconds since the start. */
  now(): number;
  /** @param delay Seconds from now. */
  after(delay: number, happen: () => void): void;
  /** Until nothing is planned any more. */
  run(): void;
}

interface Planned {
  readonly at: number;
  readonly order: number;
  readonly happen: () => void;
}

const before = (a: Planned, b: Planned): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

export function createEvents(): Events {
  const heap: Planned[] = [];
  let now = 0;
  let order = 0;

  function push(planned: Planned): void {
    let at = heap.push(planned) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Planned;
      if (!before(planned, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = planned;
  }

  function pop(): Planned | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const right = heap[child + 1];
      if (right !== undefined && before(right, heap[child] as Planned)) child += 1;
      const below = heap[child];
      if (below === undefined || !before(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return first;
  }

  return {
    now: () => now,
    after: (delay, happen) => push({ at: now + delay, order: order++, happen }),
    run() {
      for (let next = pop(); next !== undefined; next = pop()) {
        now = next.at;
        next.happen();
      }
    },
  };
}
