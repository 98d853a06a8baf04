import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import type { Notice } from '../../lambda/notify/notifier.ts';
import type { TrendRow } from '../../lambda/report/trend.ts';
import { mergeStates } from '../../lambda/run/merge-states.ts';
import { readTrend } from '../../lambda/run/trend.ts';
import { TREND } from '../../lambda/store/layout.ts';
import { sha256Of } from '../../lambda/store/manifest.ts';
import { aFinding, aResult, PROD } from '../findings/builders.ts';
import { type MemoryStore, memoryStore } from '../store/memory-store.ts';
import { DEEP, runs } from '../support/runs.ts';
import { deliver, found, recordProblems, runOf, stateOf, told } from './recording.ts';

const RUNS = { numRuns: runs(60) };
const first = runOf(1);
const last = runOf(15);

async function afterFirstRun(names: readonly string[] = ['old', 'fixed']): Promise<MemoryStore> {
  const store = memoryStore();
  await deliver({ store, run: first, results: [found(names)] });
  return store;
}

/** The same objects, each request to which takes as long as the scheduler likes. */
function shuffled(objects: ReadonlyMap<string, Uint8Array>, scheduler: fc.Scheduler): MemoryStore {
  const wait = (key: string): Promise<void> =>
    scheduler.schedule(Promise.resolve(), key).then(() => undefined);
  return memoryStore({ objects, beforeWrite: wait, beforeRead: wait });
}

/** The rows that are stored; none that is made again. */
const trendOf = (store: MemoryStore): Promise<readonly TrendRow[]> => {
  const stored = new Map([...store.objects].filter(([key]) => key === TREND));
  return readTrend(memoryStore({ objects: stored }));
};

describe('one run that is delivered twice at once', () => {
  test('a run that is delivered twice is decided, recorded and notified once, in whatever order its requests are answered', async () => {
    const { objects } = await afterFirstRun();
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const store = shuffled(objects, scheduler);
        const mails: Notice[] = [];
        // Whoever waits for the other one waits until it is through, as long as that is alive.
        const sleep = async (): Promise<void> => {
          for (let turn = 0; turn < 50; turn++) await scheduler.schedule(Promise.resolve());
        };
        const run = runOf(8);
        const one = deliver({ store, run, results: [found(['old', 'fresh'])], mails, attempt: 'one', sleep });
        const two = deliver({ store, run, results: [found(['later'])], mails, attempt: 'two', sleep });
        await scheduler.waitFor(Promise.all([one, two]));
        expect(mails).toHaveLength(1);
        expect(recordProblems(store.objects)).toEqual([]);
        const [news = []] = mails.map(told);
        const decided = news.includes('new:fresh') ? ['fresh', 'old'] : ['later'];
        expect(await scheduler.waitFor(stateOf(store))).toEqual(decided);
        const trend = await scheduler.waitFor(trendOf(store));
        expect(trend.map(({ run }) => run)).toEqual([first.id, runOf(8).id]);
      }),
      RUNS,
    );
  });
});

/** What a run must tell that knows this state. */
function expectedNews(state: readonly string[], after: readonly string[]): readonly string[] {
  const present = after.map((name) => `${state.includes(name) ? 'open' : 'new'}:${name}`);
  const gone = state.filter((name) => !after.includes(name)).map((name) => `gone:${name}`);
  return [...present, ...gone].sort();
}

/** Nothing is there that nobody was told of, and nothing is gone of which that was never said. */
function expectAllTold(
  names: Readonly<Record<'before' | 'between' | 'after', readonly string[]>>,
  lines: readonly string[],
): void {
  const { before, between, after } = names;
  const untold = after.filter((name) => !before.includes(name) && !lines.includes(`new:${name}`));
  const known = [...before, ...between.filter((name) => lines.includes(`new:${name}`))];
  const forgotten = known.filter((name) => !after.includes(name) && !lines.includes(`gone:${name}`));
  expect({ untold, forgotten }).toEqual({ untold: [], forgotten: [] });
}

describe('two runs at once', () => {
  const seen: fc.Arbitrary<string[]> = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'));

  test('two concurrent runs lose no finding and invent none: the next run notifies exactly of what neither has', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ before: seen, early: seen, late: seen, after: seen }),
        fc.scheduler(),
        async ({ before, early, late, after }, scheduler) => {
          const { objects } = await afterFirstRun(before);
          const store = shuffled(objects, scheduler);
          const mails: Notice[] = [];
          const both = [
            deliver({ store, run: runOf(8, 'bbbbbbbb'), results: [found(early)], mails }),
            deliver({ store, run: runOf(9, 'cccccccc'), results: [found(late)], mails }),
          ];
          await scheduler.waitFor(Promise.all(both));
          const overlapped = mails.length;
          expect(overlapped).toBe(2);
          const state = await scheduler.waitFor(stateOf(store));
          const everKnown = new Set([...before, ...early, ...late]);
          expect(state.filter((name) => !everKnown.has(name))).toEqual([]);
          // What both of them saw is known, what neither of them saw is not.
          expect(early.filter((name) => late.includes(name) && !state.includes(name))).toEqual([]);
          expect(state.filter((name) => !early.includes(name) && !late.includes(name))).toEqual([]);

          await scheduler.waitFor(deliver({ store, run: last, results: [found(after)], mails }));
          expect(mails.slice(overlapped).flatMap(told).sort()).toEqual(expectedNews(state, after));
          expectAllTold({ before, between: [...early, ...late], after }, mails.flatMap(told));
          expect(recordProblems(store.objects)).toEqual([]);
          const latest = Buffer.from(store.objects.get('latest/summary.json') ?? []).toString();
          expect(JSON.parse(latest).run.id).toBe(last.id);
          const trend = await scheduler.waitFor(trendOf(store));
          const all = [first, runOf(8, 'bbbbbbbb'), runOf(9, 'cccccccc'), last];
          expect(trend.map(({ run }) => run)).toEqual(all.map(({ id }) => id));
          expect(trend.map(({ manifest }) => manifest)).toEqual(
            all.map(({ id }) => sha256Of(store.objects.get(`runs/${id}/manifest.json`) ?? '')),
          );
        },
      ),
      { numRuns: runs(150) / (DEEP ? 1 : 3) },
    );
  });

  test('two runs that end in the wrong order leave latest at the later run and one chain of manifests', async () => {
    const store = await afterFirstRun();
    await deliver({ store, run: runOf(9), results: [found(['x'])] });
    await deliver({ store, run: runOf(8), results: [found(['y'])] });
    const latest = Buffer.from(store.objects.get('latest/summary.json') ?? []).toString();
    expect(JSON.parse(latest).run.id).toBe(runOf(9).id);
    expect(recordProblems(store.objects)).toEqual([]);
  });
});

describe('the state after two runs that overlapped', () => {
  const at = (day: number): string => new Date(runOf(day).now).toISOString();
  const row = (
    name: string,
    days: readonly [firstDay: number, lastDay: number],
    status: Finding['status'] = 'open',
  ) => aFinding({ on: `shop/Deployment/${name}`, firstSeen: at(days[0]), lastSeen: at(days[1]), status });
  const state = (day: number, findings: readonly Finding[]) => ({
    run: runOf(day).id,
    cluster: PROD,
    findings,
    seenAt: at(day),
  });
  const names = (findings: readonly Finding[]) => findings.map(({ workload }) => workload.name).sort();

  test('the state after two overlapping runs is that of the later run, whichever writes last', () => {
    const early = state(8, [row('known', [1, 8]), row('early', [8, 8], 'new')]);
    const late = state(9, [row('known', [1, 9]), row('late', [9, 9], 'new')]);
    for (const merged of [mergeStates(early, late), mergeStates(late, early)]) {
      expect(merged.run).toBe(runOf(9).id);
      // What only the earlier one saw, nobody has said to be gone.
      expect(names(merged.findings)).toEqual(['early', 'known', 'late']);
      expect(merged.findings.find(({ workload }) => workload.name === 'known')?.lastSeen).toBe(at(9));
    }
  });

  test('the merged state does not reopen a finding that one run closed and the other could not check', () => {
    const closed = state(8, [row('gone', [1, 1], 'gone')]);
    const unread = state(9, [row('gone', [1, 1])]);
    expect(mergeStates(unread, { ...closed, findings: [] }).findings).toEqual([]);
    expect(names(mergeStates(closed, unread).findings)).toEqual(['gone']);
  });

  test('the merged state keeps the first time that a finding was seen', () => {
    const early = state(8, [row('both', [8, 8], 'new')]);
    const late = state(9, [row('both', [9, 9], 'new')]);
    for (const merged of [mergeStates(early, late), mergeStates(late, early)]) {
      expect(merged.findings).toMatchObject([{ firstSeen: at(8), lastSeen: at(9) }]);
    }
  });

  test('merging the state again changes nothing', () => {
    const early = state(8, [row('known', [1, 8]), row('early', [8, 8], 'new')]);
    const late = state(9, [row('late', [9, 9], 'new')]);
    for (const [own, other] of [
      [early, late],
      [late, early],
    ] as const) {
      const once = mergeStates(own, other);
      expect(mergeStates(own, once)).toEqual(once);
    }
  });
});

describe('a run whose cluster another one has changed in the meantime', () => {
  test('a run whose cluster state keeps changing gives up after many attempts instead of overwriting it', async () => {
    const store = await afterFirstRun();
    let count = 0;
    const restless = memoryStore({
      objects: store.objects,
      beforeWrite: async (key) => {
        if (!key.endsWith('state.json.gz') || count > 60) return;
        count++;
        // Somebody else is always a moment faster.
        const other = memoryStore({ objects: store.objects });
        const results: readonly ClusterResult[] = [aResult({ findings: [] })];
        await deliver({ store: other, run: runOf(10 + (count % 15)), results });
        const bytes = other.objects.get(key);
        if (bytes) (restless.objects as Map<string, Uint8Array>).set(key, bytes);
      },
    });
    const ended = await deliver({ store: restless, run: runOf(8), results: [found(['x'])] });
    expect(ended).toMatchObject({
      outcome: 'unrecorded',
      recorded: {
        shortfalls: [
          {
            part: 'the state of cluster prod',
            problem: expect.stringMatching(/^Other runs kept changing the state of cluster prod/),
          },
        ],
      },
    });
  });
});
