import { count } from '../../report/words.ts';
import type { Segment } from '../chain-of-records.ts';
import type { StoredRecord } from '../records.ts';
import { type Point, point } from './point.ts';

const sequence = point('sequence');

const named = ({ manifest: { sequence: number, run } }: StoredRecord): string =>
  number === null ? `run ${run.id}` : `record ${number} (run ${run.id})`;

/** Whether each record continues the one before it, and has the next number. */
export function sequencePoints(segments: readonly Segment[], malformed: readonly string[]): readonly Point[] {
  const points = malformed.map((folder) =>
    sequence('fail', `${folder}/manifest.json is not a manifest of that run: it was changed.`),
  );
  for (const [index, segment] of segments.entries()) {
    points.push(...misnumbered(segment));
    const before = segments[index - 1];
    if (before !== undefined) points.push(broken(before, segment));
  }
  const records = segments.flatMap((segment) => segment.records);
  const [first, last] = [records[0], records.at(-1)];
  if (points.length > 0 || first === undefined || last === undefined) return points;
  const range = first === last ? named(first) : `${named(first)} to ${named(last)}`;
  return [sequence('pass', `${count(records.length, 'record')} without a hole: ${range}.`)];
}

/** Where a piece does not continue the one before it. */
function broken(before: Segment, { records, begins }: Segment): Point {
  const [first] = records;
  const last = before.records.at(-1);
  if (first === undefined || last === undefined) throw new Error('A segment has a record.');
  const { run, previous, sequence: number } = first.manifest;
  if (begins === 'fork') {
    const message = `${sentence(named(first))} continues a run that another one continues, too: one of them was changed or added.`;
    return sequence('fail', message, run.id);
  }
  const from = (last.manifest.sequence ?? 0) + 1;
  const missing = number === null || number <= from ? 0 : number - from;
  const which =
    missing === 0
      ? 'a run between them was deleted, or one of them was changed'
      : `${missing === 1 ? `record ${from} is` : `records ${from} to ${number === null ? '' : number - 1} are`} missing`;
  const names = previous === null ? 'no run before it' : `run ${previous.run} as it was`;
  return sequence(
    'fail',
    `${sentence(named(first))} does not continue ${named(last)}: it names ${names}; ${which}.`,
    run.id,
  );
}

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

/** Numbers count up by one, and begin with 1 after records of versions that did not number them. */
function misnumbered({ records }: Segment): readonly Point[] {
  return records.flatMap((record, index) => {
    const before = records[index - 1];
    const number = record.manifest.sequence;
    if (before === undefined || number === null) return [];
    const expected = (before.manifest.sequence ?? 0) + 1;
    if (number === expected) return [];
    const message = `Run ${record.manifest.run.id} has the number ${number} instead of ${expected}.`;
    return [sequence('fail', message, record.manifest.run.id)];
  });
}
