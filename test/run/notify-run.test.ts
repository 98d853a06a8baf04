import { describe, expect, test } from '@jest/globals';
import { AuditorError } from '../../lambda/errors.ts';
import type { Notifier } from '../../lambda/notify/notifier.ts';
import { notifyRun } from '../../lambda/run/notify-run.ts';
import { aNotice } from '../notify/a-notice.ts';
import { aRun } from '../report/builders.ts';
import { memoryStore } from '../store/memory-store.ts';

const notice = aNotice(aRun([]));
const options = { attempt: 'one', sleep: async () => {} };

function counting(work: () => Promise<void> = async () => {}): Notifier & { readonly calls: number } {
  let calls = 0;
  return {
    name: 'sns',
    get calls() {
      return calls;
    },
    notify: () => {
      calls++;
      return work();
    },
  };
}

describe('a marker', () => {
  test('a marker that others change again and again is left to them after a few attempts', async () => {
    let writes = 0;
    const putIf = async () => {
      writes++;
      return null;
    };
    const store = { ...memoryStore(), putIf };
    const mail = counting();
    const [delivery] = await notifyRun(store, notice, [mail], options);
    expect(delivery?.outcome).toBe('failed');
    expect(delivery?.error?.message).toMatch(/^Other deliveries of the run kept changing memory:\/\//);
    expect([mail.calls, writes]).toEqual([0, 5]);
  });

  test('a marker that the store refuses does not prevent the notification, once per delivery', async () => {
    const denied = async (): Promise<never> => {
      throw new AuditorError('s3:PutObject failed (AccessDenied).');
    };
    const store = { ...memoryStore(), put: denied, putIf: denied };
    const mail = counting();
    const [delivery] = await notifyRun(store, notice, [mail], options);
    expect([mail.calls, delivery?.outcome, delivery?.error?.message]).toEqual([
      1,
      'sent',
      's3:PutObject failed (AccessDenied).',
    ]);
  });

  test('a marker records that the notification was sent right after it was sent', async () => {
    const asked: string[] = [];
    const store = memoryStore({ beforeRead: (key) => void asked.push(`read ${key}`) });
    const mail = counting(async () => void asked.push('sent'));
    const put: typeof store.put = (key, ...rest) => {
      asked.push('noted');
      return store.put(key, ...rest);
    };
    await notifyRun({ ...store, put }, notice, [mail], options);
    expect(asked.slice(-2)).toEqual(['sent', 'noted']);
  });
});

describe('a target that does not answer', () => {
  const silent: Notifier = { name: 'security-hub', notify: () => new Promise(() => {}) };

  test('a notification that takes too long is cancelled, and the next one sent', async () => {
    const mail = counting();
    const deliveries = await notifyRun(memoryStore(), notice, [silent, mail], { ...options, targetMs: 50 });
    expect(deliveries.map(({ outcome }) => outcome)).toEqual(['failed', 'sent']);
    expect(deliveries[0]?.error?.message).toMatch(/^The notification by security-hub took too long/);
  });

  test('a target that does not answer is given up when the function ends', async () => {
    const notifying = AbortSignal.timeout(50);
    const deliveries = await notifyRun(memoryStore(), notice, [silent, counting()], {
      ...options,
      notifying,
    });
    expect(deliveries.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
  });
});
