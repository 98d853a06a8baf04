import { expect, test } from '@jest/globals';
import { worstPatches } from '../../lambda/findings/drawn-patch.ts';

test('of workloads that are equally bad the first by name are kept, in whatever order clusters give them', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((workload) => ({ score: workload === 'c' ? 2 : 1, workload }));
  for (const order of [
    [a, b, c],
    [c, b, a],
    [b, a, c],
  ]) {
    expect(
      worstPatches(
        order.flatMap((one) => one ?? []),
        2,
      ),
    ).toEqual([c, a]);
  }
});
