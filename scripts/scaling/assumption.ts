/** One number that the model rests on. */
export interface Assumption {
  readonly value: number;
  readonly unit: string;
  readonly what: string;
  /** Where it is from: an address, or why it was chosen. */
  readonly source: string;
}

export const assume = (value: number, unit: string, what: string, source: string): Assumption => ({
  value,
  unit,
  what,
  source,
});
