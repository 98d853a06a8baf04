import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { listAll } from '../../../lambda/collect/http/list.ts';
import { DEFAULT_RETRY } from '../../../lambda/collect/http/retry.ts';
import type { Fault } from '../../support/faulty-server.ts';
import { withPatience } from '../../support/patience.ts';
import { DEEP, runs } from '../../support/runs.ts';
import { aClock, aShelf, closeAll, listUnder, none, only, type Plan, PODS, pods, serve } from './listing.ts';

describe('transient failures', () => {
  test.each<[string, Fault]>([
    ['429', { kind: 'status', status: 429 }],
    ['500', { kind: 'status', status: 500 }],
    ['503', { kind: 'status', status: 503 }],
    ['a reset', { kind: 'reset' }],
    ['a reset in the body', { kind: 'reset-in-body' }],
    ['a body that is cut off', { kind: 'cut-off' }],
    ['an empty body', { kind: 'page', type: 'application/json', body: '' }],
  ])('a page that fails with %s is requested again', async (_name, fault) => {
    for (const at of [0, 1, 2]) {
      const { names, restarts, slept, error } = await listUnder(only(at, fault));
      expect(error).toBeNull();
      expect({ names: names.length, restarts }).toEqual({ names: 10, restarts: 0 });
      expect(slept).toEqual([125]);
    }
  });

  test('a page that stops half-way is requested again', () =>
    withPatience(async (bodyMs) => {
      const { names, slept } = await listUnder(only(1, { kind: 'stall' }), { limits: { bodyMs } });
      expect({ names: names.length, slept }).toEqual({ names: 10, slept: [125] });
    }));

  test('the waits between retries double up to the cap, and are drawn from all of it', async () => {
    const plan: Plan = (index) => (index < 5 ? { kind: 'status', status: 500 } : null);
    const { slept } = await listUnder(plan);
    expect(slept).toEqual([125, 250, 500, 1000, 2000]);
    const { api } = await serve((index) => (index < 5 ? { kind: 'status', status: 500 } : null));
    const lucky = aClock(0);
    await listAll(api, { path: PODS, kind: 'Pod' }, aShelf(), lucky);
    expect(lucky.slept).toEqual([0, 0, 0, 0, 0]);
  });

  test('Retry-After is honoured in seconds and as a date, up to its cap; nonsense is not', async () => {
    const waits: number[] = [];
    for (const retryAfter of [
      '7',
      'Sun, 01 Mar 2026 12:00:09 GMT',
      'Sun, 01 Mar 2020 12:00:00 GMT',
      '86400',
      'soon',
      '-5',
    ]) {
      const { slept } = await listUnder(only(0, { kind: 'status', status: 429, retryAfter }));
      waits.push(slept[0] ?? -1);
    }
    expect(waits).toEqual([7125, 9125, 125, 30_125, 125, 125]);
  });

  test('a page fails after six attempts, with the reason of the last', async () => {
    const { error, queries, names } = await listUnder(() => ({ kind: 'status', status: 503 }));
    expect(queries).toHaveLength(DEFAULT_RETRY.attempts);
    expect(error).toMatchObject({ reason: 'server-error' });
    expect(error?.message).toMatch(
      /answered 503 to the list of pods \(as planned\).* 6 attempts were made\.$/,
    );
    expect(names).toEqual([]);
  });

  test('retries end with the budget, however many attempts are left', async () => {
    const plan: Plan = () => ({ kind: 'status', status: 429, retryAfter: '30' });
    const retry = { ...DEFAULT_RETRY, attempts: 100 };
    const { error, queries } = await listUnder(plan, { request: { bounds: { retry } } });
    expect(error).toMatchObject({ reason: 'server-error' });
    expect(queries).toHaveLength(4);
  });

  test('a server that was never reached is not retried', async () => {
    const { api, server } = await serve(none);
    await server.close();
    const clock = aClock();
    await expect(listAll(api, { path: PODS, kind: 'Pod' }, aShelf(), clock)).rejects.toMatchObject({
      reason: 'unreachable',
    });
    expect(clock.slept).toEqual([]);
  });
});

describe('a list that expires', () => {
  test('a list that expires is restarted, and its earlier pages are discarded', async () => {
    const { names, restarts, result, queries } = await listUnder(only(2, { kind: 'gone' }));
    expect(names).toHaveLength(10);
    expect({ restarts, items: result?.items }).toEqual({ restarts: 1, items: 10 });
    expect(queries[3]).toBe('/api/v1/pods?limit=4');
  });

  test('a list that expires each time is a failure in the end', async () => {
    const { error, restarts } = await listUnder((index) => (index % 2 === 1 ? { kind: 'gone' } : null));
    expect(error).toMatchObject({ reason: 'list-incomplete' });
    expect(restarts).toBe(3);
  });
});

describe('a list that only looks complete', () => {
  const edit = (change: (list: Json) => void): Fault => ({
    kind: 'edit',
    edit: (body) => {
      const list = JSON.parse(body) as Json;
      change(list);
      return JSON.stringify(list);
    },
  });
  const ends = (list: Json): void => {
    delete list.metadata['continue'];
    delete list.metadata['remainingItemCount'];
  };
  const empty = edit((list) => {
    ends(list);
    list.items = [];
  });
  const noPromise = edit((list) => {
    delete list.metadata['remainingItemCount'];
  });

  test('a list that ends before the items that were promised is restarted', async () => {
    const { names, restarts } = await listUnder(only(1, empty));
    expect({ names: names.length, restarts }).toEqual({ names: 10, restarts: 1 });
  });

  test('a list that ends too early each time is a failure', async () => {
    const { error } = await listUnder((index) => (index % 2 === 1 ? empty : null));
    expect(error).toMatchObject({ reason: 'list-incomplete' });
    expect(error?.message).toMatch(/ended after 4 of 10 objects/);
  });

  test('a list ends where the server neither promised nor sent more', async () => {
    const { names } = await listUnder((index) => (index === 0 ? noPromise : edit(ends)));
    expect(names).toHaveLength(8);
  });

  const twice = (list: Json): void => void list.items.push(list.items[0]);
  test.each<[string, Fault, RegExp]>([
    ['has no metadata', edit((list) => Object.assign(list, { metadata: undefined })), /without metadata/],
    ['has null for metadata', edit((list) => Object.assign(list, { metadata: null })), /without metadata/],
    [
      'has no resourceVersion',
      edit((list) => Object.assign(list.metadata, { resourceVersion: '' })),
      /without metadata/,
    ],
    ['has no items', edit((list) => Object.assign(list, { items: undefined })), /without its objects/],
    ['has null for items', edit((list) => Object.assign(list, { items: null })), /without its objects/],
    ['has null among its items', edit((list) => void list.items.push(null)), /without its objects/],
    ['has an object twice', edit(twice), /twice among its first \d+/],
    [
      'has an object of the first page again',
      edit((list) => Object.assign(list.items, { 0: FIRST })),
      /twice/,
    ],
    [
      'is of another time',
      edit((list) => Object.assign(list.metadata, { resourceVersion: '7' })),
      /different points in time/,
    ],
    ['is empty though the list goes on', edit((list) => Object.assign(list, { items: [] })), /an empty page/],
  ])(
    'a list is restarted because a page %s, and fails when that happens each time',
    async (_, fault, message) => {
      const { names, restarts, error } = await listUnder(only(1, fault));
      expect({ names: names.length, restarts, error }).toEqual({ names: 10, restarts: 1, error: null });
      const always = await listUnder((index) => (index % 2 === 1 ? fault : null));
      expect(always.error).toMatchObject({ reason: 'list-incomplete' });
      expect(always.error?.message).toMatch(message);
      expect(always.restarts).toBe(3);
    },
  );

  test('a list whose continue token leads back to a page that was read is a failure', async () => {
    let uid = 0;
    const { error, queries } = await listUnder(() => page({ continue: 'again' }, [`a${uid++}`]));
    expect(error).toMatchObject({ reason: 'list-incomplete' });
    expect(error?.message).toMatch(/does not end: after 2 pages/);
    expect(queries).toHaveLength(2 * 4);
  });

  test('a list whose continue tokens never end is a failure', async () => {
    let token = 0;
    const { error } = await listUnder(() => page({ continue: `t${token++}` }, [`a${token}`]), {
      request: { bounds: { pages: 7 } },
    });
    expect(error).toMatchObject({ reason: 'list-incomplete' });
    expect(error?.message).toMatch(/does not end: after 7 pages/);
  });

  test('a list with a selector may have ten empty pages in a row, and no more', async () => {
    const pages = (count: number): Plan => {
      let at = 0;
      return () => (at++ % (count + 1) < count ? page({ continue: `t${at}` }, []) : page({}, ['last']));
    };
    const request = { query: { labelSelector: 'app=web' } };
    expect((await listUnder(pages(10), { request })).names).toEqual(['last']);
    const endless = await listUnder(pages(1000), { request });
    expect(endless.error?.message).toMatch(/an empty page/);
    expect(endless.queries).toHaveLength(11 * 4);
    expect((await listUnder(pages(1000))).error?.message).toMatch(/an empty page/);
  });
});

interface Json {
  readonly metadata: Record<string, unknown>;
  items: unknown[];
}

const FIRST = pods(1)[0];

const page = (metadata: object, names: readonly string[]): Fault => ({
  kind: 'page',
  type: 'application/json',
  body: JSON.stringify({
    kind: 'PodList',
    apiVersion: 'v1',
    metadata: { resourceVersion: '1', ...metadata },
    items: names.map((name) => ({ metadata: { name } })),
  }),
});

describe('pages that are too large', () => {
  test('pages that are too large are requested again in smaller ones', async () => {
    const limits = { bodyBytes: 4000 };
    const { names, restarts, queries } = await listUnder(none, {
      options: { objects: pods(100) },
      limits,
      request: { limit: 100 },
    });
    expect({ names: names.length, restarts }).toEqual({ names: 100, restarts: 1 });
    expect(queries[1]).toBe('/api/v1/pods?limit=10');
  });

  test('pages that are too large even with one object are a failure', async () => {
    const { error } = await listUnder(none, { limits: { bodyBytes: 100 }, request: { limit: 500 } });
    expect(error).toMatchObject({ reason: 'too-large' });
  });
});

describe('a list under random faults', () => {
  const transient: fc.Arbitrary<Fault> = fc.oneof(
    fc
      .constantFrom(429, 500, 502, 503, 504)
      .map((status): Fault => ({ kind: 'status', status, retryAfter: '1' })),
    fc.constantFrom<Fault>({ kind: 'reset' }, { kind: 'reset-in-body' }, { kind: 'cut-off' }),
  );
  const fault = fc.oneof(
    { weight: 5, arbitrary: transient },
    { weight: 1, arbitrary: fc.constant<Fault>({ kind: 'gone' }) },
  );
  const schedules = fc.oneof(
    fc.array(fc.option(fault, { freq: 2 }), { maxLength: 40 }),
    fc.array(fault, { minLength: 5, maxLength: 12 }),
  );

  /** Whether the bounds are kept without doubt: never six failures in a row, at most three restarts. */
  function isBearable(schedule: readonly (Fault | null)[]): boolean {
    let inRow = 0;
    let restarts = 0;
    for (const fault of schedule) {
      inRow = fault === null || fault.kind === 'gone' ? 0 : inRow + 1;
      if (fault?.kind === 'gone') restarts++;
      if (inRow >= DEFAULT_RETRY.attempts || restarts > 3) return false;
    }
    return true;
  }

  test('a list under any faults gives the same items or an error, never a shorter list', async () => {
    const seen = { whole: 0, failed: 0 };
    const property = fc.asyncProperty(
      schedules,
      fc.integer({ min: 1, max: 12 }),
      fc.nat(30),
      async (schedule, limit, count) => {
        const { names, result, error } = await listUnder((index) => schedule[index] ?? null, {
          options: { objects: pods(count) },
          request: { limit },
        });
        await closeAll();
        if (error !== null) {
          seen.failed++;
          expect(isBearable(schedule)).toBe(false);
          return;
        }
        seen.whole++;
        expect(names).toEqual([...new Set(names)]);
        expect({ handed: names.length, counted: result?.items }).toEqual({ handed: count, counted: count });
      },
    );
    await fc.assert(property, { numRuns: runs(150) });
    if (DEEP) expect(seen.whole).toBeGreaterThan(20);
    if (DEEP) expect(seen.failed).toBeGreaterThan(0);
  });
});
