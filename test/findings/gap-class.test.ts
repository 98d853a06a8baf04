import { describe, expect, test } from '@jest/globals';
import {
  formerCoverage,
  type RecordedCoverage,
  recordCoverage,
} from '../../lambda/findings/former-coverage.ts';
import { classified, type GapContext } from '../../lambda/findings/gap-class.ts';
import type { NotEvaluated } from '../../lambda/findings/not-evaluated.ts';
import type { GapReason } from '../../lambda/inventory/gap.ts';
import { aFinding, aRecord, aResult, ref } from './builders.ts';

const MONDAY = '2026-11-02T06:00:00.000Z';
const TUESDAY = '2026-11-03T06:00:00.000Z';

const CART = 'shop/Deployment/cart';
const clean = (...names: readonly string[]) => ({
  clean: names.map(ref),
  checksOff: [],
  checksNotAsked: [],
  namespacesExcluded: [],
  noLongerAsked: [],
});

/** A run that judged these workloads and left these rows open. */
const runOf = (
  seen: readonly string[],
  rows: readonly NotEvaluated[] = [],
  before: RecordedCoverage | null = null,
) => recordCoverage(aResult({ basis: clean(...seen), notEvaluated: rows }), before);

function classOf(
  row: NotEvaluated,
  before: RecordedCoverage | null,
  changes: Partial<GapContext> = {},
): readonly [string | undefined, string | undefined] {
  const former = before === null ? null : formerCoverage(before);
  const context = { former, newVersion: false, isAccepted: () => false, now: TUESDAY, ...changes };
  const { gap, since } = classified(row, context);
  return [gap, since];
}

describe('the class of a gap', () => {
  test('a gap of a workload is lost where the last run judged that workload by that check', () => {
    expect(classOf(aRecord({ on: CART }), runOf([CART]))).toEqual(['lost', TUESDAY]);
  });

  test('a gap is judged in the last run also where the workload had a finding', () => {
    const before = recordCoverage(aResult({ findings: [aFinding({ on: CART })] }), null);
    expect(classOf(aRecord({ on: CART }), before)).toEqual(['lost', TUESDAY]);
  });

  test('a gap of the whole cluster is lost where the last run asked the check', () => {
    expect(classOf(aRecord(), runOf([CART]))).toEqual(['lost', TUESDAY]);
  });

  test('a gap is fixable in a first run, for a new workload, and for a check that was not asked', () => {
    expect(classOf(aRecord({ on: CART }), null)).toEqual(['fixable', TUESDAY]);
    expect(classOf(aRecord({ on: CART }), runOf(['shop/Deployment/web']))).toEqual(['fixable', TUESDAY]);
    expect(classOf(aRecord({ check: 'writable-host-path' }), runOf([CART]))).toEqual(['fixable', TUESDAY]);
  });

  test('a gap stays lost, and since the same time, until it is decided again', () => {
    const row = { ...aRecord({ on: CART }), gap: 'lost', since: MONDAY } as const;
    const before = runOf([CART], [row]);
    expect(classOf(aRecord({ on: CART }), before)).toEqual(['lost', MONDAY]);
    expect(classOf(aRecord({ on: CART, container: 'app' }), before)).toEqual(['lost', MONDAY]);
    expect(classOf(aRecord({ on: CART }), runOf([CART]))).toEqual(['lost', TUESDAY]);
  });

  test('a gap that was fixable stays so, with the time since when', () => {
    const row = { ...aRecord(), gap: 'fixable', since: MONDAY } as const;
    expect(classOf(aRecord({ on: CART }), runOf([CART], [row]))).toEqual(['fixable', MONDAY]);
  });

  test('a gap of one container says nothing of another one, nor of the whole workload', () => {
    const row = { ...aRecord({ on: CART, container: 'app' }), gap: 'fixable', since: MONDAY } as const;
    const before = runOf([CART], [row]);
    expect(classOf(aRecord({ on: CART, container: 'app' }), before)).toEqual(['fixable', MONDAY]);
    expect(classOf(aRecord({ on: CART, container: 'proxy' }), before)).toEqual(['lost', TUESDAY]);
    expect(classOf(aRecord({ on: CART }), before)).toEqual(['lost', TUESDAY]);
  });

  test.each<GapReason>(['platform', 'no-running-pod', 'no-digest', 'cache-time-only'])(
    'a gap for the reason %s is known, since no right, network or setting decides it',
    (reason) => {
      expect(classOf(aRecord({ on: CART, reason }), null)).toEqual(['known', TUESDAY]);
    },
  );

  test('a registry that is not listed is fixable: listing it decides', () => {
    expect(classOf(aRecord({ on: CART, reason: 'registry-not-read' }), null)).toEqual(['fixable', TUESDAY]);
  });

  test('a scan that has not settled is known the first time, and fixable where it stays so', () => {
    const row = aRecord({ on: CART, reason: 'scan-unsettled' });
    expect(classOf(row, null)).toEqual(['known', TUESDAY]);
    const told = { ...row, gap: 'known', since: MONDAY } as const;
    expect(classOf(row, runOf([CART], [told]))).toEqual(['fixable', MONDAY]);
  });

  test('a workload that moves to a platform that cannot be judged is lost once, then known', () => {
    const row = aRecord({ on: CART, reason: 'platform' });
    expect(classOf(row, runOf([CART]))).toEqual(['lost', TUESDAY]);
    const told = { ...row, gap: 'lost', since: MONDAY } as const;
    expect(classOf(row, runOf([CART], [told]))).toEqual(['known', MONDAY]);
  });

  test('a Job that has ended is never lost', () => {
    expect(classOf(aRecord({ on: CART, reason: 'no-running-pod' }), runOf([CART]))[0]).toBe('known');
  });

  test('a right that a new version asks for is fixable, and what else it does not decide is lost', () => {
    const changes = { newVersion: true };
    expect(classOf(aRecord({ reason: 'forbidden' }), runOf([CART]), changes)[0]).toBe('fixable');
    expect(classOf(aRecord({ reason: 'unreachable' }), runOf([CART]), changes)[0]).toBe('lost');
  });

  test('a gap that the configuration accepts is known, also where it was decided before', () => {
    expect(classOf(aRecord({ on: CART }), runOf([CART]), { isAccepted: () => true })[0]).toBe('known');
  });
});

describe('a gap of a workload where the whole cluster had one', () => {
  const accepted = { ...aRecord(), gap: 'known', since: MONDAY } as const;
  const decided = (pass: number) =>
    recordCoverage(
      {
        ...aResult({ basis: clean(CART), notEvaluated: [accepted] }),
        tallies: [{ check: 'pod-too-old', pass, fail: 0, notEvaluated: 1 }],
      },
      null,
    );

  test('is lost where its workload was decided beside it', () => {
    expect(classOf(aRecord({ on: CART }), decided(3))).toEqual(['lost', TUESDAY]);
    expect(classOf(aRecord({ on: 'shop/Deployment/web' }), decided(3))).toEqual(['fixable', TUESDAY]);
    expect(classOf(aRecord(), decided(3))).toEqual(['fixable', MONDAY]);
  });

  test('is fixable where nothing was decided, and new where the one of the cluster was accepted', () => {
    expect(classOf(aRecord({ on: CART }), decided(0))).toEqual(['fixable', TUESDAY]);
    expect(classOf(aRecord({ on: CART }), decided(0), { isAccepted: () => true })).toEqual(['known', MONDAY]);
  });

  test('is lost after a time in which the cluster could not be read, and that was accepted', () => {
    const unreachable = { ...accepted, reason: 'unreachable' } as const;
    const down = (before: RecordedCoverage) =>
      recordCoverage(aResult({ outcome: 'failed', notEvaluated: [unreachable] }), before);
    expect(classOf(aRecord({ on: CART }), down(runOf([CART])))).toEqual(['lost', TUESDAY]);
    expect(classOf(aRecord({ on: CART }), down(down(runOf([CART]))))).toEqual(['lost', TUESDAY]);
    expect(classOf(aRecord({ on: CART }), down(decided(0)))[0]).toBe('fixable');
  });

  test('is read as before from a state of an earlier version', () => {
    const { blocked: _, ...earlier } = decided(3);
    expect(classOf(aRecord({ on: CART }), earlier)[0]).toBe('fixable');
  });
});

describe('what is kept of a run that could not read the cluster', () => {
  const failed = (rows: readonly NotEvaluated[], before: RecordedCoverage | null) =>
    recordCoverage(aResult({ outcome: 'failed', notEvaluated: rows }), before);

  test('what was decided before is still known when the cluster can be read again', () => {
    const lost = { ...aRecord({ reason: 'unreachable' }), gap: 'lost', since: MONDAY } as const;
    const before = failed([lost], runOf([CART]));
    expect(classOf(aRecord({ reason: 'unreachable' }), before)).toEqual(['lost', MONDAY]);
    const again = runOf([CART], [], before);
    expect(classOf(aRecord({ on: CART }), again)).toEqual(['lost', TUESDAY]);
  });

  test('a gap of a workload keeps its time while the cluster cannot be read', () => {
    const open = { ...aRecord({ on: CART }), gap: 'fixable', since: MONDAY } as const;
    const before = failed([], runOf([CART], [open]));
    expect(classOf(aRecord({ on: CART }), before)).toEqual(['fixable', MONDAY]);
  });

  test('a cluster that was never read has lost nothing', () => {
    expect(classOf(aRecord({ reason: 'unreachable' }), failed([], null))[0]).toBe('fixable');
  });
});

test('coverage is kept in few bytes where many checks do not decide the same workloads', () => {
  const names = Array.from({ length: 2000 }, (_, i) => `shop/Deployment/w-${i}`);
  const checks = ['a', 'b', 'c', 'd', 'e'];
  const rows = checks.flatMap((check) => names.map((on) => aRecord({ on, check })));
  const { gaps, seen } = runOf(names, rows);
  expect(gaps).toHaveLength(1);
  expect(gaps[0]?.checks).toEqual(checks);
  expect(JSON.stringify({ gaps, seen }).length).toBeLessThan(2000 * 17);
});
