import { getEventListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { timeLimit } from '../lambda/time-limit.ts';

test('a limit that passes fires, and can be distinguished from the signal around it', async () => {
  const outer = new AbortController();
  const limit = timeLimit(5, outer.signal);
  await wait(20);
  expect([limit.signal.aborted, limit.hasPassed()]).toEqual([true, true]);
});

test.each(['before', 'after'])('a signal that fires %s the limit is set ends it with its reason', (when) => {
  const outer = new AbortController();
  const reason = new Error('enough');
  if (when === 'before') outer.abort(reason);
  const limit = timeLimit(10_000, outer.signal);
  outer.abort(reason);
  expect([limit.signal.reason, limit.hasPassed()]).toEqual([reason, false]);
  limit.end();
});

test.each(['time', 'signal'])('a limit with a custom reason fires with it, whether by %s', async (by) => {
  const outer = new AbortController();
  const reason = new Error('too late');
  const limit = timeLimit(by === 'time' ? 5 : 10_000, outer.signal, reason);
  if (by === 'signal') outer.abort(new Error('enough'));
  else await wait(20);
  expect(limit.signal.reason).toBe(reason);
  limit.end();
});

test('a limit that has ended neither fires nor listens', async () => {
  const outer = new AbortController();
  const limit = timeLimit(5, outer.signal);
  limit.end();
  await wait(20);
  expect([limit.signal.aborted, limit.hasPassed()]).toEqual([false, false]);
  expect(getEventListeners(outer.signal, 'abort')).toEqual([]);
});
