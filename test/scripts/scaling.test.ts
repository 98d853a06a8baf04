import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SEVERITIES } from '../../lambda/severity.ts';
import { assumed, positive } from '../../scripts/scaling/asked-numbers.ts';
import { ASSUMPTIONS, type Numbers, numbersOf } from '../../scripts/scaling/assumptions.ts';
import { capacityOf, secondsPerCluster, shardsFor } from '../../scripts/scaling/capacity.ts';
import { monthlyCost, optionalCost, requestsOf, total, workOf } from '../../scripts/scaling/cost.ts';
import { measuredIn } from '../../scripts/scaling/measured.ts';
import { simulateFleet } from '../../scripts/scaling/simulate.ts';
import type { FleetOptions, Limit } from '../../scripts/scaling/simulated-fleet.ts';
import { tokenBucket } from '../../scripts/scaling/token-bucket.ts';
import { hub } from '../lib/deployed.ts';

const NUMBERS = numbersOf(ASSUMPTIONS);
const NO_LIMIT = 1e9;
const FREE: Numbers = {
  ...NUMBERS,
  eksBurst: NO_LIMIT,
  stsBurst: NO_LIMIT,
  startBurst: NO_LIMIT,
  lambdaConcurrency: NO_LIMIT,
  unreachable: 0,
};

const aFleet = (changed: Partial<FleetOptions> = {}): FleetOptions => ({
  clusters: 300,
  concurrency: 40,
  memory: 1769,
  seed: 1,
  numbers: { ...NUMBERS, places: 10 },
  ...changed,
});

const tally = (outcomes: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries([...Map.groupBy(outcomes, (one) => one)].map(([name, all]) => [name, all.length]));

describe('a simulated fleet', () => {
  test('a simulated fleet ends every cluster exactly once, however tight the limits are', () => {
    const limit = fc.integer({ min: 1, max: 60 });
    const limits = fc.record({
      eksBurst: limit,
      eksRate: limit,
      stsBurst: limit,
      stsRate: limit,
      startBurst: limit,
      startRate: limit,
      lambdaConcurrency: limit,
      lambdaScaling: limit,
      places: limit,
    });
    fc.assert(
      fc.property(limits, limit, fc.integer(), (numbers, concurrency, seed) => {
        const fleet = aFleet({ clusters: 120, concurrency, seed, numbers: { ...NUMBERS, ...numbers } });
        const { outcomes, mostAtOnce } = simulateFleet(fleet);
        expect(outcomes).toHaveLength(120);
        expect(mostAtOnce).toBeLessThanOrEqual(Math.min(concurrency, numbers.lambdaConcurrency));
      }),
      { numRuns: 40 },
    );
  });

  test('a simulated fleet is the same with the same seed, and differs with another seed', () => {
    expect(simulateFleet(aFleet())).toEqual(simulateFleet(aFleet()));
    expect(simulateFleet(aFleet({ seed: 2 })).pods).not.toBe(simulateFleet(aFleet()).pods);
  });

  test('a simulated fleet without throttling is never slower with more concurrency', () => {
    const times = [1, 2, 5, 20, 80, 400].map(
      (concurrency) => simulateFleet(aFleet({ concurrency, numbers: FREE })).audit,
    );
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(times.at(-1)).toBeLessThan((times[0] ?? 0) / 50);
  });

  test('a simulated fleet with a concurrency of one takes the sum of its clusters', () => {
    const numbers = {
      ...FREE,
      medianPods: 1000,
      meanPods: 1000,
      coldStart: 2,
      cpuPerPod: 0,
      bytesPerPod: 0,
      pageTime: 0,
    };
    const { audit, pods } = simulateFleet(aFleet({ clusters: 10, concurrency: 1, numbers }));
    expect(pods).toBe(10_000);
    expect(audit).toBeCloseTo(2 + 10 * (numbers.fixedTime + numbers.eksLatency), 6);
  });

  test('a simulated fleet never gets more through a limit than its bucket and its rate allow', () => {
    const numbers = { ...NUMBERS, places: 3, stsBurst: 20, stsRate: 5, startBurst: 50, startRate: 7 };
    const granted = new Map<string, number[]>();
    const onGranted = (limit: Limit, place: number, at: number): void => {
      const key = `${limit} ${place}`;
      granted.set(key, [...(granted.get(key) ?? []), at]);
    };
    simulateFleet(aFleet({ concurrency: 300, numbers, onGranted }));
    const bounds: Readonly<Record<string, readonly [burst: number, rate: number]>> = {
      eks: [numbers.eksBurst, numbers.eksRate],
      sts: [20, 5],
      start: [50, 7],
    };
    expect([...granted.keys()].sort()).toEqual(['eks 0', 'eks 1', 'eks 2', 'lambda 0', 'start 0', 'sts 0']);
    for (const [key, times] of granted) {
      const [burst, rate] = bounds[key.split(' ')[0] ?? ''] ?? [Number.POSITIVE_INFINITY, 0];
      for (const [from, start] of times.entries()) {
        for (const [more, end] of times.slice(from).entries()) {
          if (more + 1 > burst + rate * (end - start) + 1e-6)
            throw new Error(`${key}: ${more + 1} from ${start} to ${end}`);
        }
      }
    }
  });

  test('a simulated fleet waits for Lambda where the child workflows exceed the concurrent invocations', () => {
    const numbers = { ...FREE, lambdaConcurrency: 10 };
    const run = simulateFleet(aFleet({ clusters: 60, concurrency: 60, numbers }));
    expect(run.mostAtOnce).toBe(10);
    expect(run.refused.lambda).toBeGreaterThan(0);
  });

  test('a simulated fleet gives up an invocation that Lambda refuses nine times', () => {
    const numbers = { ...FREE, lambdaConcurrency: 1, fixedTime: 600 };
    const { outcomes } = simulateFleet(aFleet({ clusters: 10, concurrency: 10, numbers }));
    expect(tally(outcomes)['not invoked']).toBeGreaterThan(5);
  });

  test('a simulated fleet names clusters that are too large for one function, and those that do not answer', () => {
    const numbers = { ...FREE, medianPods: 1e8, meanPods: 1e8 };
    expect(tally(simulateFleet(aFleet({ clusters: 5, numbers })).outcomes)).toEqual({ 'out of time': 5 });
    const silent = { ...FREE, unreachable: 1 };
    expect(tally(simulateFleet(aFleet({ clusters: 5, numbers: silent })).outcomes)).toEqual({
      unreachable: 5,
    });
  });

  test('a simulated fleet audits nothing when discovery takes longer than the function timeout', () => {
    const numbers = { ...FREE, places: 1, eksLatency: 60 };
    expect(tally(simulateFleet(aFleet({ clusters: 200, numbers })).outcomes)).toEqual({ 'not invoked': 200 });
  });
});

describe('the cost of a month', () => {
  const of = (clusters: number, mode: 'single' | 'fleet') => ({ clusters, mode, memory: 1769 }) as const;

  test('is the sum of what is paid for, and computed by hand what it says', () => {
    const fleet = of(1_000, 'fleet');
    const work = workOf(fleet, NUMBERS);
    // 1,000 clusters and 40 accounts and regions are children, three transitions each; twelve states are the run's own.
    expect(work.transitions).toBe(1_040 * 3 + 12);
    const cost = monthlyCost(fleet, NUMBERS);
    expect(cost['Step Functions']).toBeCloseTo(30 * 3_132 * 0.000025, 9);
    expect(cost['S3 requests']).toBeCloseTo(30 * ((12_000 + 120) * 0.000005 + 10_000 * 0.0000004), 9);
    expect(cost['Lambda']).toBeGreaterThan(30 * 1_000 * 8 * (1769 / 1024) * 0.0000133334);
    expect(total(cost)).toBeCloseTo(
      Object.values(cost).reduce((sum, part) => sum + part),
      9,
    );
    expect(Object.values(cost).every((part) => part > 0)).toBe(true);
  });

  test('is what README.md and docs/operations.md say in round numbers', () => {
    const [hundred, thousand, most] = [of(100, 'single'), of(1_000, 'fleet'), of(10_000, 'fleet')].map(
      (size) => total(monthlyCost(size, NUMBERS)),
    ) as [number, number, number];
    const hub = optionalCost(of(10_000, 'fleet'), NUMBERS)['Security Hub'] ?? 0;
    const tens = (value: number): number => Math.round(value / 10) * 10;
    const text = (file: string): string =>
      readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').replace(/\s+/g, ' ');
    expect(text('docs/operations.md')).toContain(
      `About $${Math.round(hundred)} for up to 100 clusters in one function, $${Math.round(thousand)} for 1,000 and $${tens(most)} for 10,000 clusters`,
    );
    expect(text('docs/operations.md')).toContain(`$${tens(hub)} for 10,000 clusters of 100 findings`);
    expect(text('README.md')).toContain(`about $${Math.round(hundred)} a month for up to 100 clusters`);
    expect(text('README.md')).toContain(`About $${tens(most)} for 10,000 clusters as a fleet`);
  });

  test('is what docs/networking.md says of the endpoints that the default configuration needs', () => {
    const page = readFileSync(new URL('../../docs/networking.md', import.meta.url), 'utf8');
    const [single, fleet] = [of(100, 'single'), of(1_000, 'fleet')].map((size) =>
      Math.round(optionalCost(size, NUMBERS)['endpoints of a VPC'] ?? 0),
    );
    expect(page).toContain(`about $${single} a month, as a fleet 4 of them, $${fleet}.`);
  });

  test('has the free findings of each account and region, the batches and the rate of Security Hub', () => {
    // 10,000 clusters in 400 places: 30 million findings, of which 4 million are free.
    expect(optionalCost(of(10_000, 'fleet'), NUMBERS)['Security Hub']).toBeCloseTo(26_000_000 * 0.00003, 6);
    expect(optionalCost(of(1, 'single'), NUMBERS)['Security Hub']).toBe(0);
    const { securityHub, securityHubSeconds } = requestsOf(of(10_000, 'fleet'), NUMBERS);
    expect([securityHub, securityHubSeconds]).toEqual([10_000, 2.5]);
  });

  test('grows with clusters in every line but those of keys, metrics, alarms and endpoints', () => {
    const [small, large] = [of(1_000, 'fleet'), of(10_000, 'fleet')].map((size) => ({
      ...monthlyCost(size, NUMBERS),
      ...optionalCost(size, NUMBERS),
    }));
    const grown = Object.keys(small ?? {}).filter((what) => (large?.[what] ?? 0) > 4 * (small?.[what] ?? 0));
    expect(grown).toEqual([
      'Lambda',
      'Step Functions',
      'S3 requests',
      'S3 storage',
      'CloudWatch logs',
      'Security Hub',
      'EventBridge',
      'Athena',
      'endpoints of private clusters, by traffic',
    ]);
  });
});

describe('a token bucket', () => {
  test('a token bucket gives its burst at once, then one token per refill, and saves no more than the burst', () => {
    const bucket = tokenBucket({ burst: 2, rate: 1 });
    expect([0, 0, 0, 0.5, 1, 1, 100, 100, 100].map((at) => bucket.take(at))).toEqual([
      true,
      true,
      false,
      false,
      true,
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('the capacity of one function', () => {
  test('the capacity of one function is bound by memory where there is little, and by time where there is much', () => {
    expect(capacityOf(512, NUMBERS).boundBy).toBe('memory');
    expect(capacityOf(10_240, NUMBERS).boundBy).toBe('time');
    expect(capacityOf(128, { ...NUMBERS, baseMemory: 200 }).pods).toBe(0);
  });

  test('the capacity of one function grows with memory up to one vCPU, and decides in how many parts a cluster is read', () => {
    const fastServer = { ...NUMBERS, pageTime: 0 };
    const [small, one, large] = [884, 1769, 3538].map(
      (memory) => capacityOf(memory, fastServer).podsPerSecond,
    );
    expect(one).toBeGreaterThan((small ?? 0) * 1.5);
    expect(large).toBe(one);
    expect(capacityOf(1769, NUMBERS).podsPerSecond).toBeCloseTo(500 / NUMBERS.pageTime, 6);
    const capacity = { ...capacityOf(1769, NUMBERS), pods: 1000 };
    expect([0, 1000, 1001, 5000].map((pods) => shardsFor(pods, capacity))).toEqual([1, 1, 2, 5]);
  });
});

describe('many clusters in one function', () => {
  test('clusters in one function wait in parallel and compute one after the other', () => {
    const waiting = { ...NUMBERS, fixedTime: 8, meanPods: 0 };
    expect(secondsPerCluster(1769, 8, waiting)).toBe(1);
    const computing = { ...NUMBERS, fixedTime: 0, cpuPerPod: 1000, slower: 1, meanPods: 1000 };
    expect(secondsPerCluster(1769, 8, computing)).toBeCloseTo(1, 6);
  });
});

describe('a measurement', () => {
  test('a measurement of two sizes gives the cost of a pod and a line of memory', () => {
    const MIB = 1024 ** 2;
    const measurements = [
      { pods: 1000, cpuMs: 100, peakRss: 200 * MIB, bytes: 7_000_000 },
      { pods: 11_000, cpuMs: 550, peakRss: 300 * MIB, bytes: 77_000_000 },
    ];
    const { cpuPerPod, memoryPerPod, baseMemory, bytesPerPod } = measuredIn(JSON.stringify({ measurements }));
    expect([cpuPerPod, bytesPerPod]).toEqual([50, 7]);
    expect(memoryPerPod).toBeCloseTo(10.24, 6);
    expect(baseMemory).toBeCloseTo(190, 6);
  });

  test('a measurement of one size is refused', () => {
    expect(() => measuredIn('{"measurements": [{"pods": 1}]}')).toThrow('two sizes');
  });
});

describe('a number that is asked for', () => {
  test('takes the place of an assumption, by its name', () => {
    expect(assumed('priceScan=0.006')).toEqual({ priceScan: 0.006 });
    expect(assumed('findings=0')).toEqual({ findings: 0 });
  });

  test.each(['priceScan', 'priceScan=', '=1', 'price=1', 'toString=1'])('that is %s is refused', (text) => {
    expect(() => assumed(text)).toThrow(/^Give NAME=NUMBER; the first table/);
  });

  test.each(['priceScan=-1', 'priceScan=x', 'priceScan=Infinity', 'priceScan= ', 'priceScan=1=2'])(
    'that is %s is refused as a number',
    (text) => {
      expect(() => assumed(text)).toThrow('Give a number for priceScan, from 0 on.');
    },
  );

  test.each(['places=0', 'clustersOfPlace=0', 'hubBatch=0', 'eksRate=-1'])(
    'that is %s is refused where the model divides by it',
    (text) => {
      expect(() => assumed(text)).toThrow(/^Give a number for \w+, above 0\.$/);
    },
  );

  test.each(['0', '-1', 'x', '1.5', ''])('%s is no count of clusters', (text) => {
    expect(() => positive(text)).toThrow('Give a whole number above 0.');
  });
});

describe('what the costs count', () => {
  const metricsOf = (yaml: string): number =>
    Object.values(hub(yaml).findResources('AWS::CloudWatch::Alarm')).reduce(
      (sum, { Properties: { Metrics } }) =>
        sum + (Metrics?.filter((one: object) => 'MetricStat' in one).length ?? 1),
      0,
    );

  test('is what alarms of the templates look at, with recipients of their own as docs/operations.md has them', () => {
    const { alarmMetrics } = NUMBERS;
    const alarms = 'alarms: { emails: [on-call@example.com] }';
    expect(metricsOf(`deployment: { mode: fleet, ${alarms} }`)).toBe(alarmMetrics);
    expect(metricsOf(`deployment: { ${alarms} }`)).toBe(alarmMetrics - 6);
  });

  test('is what handlers write', () => {
    const written = (file: string): number =>
      readFileSync(file, 'utf8').match(/(?<![\w.])count\('|metrics\.addMetric\('/g)?.length ?? 0;
    // Four severities are written in one line.
    expect(written('lambda/handlers/run-metrics.ts') + SEVERITIES.length).toBe(NUMBERS.runMetrics);
  });
});
