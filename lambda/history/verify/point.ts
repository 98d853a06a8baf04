/** What is verified of records, in the order in which it is said. */
export const POINTS = ['objects', 'added', 'signature', 'sequence', 'beginning', 'end', 'versions'] as const;
export type PointName = (typeof POINTS)[number];

/** `not verifiable`: nothing there proves or refutes it. It is no pass. */
export type Outcome = 'pass' | 'fail' | 'not verifiable';

export interface Point {
  readonly point: PointName;
  readonly outcome: Outcome;
  /** The run that it is about; `null`: all of them. */
  readonly run: string | null;
  /** One sentence. */
  readonly message: string;
}

export const point =
  (name: PointName) =>
  (outcome: Outcome, message: string, run: string | null = null): Point => ({
    point: name,
    outcome,
    run,
    message,
  });

/** The worst of several. */
export function outcomeOf(points: readonly Pick<Point, 'outcome'>[]): Outcome {
  if (points.some(({ outcome }) => outcome === 'fail')) return 'fail';
  return points.every(({ outcome }) => outcome === 'pass') ? 'pass' : 'not verifiable';
}
