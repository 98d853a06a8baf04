import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { DEEP, runs } from '../support/runs.ts';
import { faultClusters } from './cluster.ts';
import { FAULTS, formOf } from './faults.ts';
import { wrongsOf } from './judge.ts';
import { type FaultBench, type Schedule, startFaultBench } from './run-schedule.ts';

interface Subject {
  readonly bench: FaultBench;
  readonly sound: ClusterResult;
  readonly paths: ReadonlyMap<string, number>;
}

const subjects = new Map<string, Subject>();

beforeAll(async () => {
  for (const cluster of faultClusters()) {
    const bench = await startFaultBench(cluster);
    const { result, paths } = await bench.audit(() => null);
    subjects.set(cluster.name, { bench, sound: result, paths });
  }
});

const report = { met: 0, unmet: 0 };

afterAll(async () => {
  for (const { bench } of subjects.values()) await bench.close();
  console.info(`fault schedules that met a request: ${report.met} (${report.unmet} met none)`);
});

/** More than what stalls needs with all its attempts, on a busy machine, too. */
const HANGS_MS = 180_000;

async function inTime<T>(work: Promise<T>): Promise<T | 'hangs'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'hangs'>((resolve) => {
    timer = setTimeout(resolve, HANGS_MS, 'hangs');
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Only what stalls has to be waited for, and a machine that is busy must not read as a server that stalls. */
const patienceFor = (name: string): number | undefined =>
  name.startsWith('a stall') ? 300 : name.startsWith('mix') ? 2_000 : undefined;

async function judge(
  { bench, sound }: Subject,
  name: string,
  schedule: Schedule,
): Promise<readonly string[]> {
  try {
    const outcome = await inTime(bench.audit(schedule, patienceFor(name)));
    if (outcome === 'hangs') return [`${name}: hangs`];
    if (outcome.met.length === 0) {
      report.unmet++;
      return [];
    }
    report.met++;
    const wrong = wrongsOf(sound, outcome.result);
    const more = wrong.length > 3 ? [`${name}: and ${wrong.length - 3} more`] : [];
    return [...wrong.slice(0, 3).map((one) => `${name}: ${one}`), ...more];
  } catch (error) {
    return [`${name}: crashes: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  }
}

interface Named {
  readonly name: string;
  readonly schedule: Schedule;
}

const WHEN: readonly (readonly [string, (index: number) => boolean])[] = [
  ['once', (index) => index === 0],
  ['later', (index) => index === 1],
  ['always', () => true],
];

/** Every fault on every path, and on all at once. */
const single = ({ paths }: Subject): readonly Named[] =>
  FAULTS.flatMap((fault) => [
    ...[...paths]
      .filter(([path]) => fault.form === undefined || fault.form === formOf(path))
      .flatMap(([path, asked]) =>
        WHEN.filter(([when]) => when !== 'later' || asked > 1).map(
          ([when, meets]): Named => ({
            name: `${fault.name}, ${when}, at ${path}`,
            schedule: (request) => (request.path === path && meets(request.index) ? fault : null),
          }),
        ),
      ),
    { name: `${fault.name} everywhere`, schedule: () => fault },
    {
      name: `${fault.name} in all of discovery`,
      schedule: ({ path }) => (formOf(path) === 'discovery' ? fault : null),
    },
  ]);

/** The n-th request of a path fares alike in each run, in whatever order requests arrive. */
function mix(seed: number): Named {
  return {
    name: `mix ${seed}`,
    schedule: ({ path, index }) => {
      const random = mulberry32(hashOf(`${seed} ${path} ${index}`));
      if (random() >= 0.2) return null;
      const fitting = FAULTS.filter(({ form }) => form === undefined || form === formOf(path));
      return fitting[Math.floor(random() * fitting.length)] ?? null;
    },
  };
}

function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  const random = mulberry32(seed);
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/**
 * How many schedules that meet a request each test judges (`npm run test:deep`: 240). There are some 6,000; `FAULT_SCHEDULES=6000` judges all
 * of them, and `FAULT_SEED` takes others.
 */
const QUOTA = Number(process.env['FAULT_SCHEDULES'] ?? runs(240) / (DEEP ? 1 : 2));
const SEED = Number(process.env['FAULT_SEED'] ?? 12);

async function judgeSome(
  subject: Subject,
  schedules: readonly Named[],
  quota: number,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const enough = report.met + quota;
  for (const { name, schedule } of schedules) {
    if (report.met >= enough) break;
    wrong.push(...(await judge(subject, name, schedule)));
  }
  return wrong;
}

describe('an audit under faults', () => {
  test.each(['shop', 'analytics'])(
    'an audit of %s under faults has the same result as without them, or names what it could not decide',
    async (name) => {
      const subject = subjects.get(name) as Subject;
      expect(subject.sound.outcome).toBe('audited');
      expect(subject.paths.size).toBeGreaterThan(10);
      expect(subject.sound.notEvaluated.filter(({ workload }) => workload === null)).toEqual([]);
      expect(subject.sound.findings.length).toBeGreaterThan(20);
      expect(await judgeSome(subject, shuffled(single(subject), SEED), QUOTA)).toEqual([]);
    },
    3_600_000,
  );

  test.each(['shop', 'analytics'])(
    'an audit of %s under several faults at once has the same result, or names what it could not decide',
    async (name) => {
      const mixes = Array.from({ length: QUOTA }, (_, index) => mix(SEED * 10_000 + index));
      expect(await judgeSome(subjects.get(name) as Subject, mixes, QUOTA / 5)).toEqual([]);
    },
    3_600_000,
  );

  test('the faults hit requests often enough to be a test', () => {
    expect(report.met).toBeGreaterThanOrEqual(Math.min(500, QUOTA * 2.2));
  });
});

/** FNV-1a. */
const hashOf = (text: string): number =>
  [...text].reduce((hash, char) => Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193), 0x811c9dc5);

/** A small generator of numbers from 0 to 1, the same ones for a seed. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
