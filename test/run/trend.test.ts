import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { summaryDocument } from '../../lambda/report/summary.ts';
import { type TrendRow, trendRow } from '../../lambda/report/trend.ts';
import { appendTrend, readTrend } from '../../lambda/run/trend.ts';
import { linkManifest } from '../../lambda/store/chain.ts';
import { runKey, TREND } from '../../lambda/store/layout.ts';
import type { ReportStore } from '../../lambda/store/store.ts';
import { aRun } from '../report/builders.ts';
import { type MemoryStore, memoryStore } from '../store/memory-store.ts';

const JSON_TYPE = { contentType: 'application/json' };
const UNSIGNED = { tool: { version: '1.2.3', bundleSha256: null } };

/** Stores the summary and the manifest of a run, as far as a kill lets it. */
async function storeRun(store: ReportStore, id: string, { manifest = true } = {}): Promise<TrendRow> {
  const base = aRun();
  const run = { ...base, run: { ...base.run, id } };
  const summary = summaryDocument(run);
  const stored = await store.put(runKey(id, 'summary.json'), [Buffer.from(summary)], JSON_TYPE);
  const linked = manifest ? await linkManifest(store, run, { objects: [stored], ...UNSIGNED }) : null;
  const row = trendRow(summary, linked?.sha256 ?? null);
  if (row === null) throw new Error('The document is a summary.');
  return row;
}

async function withRuns(...ids: readonly string[]): Promise<MemoryStore> {
  const store = memoryStore();
  for (const id of ids) await appendTrend(store, await storeRun(store, id));
  return store;
}

const storedRuns = (store: MemoryStore): readonly string[] =>
  gunzipSync(store.objects.get(TREND) ?? Buffer.alloc(0))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as TrendRow).run);

const runsOf = (rows: readonly TrendRow[]): readonly string[] => rows.map(({ run }) => run);

const without = (store: MemoryStore, ...keys: readonly string[]): MemoryStore =>
  memoryStore({ objects: new Map([...store.objects].filter(([key]) => !keys.includes(key))) });

const replaced = (store: MemoryStore, key: string, bytes: Uint8Array): MemoryStore =>
  memoryStore({ objects: new Map([...store.objects, [key, bytes]]) });

describe('the trend', () => {
  test('the trend has a row for each run, and reading it writes nothing', async () => {
    const store = await withRuns('r1', 'r2', 'r3');
    const writes = store.order.length;
    expect(runsOf(await readTrend(store))).toEqual(['r1', 'r2', 'r3']);
    expect(storedRuns(store)).toEqual(['r1', 'r2', 'r3']);
    expect(store.order).toHaveLength(writes);
  });

  test('repeating a run does not write the trend again', async () => {
    const store = await withRuns('r1', 'r2');
    const writes = store.order.length;
    const [, second] = await readTrend(store);
    if (second) await appendTrend(store, second);
    expect(store.order).toHaveLength(writes);
  });

  test('a trend that is lost is made again from the summaries of the runs, with the same bytes', async () => {
    const whole = await withRuns('r1', 'r2', 'r3');
    const lost = without(whole, TREND);
    expect(await readTrend(lost)).toEqual(await readTrend(whole));
    const [, , third] = await readTrend(whole);
    if (third) await appendTrend(lost, third);
    expect(lost.objects.get(TREND)).toEqual(whole.objects.get(TREND));
  });

  test('a trend that is damaged is made again, and keeps rows of runs that are not stored any more', async () => {
    const whole = await withRuns('r1', 'r2', 'r3');
    const expired = without(whole, 'runs/r1/summary.json', 'runs/r1/manifest.json');
    const bytes = whole.objects.get(TREND) ?? Buffer.alloc(0);
    const text = gunzipSync(bytes).toString();
    const damaged = replaced(expired, TREND, gzipSync(text.replace('"run":"r2"', '"run":2')));
    expect(runsOf(await readTrend(damaged))).toEqual(['r1', 'r2', 'r3']);
    const cut = replaced(expired, TREND, bytes.subarray(0, bytes.length - 9));
    expect(runsOf(await readTrend(cut)).slice(-2)).toEqual(['r2', 'r3']);
    await appendTrend(damaged, await storeRun(damaged, 'r4'));
    expect(storedRuns(damaged)).toEqual(['r1', 'r2', 'r3', 'r4']);
  });

  test('a run that was killed between its manifest and the trend gets its row from the next run', async () => {
    const store = await withRuns('r1');
    await storeRun(store, 'r2');
    await storeRun(store, 'r3');
    await appendTrend(store, await storeRun(store, 'r4'));
    const rows = await readTrend(store);
    expect(runsOf(rows)).toEqual(['r1', 'r2', 'r3', 'r4']);
    expect(rows.every(({ manifest }) => manifest !== null)).toBe(true);
  });

  test('a run without a manifest has a row that says so, until it is repeated', async () => {
    const store = await withRuns('r1');
    await appendTrend(store, await storeRun(store, 'r2', { manifest: false }));
    expect((await readTrend(store)).map(({ manifest }) => manifest === null)).toEqual([false, true]);
    await appendTrend(store, await storeRun(store, 'r2'));
    expect((await readTrend(store)).map(({ manifest }) => manifest === null)).toEqual([false, false]);
  });

  test('a summary that was damaged or moved is no row of the trend that is made again', async () => {
    const whole = await withRuns('r1', 'r2', 'r3');
    const lost = without(whole, TREND);
    const other = lost.objects.get('runs/r3/summary.json') ?? Buffer.alloc(0);
    const moved = replaced(
      replaced(lost, 'runs/r1/summary.json', Buffer.from('no json')),
      'runs/r2/summary.json',
      other,
    );
    expect(runsOf(await readTrend(moved))).toEqual(['r3']);
  });

  test('runs that end at the same moment all have their row, in whatever order their requests are answered', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, lost) => {
        const before = await withRuns('r1');
        const ids = ['r2', 'r3', 'r4'];
        const objects = lost ? without(before, TREND).objects : before.objects;
        const turn = () => scheduler.schedule(Promise.resolve());
        const store = memoryStore({ objects, beforeRead: turn, beforeWrite: turn });
        const each = ids.map(async (id) => appendTrend(store, await storeRun(store, id)));
        await scheduler.waitFor(Promise.all(each));
        expect(storedRuns(store)).toEqual(['r1', ...ids]);
      }),
      { numRuns: 40 },
    );
  });
});
