import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { moveTimes } from '../../lambda/sample/move-times.ts';
import { run } from '../cli/run.ts';
import { recordSample, SAMPLE_TAKEN_AT } from './record-sample.ts';

const FILE = new URL('../../lambda/sample/fleet.snapshot', import.meta.url);
const embedded = (): readonly string[] =>
  gunzipSync(readFileSync(FILE)).toString('utf8').trimEnd().split('\n');

/** Which version wrote it does not matter: what that read of pods is compared. */
const withoutTool = (line: string): string => line.replace(/"tool":"[^"]*",/, '');

/** All times in a snapshot, as text and as numbers, in order. */
function timesIn(lines: readonly string[]): readonly number[] {
  const found: number[] = [];
  for (const line of lines) {
    JSON.parse(line, (_key, value: unknown) => {
      if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:]+Z$/.test(value)) found.push(Date.parse(value));
      if (typeof value === 'number' && value > 1e12 && value < 5e12) found.push(value);
    });
  }
  return found.sort((a, b) => a - b);
}

/** What was asked together with its answer, for they are written as answers come; all else is a line of its own. */
function entriesOf(lines: readonly string[]): readonly string[] {
  const entries: string[] = [];
  for (const [at, line] of lines.entries()) {
    if (lines[at - 1]?.startsWith('{"key":')) entries.push(`${entries.pop()}\n${line}`);
    else entries.push(line);
  }
  return entries.sort();
}

test('the embedded sample is what the builders of its fleet make (if not: npm run sample)', async () => {
  const entries = entriesOf(embedded().map(withoutTool));
  const made = entriesOf((await recordSample(SAMPLE_TAKEN_AT)).trimEnd().split('\n').map(withoutTool));
  const stale = made.filter((entry, at) => entry !== entries[at]).map((entry) => `${entry.slice(0, 200)}…`);
  expect([stale, entries.length]).toEqual([[], made.length]);
});

describe('the embedded sample at another time', () => {
  const later = Date.parse('2031-02-03T04:05:06.789Z');

  test('the embedded sample at another time holds every time that the builders give it there', async () => {
    const made = (await recordSample(later)).trimEnd().split('\n');
    const moved = moveTimes(embedded(), later);
    expect(timesIn(moved).length).toBeGreaterThan(1000);
    expect(timesIn(moved)).toEqual(timesIn(made));
    expect(JSON.parse(moved[0] ?? '')).toMatchObject({ takenAt: '2031-02-03T04:05:06.789Z' });
  });

  test('the embedded sample at another time is audited to the same text, except for the date above it', async () => {
    const audit = async (now: string): Promise<readonly string[]> => {
      const argv = ['audit', '--sample', '--fail-on', 'never', '--allow-incomplete', '--now', now];
      return (await run(argv)).stdout.split('\n');
    };
    // The same days of another year: since when something was written is said by its day.
    const [first, second] = [await audit('2026-06-01T00:00:00Z'), await audit('2031-06-01T04:05:06Z')];
    expect([first[0], second[0]]).toEqual([
      'EKS DRIFT AUDIT  2 clusters, Mon, 01 Jun 2026 00:00 UTC',
      'EKS DRIFT AUDIT  2 clusters, Sun, 01 Jun 2031 04:05 UTC',
    ]);
    const withoutYear = (line: string): string => line.replace(/(\d [A-Z][a-z]{2}) 20\d\d/g, '$1');
    expect(second.slice(1).map(withoutYear)).toEqual(first.slice(1).map(withoutYear));
    expect(first.length).toBeGreaterThan(50);
  });
});

describe('moving times', () => {
  const header = '{"takenAt":"2026-06-01T00:00:00.000Z"}';
  const moved = (line: string): string =>
    moveTimes([header, line], Date.parse('2026-06-02T00:00:01.500Z'))[1] ?? '';

  test('moving times moves instants as text and as numbers, to whole seconds', () => {
    expect(moved('{"a":"2026-05-31T12:00:00Z","b":[1780270500000],"c":{"d":1780270500000}}')).toBe(
      '{"a":"2026-06-01T12:00:01Z","b":[1780356901000],"c":{"d":1780356901000}}',
    );
  });

  test('moving times leaves everything else unchanged', () => {
    const line =
      '{"2026-05-31T12:00:00Z":"at 2026-05-31T12:00:00Z","port":443,"bytes":107374182400,"big":9007199254740991,"none":null,"map":{"$map":[["a",1]]}}';
    expect(moved(line)).toBe(line);
  });
});
