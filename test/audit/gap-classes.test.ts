import { describe, expect, test } from '@jest/globals';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import type { Notice } from '../../lambda/notify/notifier.ts';
import { lastCoverage } from '../../lambda/run/last-coverage.ts';
import { aRecord, aResult, PROD, ref } from '../findings/builders.ts';
import { memoryStore } from '../store/memory-store.ts';
import { config, deliver, linesOf, runOf } from './recording.ts';

const CART = 'shop/Deployment/cart';

const judged = (changes: Partial<ClusterResult> = {}): ClusterResult =>
  aResult({
    basis: {
      clean: [ref(CART)],
      checksOff: [],
      checksNotAsked: [],
      namespacesExcluded: [],
      noLongerAsked: [],
    },
    ...changes,
  });

const denied = judged({ notEvaluated: [aRecord({ message: 'This identity may not list pods.' })] });
const unreachable = aResult({
  outcome: 'failed',
  notEvaluated: [aRecord({ reason: 'unreachable' })],
});

/** Runs of one cluster on these days; what the last mail and the watch say. */
async function afterRuns(days: Readonly<Record<number, ClusterResult>>, given = config) {
  const store = memoryStore();
  const mails: Notice[] = [];
  for (const [day, result] of Object.entries(days)) {
    await deliver({ store, run: runOf(Number(day)), results: [result], config: given, mails });
  }
  const last = mails.at(-1);
  const rows = last?.run.clusters.flatMap(({ notEvaluated }) => notEvaluated) ?? [];
  const kept = [...store.objects].find(([key]) =>
    key.endsWith(`${last?.run.run.id}/not-evaluated.ndjson.gz`),
  );
  return {
    gaps: rows.map(({ gap, since }) => `${gap} ${since?.slice(0, 10)}`),
    stored: kept === undefined || rows.length === 0 ? [] : linesOf(kept[1]),
    watch: await lastCoverage(store),
  };
}

describe('gaps over several runs', () => {
  test('a right that was taken away is lost since the first run without it, until it is given back', async () => {
    expect(await afterRuns({ 1: judged(), 8: denied, 15: denied })).toMatchObject({
      gaps: ['lost 2026-03-08'],
      stored: [{ gap: 'lost', since: '2026-03-08T06:00:00.000Z' }],
      watch: { notAudited: 0, lost: 1 },
    });
    expect(await afterRuns({ 1: judged(), 8: denied, 15: judged() })).toMatchObject({
      gaps: [],
      watch: { notAudited: 0, lost: 0 },
    });
  });

  test('a right that was never given is fixable since the first run, which is no alarm', async () => {
    expect(await afterRuns({ 1: denied, 8: denied })).toMatchObject({
      gaps: ['fixable 2026-03-01'],
      watch: { notAudited: 0, lost: 0 },
    });
  });

  test('a cluster without findings that cannot be reached is lost since then', async () => {
    expect(await afterRuns({ 1: judged(), 8: unreachable, 15: unreachable })).toMatchObject({
      gaps: ['lost 2026-03-08'],
      watch: { notAudited: 1, lost: 0 },
    });
  });

  test('a gap that the configuration accepts is known, and no alarm speaks of it', async () => {
    const accepted = {
      ...config,
      acceptedGaps: [
        {
          reason: 'unreachable' as const,
          match: { clusters: [PROD.name], namespaces: null, checks: null },
          owner: 'a',
          because: 'b',
          expires: '2026-12-31',
        },
      ],
    };
    expect(await afterRuns({ 1: judged(), 8: unreachable }, accepted)).toMatchObject({
      gaps: ['known 2026-03-08'],
      watch: { notAudited: 0, lost: 0 },
    });
  });
});
