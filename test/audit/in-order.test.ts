import { expect, test } from '@jest/globals';
import { inOrder } from '../../lambda/in-parallel.ts';

test('results come in the order of their work, with no more begun than allowed, and a failure ends it', async () => {
  let open = 0;
  let most = 0;
  let begun = 0;
  const work = [30, 1, 10, 1, 1, 20, 1].map((ms, index) => async () => {
    begun++;
    most = Math.max(most, ++open);
    await new Promise((resolve) => setTimeout(resolve, ms));
    open--;
    if (index === 4) throw new Error('the fifth');
    return index * 10;
  });
  const seen: number[] = [];
  const all = (async () => {
    for await (const [index, result] of inOrder(work, 2)) seen.push(index, result);
  })();
  await expect(all).rejects.toThrow('the fifth');
  expect(seen).toEqual([0, 0, 1, 10, 2, 20, 3, 30]);
  expect([most, begun]).toEqual([2, 6]);
});
