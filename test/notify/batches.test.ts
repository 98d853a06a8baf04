import { describe, expect, test } from '@jest/globals';
import { batches, type Refused, sendWithRetries } from '../../lambda/notify/batches.ts';

const LIMITS = { items: 3, bytes: 10 };
const cut = (sizes: readonly number[]) => [...batches(sizes, (size) => size, LIMITS)];

describe('batches', () => {
  test('batches hold as many items as are allowed, in order', () => {
    expect(cut([1, 1, 1, 1, 1, 1, 1])).toEqual([[1, 1, 1], [1, 1, 1], [1]]);
  });

  test('batches hold as many bytes as are allowed', () => {
    expect(cut([4, 6, 1, 9, 2])).toEqual([[4, 6], [1, 9], [2]]);
  });

  test('a batch holds an item that is too large alone, rather than losing it', () => {
    expect(cut([1, 99, 1])).toEqual([[1], [99], [1]]);
  });

  test('no items make no batches', () => {
    expect(cut([])).toEqual([]);
  });
});

describe('what is refused', () => {
  /** Refuses each item as often as told. */
  const refusing = (times: Map<string, number>, final = false) => {
    const sent: (readonly string[])[] = [];
    const send = async (batch: readonly string[]): Promise<readonly Refused<string>[]> => {
      sent.push(batch);
      return batch.flatMap((item) => {
        const left = times.get(item) ?? 0;
        times.set(item, left - 1);
        return left > 0 ? [{ item, reason: 'busy', final }] : [];
      });
    };
    return { sent, send };
  };
  const options = { attempts: 3, sleep: async () => {} };

  test('only refused items are sent again', async () => {
    const { sent, send } = refusing(new Map([['b', 1]]));
    expect(await sendWithRetries(['a', 'b', 'c'], send, options)).toEqual([]);
    expect(sent).toEqual([['a', 'b', 'c'], ['b']]);
  });

  test('an item that is refused in every attempt is reported in the end', async () => {
    const { sent, send } = refusing(new Map([['b', 99]]));
    expect(await sendWithRetries(['a', 'b'], send, options)).toMatchObject([{ item: 'b', reason: 'busy' }]);
    expect(sent).toHaveLength(3);
  });

  test('an item that is refused permanently is not sent again, and reported', async () => {
    const { sent, send } = refusing(new Map([['b', 99]]), true);
    expect(await sendWithRetries(['a', 'b'], send, options)).toMatchObject([{ item: 'b' }]);
    expect(sent).toHaveLength(1);
  });
});
