import { describe, expect, test } from '@jest/globals';
import { AuditorError } from '../../lambda/errors.ts';
import type { Notice } from '../../lambda/notify/notifier.ts';
import { completeRun } from '../../lambda/run/complete-run.ts';
import { decideRun } from '../../lambda/run/decide-run.ts';
import { boundedStore } from '../../lambda/store/bounded-store.ts';
import { linkedManifest } from '../../lambda/store/chain.ts';
import type { ReportStore } from '../../lambda/store/store.ts';
import { PROD } from '../findings/builders.ts';
import { type MemoryStore, memoryStore } from '../store/memory-store.ts';
import { every } from '../support/runs.ts';
import { config, deliver, found, recordProblems, runOf, stateOf, told } from './recording.ts';

const OTHER = { ...PROD, name: 'other', arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/other' };
const SCOPE = { excluded: [], gaps: [] };
const results = [found(['old', 'fresh']), found(['quiet', 'loud'], OTHER)];
const run = runOf(8);

interface Request {
  readonly index: number;
  readonly operation: 'get' | 'put' | 'list';
  readonly key: string;
}

/** What happens to a request: it is refused, others are always faster, or no answer comes. */
type Fault = 'denied' | 'contended' | 'silent';

/** The same objects behind requests that are counted, and some of which go wrong. */
function faulty(
  store: MemoryStore,
  faultOf: (request: Request) => Fault | null,
): ReportStore & { count(): number } {
  let index = 0;
  const at = async <T>(
    operation: Request['operation'],
    key: string,
    { work, contended }: { readonly work: () => Promise<T>; readonly contended?: T },
  ): Promise<T> => {
    const fault = faultOf({ index: index++, operation, key });
    if (fault === 'silent') return new Promise(() => {});
    if (fault === 'contended' && contended !== undefined) return contended;
    if (fault !== null) throw new AuditorError(`${operation} of ${key} failed (AccessDenied).`);
    return work();
  };
  return {
    ...store,
    count: () => index,
    put: (key, ...rest) => at('put', key, { work: () => store.put(key, ...rest) }),
    putIf: (key, ...rest) => at('put', key, { work: () => store.putIf(key, ...rest), contended: null }),
    get: (key) => at('get', key, { work: () => store.get(key) }),
    getVersioned: (key) => at('get', key, { work: () => store.getVersioned(key) }),
    async *list(prefix) {
      await at('list', prefix, { work: async () => null });
      yield* store.list(prefix);
    },
    async *folders(prefix) {
      await at('list', prefix, { work: async () => null });
      yield* store.folders(prefix);
    },
  };
}

async function afterFirstRun(): Promise<MemoryStore> {
  const store = memoryStore();
  const first = [found(['old', 'away']), found(['quiet'], OTHER)];
  await deliver({ store, run: runOf(1), results: first });
  return store;
}

/** Lets a fault, once it was met, hold for the same kind of request to the same object. */
function holdingFrom(failAt: number, fault: Fault) {
  let met: Request | null = null;
  return (request: Request): Fault | null => {
    if (request.index === failAt) met = request;
    const same = met?.key === request.key && met.operation === request.operation;
    return same ? fault : null;
  };
}

/** Whether somebody was told of everything, however many mails it took. */
function expectAllTold(mails: readonly Notice[]): void {
  const news = mails.map(({ digest }) => digest.attributes.newFindings);
  expect(Math.max(...news, 0) >= 2 || news.reduce((sum, one) => sum + one, 0) >= 2).toBe(true);
  const [first] = mails;
  if (first?.digest.attributes.newFindings === 0) expect(first.digest.subject).toMatch(/INCOMPLETE/);
}

/** Without a manifest that was written, and never became part of the chain: its run is not complete. */
async function linked(store: MemoryStore): Promise<ReadonlyMap<string, Uint8Array>> {
  const manifest = `runs/${run.id}/manifest.json`;
  const isPart = (await linkedManifest(store, run.id)) !== null;
  return new Map([...store.objects].filter(([key]) => isPart || key !== manifest));
}

async function requestsOfRun(): Promise<number> {
  const counted = faulty(await afterFirstRun(), () => null);
  await deliver({ store: counted, run, results, scope: SCOPE });
  return counted.count();
}

describe('a run of which one request is refused again and again', () => {
  for (const fault of ['denied', 'contended'] as const) {
    test(`a run with one request refused again and again (${fault}) mails everything, that day or the next, and loses nothing`, async () => {
      const requests = await requestsOfRun();
      expect(requests).toBeGreaterThan(25);
      for (let failAt = 0; failAt < requests; failAt += every(6)) {
        const store = await afterFirstRun();
        const mails: Notice[] = [];
        const broken = faulty(store, holdingFrom(failAt, fault));
        for (const attempt of ['one', 'two', 'three']) {
          await deliver({ store: broken, run, results, scope: SCOPE, attempt, mails });
        }
        expect(mails.length).toBeLessThanOrEqual(3);
        await deliver({ store, run: runOf(9), results, scope: SCOPE, mails });
        expectAllTold(mails);
        expect({ failAt, state: await stateOf(store) }).toEqual({ failAt, state: ['fresh', 'old'] });
        expect(await stateOf(store, OTHER)).toEqual(['loud', 'quiet']);
        expect(recordProblems(await linked(store))).toEqual([]);
      }
    });

    test(`a run with one request refused for a while (${fault}) ends with the next delivery`, async () => {
      const requests = await requestsOfRun();
      for (let failAt = 0; failAt < requests; failAt += every(6)) {
        const store = await afterFirstRun();
        const mails: Notice[] = [];
        const broken = faulty(store, holdingFrom(failAt, fault));
        await deliver({ store: broken, run, results, scope: SCOPE, mails, attempt: 'one' });
        const again = await deliver({ store, run, results, scope: SCOPE, mails, attempt: 'two' });
        // What was decided without something stays decided so, and says it.
        expect(['done', 'done-before', 'unrecorded']).toContain(again.outcome);
        expect(mails.length).toBeGreaterThanOrEqual(1);
        expect(recordProblems(store.objects)).toEqual([]);
      }
    });
  }
});

describe('a run whose report of one cluster is denied', () => {
  test('a run with one denied report writes all others, mails what is missing, and updates the states', async () => {
    const store = await afterFirstRun();
    const mails: Notice[] = [];
    const broken = faulty(store, ({ key, operation }) =>
      operation === 'put' && key.startsWith('findings/') && key.includes('cluster=other') ? 'denied' : null,
    );
    const ended = await deliver({ store: broken, run, results, scope: SCOPE, mails });
    expect(ended.outcome).toBe('unrecorded');
    const [mail] = mails;
    expect(mail && told(mail)).toContain('new:fresh');
    expect(mail?.digest.subject).toMatch(/^EKS audit INCOMPLETE: 2 new/);
    expect(mail?.digest.body).toMatch(/^RECORD NOT COMPLETE: 1 part missing\n/);
    expect(mail?.digest.body).toMatch(/^\* the findings of cluster other: put of\n {2}findings\//m);
    expect(mail?.digest.attributes.complete).toBe(false);
    expect([...store.objects.keys()].filter((key) => key.includes(`${run.id}/`)).length).toBeGreaterThan(5);
    expect(store.objects.has(`runs/${run.id}/manifest.json`)).toBe(false);
    expect(await stateOf(store)).toEqual(['fresh', 'old']);

    const again = await deliver({ store, run, results: [], mails, attempt: 'two' });
    expect([again.outcome, mails.length]).toEqual(['done', 1]);
    expect(store.objects.has(`runs/${run.id}/manifest.json`)).toBe(true);
    expect(recordProblems(store.objects)).toEqual([]);
  });
});

describe('a run whose decision is denied', () => {
  test('a run with a denied decision mails its findings and that nothing is stored, and leaves everything to the next delivery', async () => {
    const store = await afterFirstRun();
    const before = new Map(store.objects);
    const mails: Notice[] = [];
    const broken = faulty(store, ({ key, operation }) =>
      operation === 'put' && key.includes('conclusion') ? 'denied' : null,
    );
    const ended = await deliver({ store: broken, run, results, scope: SCOPE, mails });
    expect([ended.outcome, mails[0]?.digest.attributes.newFindings]).toEqual(['unrecorded', 2]);
    expect(mails[0]?.digest.body).toMatch(/^RECORD NOT COMPLETE: 1 part missing\n/);
    expect(mails[0]?.digest.body).toMatch(/^This run was not stored\.$/m);
    expect(mails[0]?.digest.body).not.toMatch(/Full report/);
    const kept = [...store.objects].filter(([key]) => !key.includes('/sent/'));
    expect(new Map(kept.filter(([key]) => before.has(key) || key.includes(run.id)))).toEqual(
      new Map([...before].filter(([key]) => !key.includes('/sent/'))),
    );
    const again = await deliver({ store, run, results, scope: SCOPE, mails, attempt: 'two' });
    expect([again.outcome, mails.length]).toEqual(['done', 1]);
  });
});

describe('a cluster whose state is looked for in a list that is denied', () => {
  test('a cluster whose state cannot be read is not compared, and does not prevent notifications of the others', async () => {
    const local = { ...PROD, name: 'kind', arn: null, accountId: null, region: null, uid: 'u-1' };
    const store = await afterFirstRun();
    const mails: Notice[] = [];
    const broken = faulty(store, ({ operation, key }) =>
      operation === 'list' && key.startsWith('state/') ? 'denied' : null,
    );
    const both = [found(['old', 'fresh']), found(['x'], local)];
    const { outcome } = await deliver({ store: broken, run, results: both, mails });
    expect([outcome, mails.length]).toEqual(['done', 1]);
    expect(mails[0] && told(mails[0])).toContain('new:fresh');
    const gaps = mails[0]?.run.clusters.flatMap(({ notEvaluated }) => notEvaluated) ?? [];
    expect(gaps.map(({ check, cluster }) => `${check} of ${cluster.name}`)).toContain('comparison of kind');
    expect(mails[0]?.digest.body).not.toMatch(/Nothing is new/);
  });
});

describe('a store that denies the list of earlier runs', () => {
  test('the mail says that it is not known which runs did not finish, and the record does not say that all did', async () => {
    const store = await afterFirstRun();
    const mails: Notice[] = [];
    const broken = faulty(store, ({ operation, key }) =>
      operation === 'list' && key.startsWith('runs/') ? 'denied' : null,
    );
    const { outcome } = await deliver({ store: broken, run, results, mails });
    expect([outcome, mails.length]).toEqual(['unrecorded', 1]);
    expect(mails[0]?.digest.body.replace(/\s+/g, ' ')).toContain(
      'the list of earlier runs that did not finish: list of runs/ failed (AccessDenied).',
    );
    const about = JSON.parse(Buffer.from(store.objects.get(`runs/${run.id}/run.json`) ?? []).toString());
    expect(about).not.toHaveProperty('unfinished');
  });
});

describe('a store that stops answering', () => {
  test('a store that stops answering at any request costs a part of the record, and never the mail', async () => {
    const requests = await requestsOfRun();
    for (let failAt = 0; failAt < requests; failAt += every(12)) {
      const store = await afterFirstRun();
      const mails: Notice[] = [];
      const broken = faulty(store, ({ index }) => (index >= failAt ? 'silent' : null));
      const [comparing, recording, notifying] = [20, 40, 60_000].map((ms) =>
        AbortSignal.timeout(ms),
      ) as Signals;
      const deciding = boundedStore(broken, { reads: () => comparing, writes: () => recording });
      const options = { config, run, now: run.now, once: true, scope: SCOPE };
      await completeRun(() => decideRun(deciding, results, options), {
        store: broken,
        run,
        once: true,
        attempt: 'one',
        markerMs: 20,
        limits: { comparing, recording, notifying },
        notifiers: [{ name: 'sns', notify: async (notice) => void mails.push(notice) }],
      });
      expect({ failAt, mails: mails.length }).toEqual({ failAt, mails: 1 });
      await deliver({ store, run: runOf(9), results, scope: SCOPE, mails });
      expectAllTold(mails);
    }
  });
});

type Signals = [AbortSignal, AbortSignal, AbortSignal];
