import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { auditFleet } from '../../lambda/audit/audit-fleet.ts';
import { clustersAtOnce, isOver, readingTime, startBudget } from '../../lambda/audit/budget.ts';
import type { Target } from '../../lambda/audit/target.ts';
import { collectCluster } from '../../lambda/collect/collect-cluster.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import { openKubeApi } from '../../lambda/connect/kube/kube-api.ts';
import { until } from '../../lambda/connect/kube/until.ts';
import { ReadError } from '../../lambda/errors.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { sampleFleet } from '../sample/fleet/fleet.ts';
import { type ApiServer, startApiServer } from '../support/kube-server/api-server.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const config = defaultConfig();

/** The sample's cluster has fewer pods than fit into one. */
const MORE_THAN_A_PAGE = 5;

interface Named {
  readonly kind?: string;
  readonly metadata?: { readonly name: string; readonly uid?: string };
}

function copyOf(object: Named, copy: number): object {
  const { kind, metadata } = object;
  if (copy === 0 || kind !== 'Pod' || metadata === undefined) return object;
  const { name, uid } = metadata;
  return { ...object, metadata: { ...metadata, name: `${name}-${copy}`, uid: `${uid}-${copy}` } };
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  jest.useRealTimers();
  for (const close of closers.splice(0)) await close();
});

interface Silence {
  readonly isSilent?: (url: string) => boolean;
  /** What happens where it was asked in vain. */
  readonly onSilence?: () => void;
  /** Of each pod. */
  readonly copies?: number;
}

/** A cluster of the sample whose API server stays silent where `isSilent` says so. */
async function target({
  isSilent = () => false,
  onSilence = () => {},
  copies = 1,
}: Silence = {}): Promise<Target & { readonly asked: string[] }> {
  const [cluster] = sampleFleet(NOW);
  if (cluster === undefined) throw new Error('The sample has a cluster.');
  const asked: string[] = [];
  const server: ApiServer = await startApiServer(
    {
      objects: Array.from({ length: copies }, (_, copy) =>
        cluster.objects.map((one) => copyOf(one, copy)),
      ).flat(),
    },
    (request, response, { status, headers, body }) => {
      asked.push(request.url ?? '');
      if (isSilent(request.url ?? '')) {
        onSilence();
        return;
      }
      response.writeHead(status, headers);
      response.end(body);
    },
  );
  const api = openKubeApi({ server: server.url, credentials: async () => ({ headers: {}, tls: {} }) });
  closers.push(
    () => api.close(),
    () => server.close(),
  );
  const identity = { name: cluster.name, arn: null, accountId: null, region: null };
  return {
    asked,
    identity,
    collect: (hooks) => collectCluster(identity, hooks.signal ? until(api, hooks.signal) : api, hooks),
  };
}

function audit(targets: readonly Target[], signal: AbortSignal, onPage = () => {}) {
  return auditFleet(targets, {
    concurrency: 1,
    optionsFor: () => ({ config, now: NOW, signal, onPage }),
  });
}

const reasons = ({ notEvaluated }: ClusterResult): readonly string[] => [
  ...new Set(notEvaluated.filter(({ workload }) => workload === null).map(({ reason }) => reason)),
];

const outOfTime = (): ReadError =>
  new ReadError('out-of-time', 'The run was out of time.', 'Use fleet mode.');

describe('clusters when the time is up', () => {
  test('a cluster whose audit runs out of time is judged on what was read, and nothing passes', async () => {
    const stop = new AbortController();
    // The next page is asked for while the first one is read: which of both is noticed first is not said.
    let left = 2;
    const noticed = (): void => {
      if (--left === 0) stop.abort(outOfTime());
    };
    const slow = await target({
      isSilent: (url) => url.includes('continue='),
      onSilence: noticed,
      copies: MORE_THAN_A_PAGE,
    });
    const stopping: Target = {
      identity: slow.identity,
      collect: (hooks) => slow.collect({ ...hooks, onPage: noticed }),
    };
    const [result] = await audit([stopping], stop.signal);
    expect(slow.asked.some((url) => url.includes('continue='))).toBe(true);
    expect(result).toMatchObject({ outcome: 'audited', totals: { pods: 500 } });
    expect(result?.findings.length).toBeGreaterThan(0);
    expect(result?.tallies.filter(({ pass }) => pass > 0)).toEqual([]);
    expect(result && reasons(result)).toContain('out-of-time');
  });

  test('a cluster whose server does not answer is not audited, with a reason and a remedy', async () => {
    const stop = new AbortController();
    const silent = await target({
      isSilent: (url) => url.startsWith('/api/v1/pods'),
      onSilence: () => stop.abort(outOfTime()),
    });
    const [result] = await audit([silent], stop.signal);
    expect(result?.outcome).toBe('failed');
    expect(result?.notEvaluated[0]).toMatchObject({ reason: 'out-of-time', remediation: 'Use fleet mode.' });
  });

  test('clusters that were not started in time are not audited, and no request is sent to them', async () => {
    const stop = new AbortController();
    const first = await target();
    const second = await target();
    const stopping: Target = {
      identity: first.identity,
      collect: async (hooks) => {
        const inventory = await first.collect(hooks);
        stop.abort(outOfTime());
        return inventory;
      },
    };
    const results = await audit([stopping, second], stop.signal);
    expect(results.map(({ outcome }) => outcome)).toEqual(['audited', 'failed']);
    expect(second.asked).toEqual([]);
  });

  test('a collection that ignores the abort signal is abandoned after a few seconds', async () => {
    jest.useFakeTimers();
    const stop = new AbortController();
    const deaf: Target = {
      identity: { name: 'deaf', arn: null, accountId: null, region: null },
      collect: () => new Promise(() => {}),
    };
    const audited = audit([deaf], stop.signal);
    await jest.advanceTimersByTimeAsync(1000);
    stop.abort(outOfTime());
    await jest.advanceTimersByTimeAsync(6000);
    expect((await audited).map(({ outcome }) => outcome)).toEqual(['failed']);
  });
});

describe('a defect in the audit of one cluster', () => {
  const broken: Target = {
    identity: { name: 'broken', arn: null, accountId: null, region: null },
    collect: () => Promise.reject(new TypeError('x is not a function')),
  };

  test('a defect in one cluster does not stop the audit of the others if an observer is notified of it', async () => {
    const defects: unknown[] = [];
    const results = await auditFleet([broken, await target()], {
      concurrency: 2,
      optionsFor: () => ({ config, now: NOW }),
      onDefect: (_, error) => void defects.push(error),
    });
    expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'audited']);
    expect(results[0]?.notEvaluated[0]).toMatchObject({
      reason: 'not-finished',
      message: 'The audit stopped with an unexpected error (TypeError: x is not a function).',
    });
    expect(defects).toHaveLength(1);
  });

  test('a defect in one cluster ends the run if no observer is notified of it', async () => {
    const options = { concurrency: 1, optionsFor: () => ({ config, now: NOW }) };
    await expect(auditFleet([broken], options)).rejects.toThrow('x is not a function');
  });
});

describe('the budget of an invocation', () => {
  test('the budget of an invocation reserves time for what must happen in any case', () => {
    expect([900_000, 300_000, 60_000, 10_000].map(readingTime)).toEqual([780_000, 240_000, 30_000, 0]);
  });

  test('the budget of an invocation aborts when it is used up, with a reason that says what to do', async () => {
    jest.useFakeTimers();
    const budget = startBudget(60_000);
    await jest.advanceTimersByTimeAsync(29_000);
    expect(budget.signal.aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(budget.signal.reason).toMatchObject({ reason: 'out-of-time', remedy: /fleet mode/ });
  });

  test('the budget of an invocation ends each phase before the next one, and the mail gets half of the reserve', async () => {
    jest.useFakeTimers();
    const { signal, comparing, recording, notifying, close } = startBudget(60_000);
    const over: number[] = [];
    for (const one of [signal, comparing, recording, notifying]) {
      one.addEventListener('abort', () => over.push(Date.now()));
    }
    const begun = Date.now();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(over.map((at) => at - begun)).toEqual([30_000, 37_500, 45_000, 58_000]);
    close();
  });

  test('the budget of an invocation allows as many clusters at once as fit into memory', () => {
    expect([128, 512, 1024, 2048, 10_240].map(clustersAtOnce)).toEqual([1, 3, 8, 8, 8]);
  });
});

describe('a check of the time that is left', () => {
  test('the end of the budget is noticed during a long computation in which no timer fires', () => {
    const budget = startBudget(30_000);
    const long = startBudget(600_000);
    try {
      // The half minute is kept for what must happen in any case, so nothing is left for reading.
      expect(budget.signal.aborted).toBe(false);
      expect(isOver(budget.signal)).toBe(true);
      expect(isOver(budget.notifying)).toBe(false);
      expect(isOver(long.signal)).toBe(false);
    } finally {
      budget.close();
      long.close();
    }
  });

  test('a foreign abort signal is used as it is, and without a signal time never runs out', () => {
    const abort = new AbortController();
    expect(isOver(abort.signal)).toBe(false);
    abort.abort();
    expect(isOver(abort.signal)).toBe(true);
    expect(isOver(undefined)).toBe(false);
  });
});
