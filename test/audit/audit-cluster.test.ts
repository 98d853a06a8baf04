import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { auditCluster, judgeInventory } from '../../lambda/audit/audit-cluster.ts';
import type { Target } from '../../lambda/audit/target.ts';
import { openTargets } from '../../lambda/cli/targets.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import type { Inventory } from '../../lambda/inventory/inventory.ts';
import { NOW } from '../support/builders.ts';

const config = defaultConfig();
const options = { config, now: NOW };

/** The target, and what it hands over, with a copy of its list of classes. */
function watched(target: Target): { readonly target: Target; readonly read: () => readonly Inventory[] } {
  const read: Inventory[] = [];
  return {
    target: {
      identity: target.identity,
      collect: async (hooks) => {
        const inventory = await target.collect(hooks);
        read.push(inventory, { ...inventory, classes: [...inventory.classes] });
        return inventory;
      },
    },
    read: () => read,
  };
}

async function withSample(use: (targets: readonly Target[]) => Promise<void>): Promise<void> {
  const opened = await openTargets({ sample: true }, { now: NOW, stdin: new PassThrough(), config });
  try {
    await use(opened.targets);
  } finally {
    await opened.close();
  }
}

describe('a cluster that was read', () => {
  test('each pod class is released after it was judged, and the verdicts equal those of the whole inventory', () =>
    withSample(async (targets) => {
      for (const one of targets) {
        const { target, read } = watched(one);
        const { reading, ...result } = await auditCluster(target, options);
        expect(reading?.readAt).toBe(new Date(NOW).toISOString());
        const [judged, copy] = read();
        expect(copy?.classes.length).toBeGreaterThan(10);
        expect(new Set(judged?.classes)).toEqual(new Set([undefined]));
        expect(result).toEqual(judgeInventory(copy as Inventory, options));
      }
    }));

  test('reading a released pod class again fails instead of finding nothing', () =>
    withSample(async ([one]) => {
      const { target, read } = watched(one as Target);
      await auditCluster(target, options);
      expect(() => judgeInventory(read()[0] as Inventory, options)).toThrow(TypeError);
    }));

  test('workloads that are left when the time is up are not evaluated by any check', () =>
    withSample(async ([one]) => {
      const { target, read } = watched(one as Target);
      const whole = await auditCluster(target, options);
      const inventory = read()[1] as Inventory;
      let asked = 0;
      const stops = () => ++asked > 4;
      const part = judgeInventory(inventory, { ...options, stops });
      expect(part.findings.length).toBeLessThan(whole.findings.length);
      const ids = new Set(whole.findings.map(({ id }) => id));
      expect(part.findings.every(({ id }) => ids.has(id))).toBe(true);
      const left = part.notEvaluated.filter(({ reason }) => reason === 'out-of-time');
      const lost = whole.findings.filter(({ id }) => !part.findings.some((found) => found.id === id));
      for (const { check } of lost) expect(left.map((record) => record.check)).toContain(check);
      expect(left[0]).toMatchObject({
        workload: null,
        message: expect.stringMatching(/before \d+ workloads were judged/),
      });
    }));

  test('checks of objects are not evaluated when the time is up', () =>
    withSample(async ([one]) => {
      const { target, read } = watched(one as Target);
      await auditCluster(target, options);
      const inventory = read()[1] as Inventory;
      const part = judgeInventory(inventory, { ...options, stops: () => true });
      expect(part.findings).toEqual([]);
      expect(part.tallies.every(({ pass }) => pass === 0)).toBe(true);
      const late = part.notEvaluated.filter(({ reason }) => reason === 'out-of-time');
      expect(late.map(({ check }) => check)).toContain('mesh-service-entry-risky');
      expect(part.basis?.clean).toEqual([]);
    }));
});
