/** Numbers for names that come again and again, so that each is kept once. */
export interface Numbering {
  /** From 0, in the order in which names came first. */
  numberOf(name: string): number;
  nameOf(number: number): string;
  /** By number. */
  readonly names: readonly string[];
  /** Begins again with the names it began with. */
  restart(): void;
}

/** @param first names that have numbers from the start */
export function createNumbering(first: Iterable<string>): Numbering {
  const numbers = new Map<string, number>();
  const names: string[] = [];
  const numberOf = (name: string): number => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, names.length);
    return names.push(name) - 1;
  };
  const start = (): void => {
    for (const name of first) numberOf(name);
  };
  start();
  return {
    numberOf,
    names,
    nameOf(number) {
      const name = names[number];
      if (name === undefined) throw new RangeError(`No name has the number ${number}.`);
      return name;
    },
    restart() {
      numbers.clear();
      names.length = 0;
      start();
    },
  };
}
