import { describe, expect, test } from '@jest/globals';
import { ageBucket, joinPopulations } from '../../lambda/findings/population.ts';

const NOW = Date.parse('2026-03-02T06:00:00Z');
const DAY = 86_400_000;

describe('the age of pods', () => {
  test.each([
    [-1, 0],
    [0, 0],
    [0.99, 0],
    [1, 1],
    [6.9, 1],
    [7, 2],
    [30, 3],
    [90, 4],
    [400, 4],
  ])('a pod of %d days is counted at %d', (days, bucket) => {
    expect(ageBucket(NOW - days * DAY, NOW)).toBe(bucket);
  });
});

describe('the population of a cluster that was audited in parts', () => {
  const part = (namespace: string, pods: number) => ({
    ages: [pods, 0, 0, 0, 0, 1],
    namespaces: [{ namespace, workloads: 1, pods }],
  });

  test('parts add up', () => {
    expect(joinPopulations([part('b', 2), part('a', 3)])).toEqual({
      ages: [5, 0, 0, 0, 0, 2],
      namespaces: [
        { namespace: 'a', workloads: 1, pods: 3 },
        { namespace: 'b', workloads: 1, pods: 2 },
      ],
    });
  });

  test('a part that does not say what runs leaves the whole open', () => {
    expect(joinPopulations([part('a', 1), undefined])).toBeUndefined();
  });
});
