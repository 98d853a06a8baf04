/** Values that occur often, each kept once, as JSON. */
export interface Dictionary {
  /** The place of a value; the same for equal ones. */
  add(value: unknown): number;
  size(): number;
  /** The texts of the values, in the order of their places. */
  texts(): Iterable<string>;
}

export function dictionary(): Dictionary {
  const places = new Map<string, number>();
  let last: unknown;
  let lastPlace = -1;
  return {
    add(value) {
      // Findings come by check and workload: the one before is mostly the same object.
      if (lastPlace >= 0 && value === last) return lastPlace;
      const text = JSON.stringify(value);
      let place = places.get(text);
      if (place === undefined) {
        place = places.size;
        places.set(text, place);
      }
      last = value;
      lastPlace = place;
      return place;
    },
    size: () => places.size,
    texts: () => places.keys(),
  };
}
