import { startClock } from '../measure.ts';
import { type CaseResult, markdownTable, seconds } from '../result.ts';
import { DIMENSIONS, type Dimension } from './dimensions.ts';
import { auditText, snapshotOf } from './work.ts';

/** What etcd takes of one object is 1.5 MB with all its metadata. */
const LARGEST_BYTES = 1_400_000;
/** CPU for one object of that size. */
const MOST_MS = 1000;

/** `npm run bench -- objects`: what one object of the largest size costs an audit, and one of half of it. */
export async function benchObjects({
  only = '',
}: {
  readonly only?: string | undefined;
}): Promise<CaseResult> {
  const rows: string[][] = [];
  for (const dimension of DIMENSIONS.filter(({ name }) => name.includes(only))) {
    const most = Math.floor(LARGEST_BYTES / bytesOfOne(dimension));
    const half = await cpuOf(dimension, most >> 1);
    const whole = await cpuOf(dimension, most);
    process.stderr.write(`${dimension.name}: ${seconds(half)} s, ${seconds(whole)} s of CPU\n`);
    rows.push([
      dimension.name,
      String(most),
      seconds(half),
      seconds(whole),
      whole > MOST_MS ? 'too slow' : '',
    ]);
  }
  return {
    measurements: [],
    table: markdownTable(['object by its', 'parts', 'half CPU s', 'whole CPU s', ''], rows),
  };
}

const sizeOf = ({ of }: Dimension, count: number): number => JSON.stringify(of(count)).length;

const bytesOfOne = (dimension: Dimension): number => (sizeOf(dimension, 1001) - sizeOf(dimension, 1)) / 1000;

async function cpuOf(dimension: Dimension, count: number): Promise<number> {
  const text = snapshotOf(dimension, count);
  const stop = startClock();
  await auditText(text);
  return stop().cpuMs;
}
