import { describe, expect, test } from '@jest/globals';
import { hoursSinceLastRun } from '../../lambda/run/last-run.ts';
import { memoryStore } from '../store/memory-store.ts';

const NOW = Date.parse('2026-03-02T06:00:00Z');
const summaryAt = (startedAt: string): string => JSON.stringify({ run: { id: startedAt, startedAt } });
const latest = (startedAt: string) =>
  memoryStore({ objects: new Map([['latest/summary.json', Buffer.from(summaryAt(startedAt))]]) });

describe('a run that lies in the future', () => {
  test('a run in the future gives no time of the last run, so that the alarm fires', async () => {
    expect(await hoursSinceLastRun(latest('2026-03-02T04:00:00Z'), NOW)).toBe(2);
    expect(await hoursSinceLastRun(latest('2026-03-02T07:00:00Z'), NOW)).toBe(-1);
    expect(await hoursSinceLastRun(latest('2099-01-01T00:00:00Z'), NOW)).toBeNull();
  });
});
