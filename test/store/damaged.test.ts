import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { openLayers } from '../../lambda/store/layer-state.ts';
import { readState } from '../../lambda/store/state.ts';
import { memoryStore } from './memory-store.ts';

const KEY = 'state/x';

const stored = (...lines: readonly unknown[]) =>
  memoryStore({
    objects: new Map([[KEY, gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))]]),
  });

const cluster = { name: 'prod', arn: null };
const header = { stateVersion: 2, run: 'r', cluster, findings: 1 };

describe('a stored object that another program has changed', () => {
  test.each([
    [{ ...header, run: 7 }, 'run must be a text, not the number 7'],
    [{ ...header, findings: -1 }, 'findings must be at least 0, not the number -1'],
    [{ ...header, cluster: { arn: null } }, 'cluster.name is required: a text'],
    [[], 'it must be an object, not a list'],
  ])('what is wrong with the state %j is said in words of the product', async (first, problem) => {
    await expect(readState(stored(first), KEY, 'prod')).rejects.toThrow(
      `The state of cluster prod in memory://${KEY} cannot be read: ${problem}.`,
    );
  });

  test('what is wrong with a finding of a state is said likewise', async () => {
    await expect(readState(stored(header, { id: 'a' }), KEY, 'prod')).rejects.toThrow(
      `The state of cluster prod in memory://${KEY} cannot be read: check is required: a text.`,
    );
  });

  test('what is wrong with measured layers is said likewise', async () => {
    const layers = { layersVersion: 1, run: 'r', at: '2027-01-01T00:00:00Z' };
    const message = (problem: string): string =>
      `The layers that the last run measured, in memory://${KEY}, cannot be read: ${problem}.`;
    await expect(openLayers(stored({ ...layers, at: null }), KEY)).rejects.toThrow(
      message('at has no value; it must be a text'),
    );
    const open = await openLayers(stored(layers, { workload: 'web' }), KEY);
    await expect(open?.rows().next()).rejects.toThrow(message('workload must be an object, not "web"'));
  });
});
