import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { recordProblems } from '../audit/recording.ts';
import { type AwsFleet, startAwsFleet } from './support/aws-fleet.ts';
import type { Invocation } from './support/invoke-scheduled-audit.ts';
import { bundle, type Ended, runKillable } from './support/killable.ts';
import type { Mail } from './support/mailbox.ts';
import type { Objects } from './support/run-records.ts';

const WEEK = 7 * 24 * 60 * 60_000;
const NOW = Math.floor(Date.now() / 1000) * 1000;
const KILLS_BY_TIME = 2;
const KILLS_BY_REQUEST = 8;

let fleet: AwsFleet;
let program: string;

beforeAll(async () => {
  fleet = await startAwsFleet(new Date(NOW));
  const { folder } = fleet.environment.cluster.certificates;
  program = await bundle(
    new URL('support/invoke-scheduled-audit.ts', import.meta.url),
    join(folder, 'invoke-scheduled-audit.mjs'),
  );
});

afterAll(() => fleet?.stop());

/** When a process is killed: milliseconds after its work began, or in the middle of a request to the bucket. */
interface Kill {
  readonly after?: number;
  readonly atRequest?: number;
}

function invoke(week: number, kill: Kill = {}): Promise<Ended> {
  const time = NOW + week * WEEK;
  const invocation: Invocation = {
    scheduledTime: new Date(time).toISOString(),
    now: time + 5_000,
    patience: 1_500,
    ...(kill.atRequest === undefined ? {} : { killAtRequest: kill.atRequest }),
  };
  return runKillable(program, {
    args: [JSON.stringify(invocation)],
    env: fleet.env,
    begun: 'BEGUN',
    ...(kill.after === undefined ? {} : { killAfter: kill.after }),
  });
}

/**
 * Kills a run that begins from `before`. It may end before its moment has come, on a machine that has become faster
 * since the undisturbed run, or since it asked for less again: then it begins again and is killed earlier.
 */
async function invokeKilled(kill: Kill, before: Objects): Promise<void> {
  for (let moment: Kill | null = kill; moment !== null; moment = earlier(moment)) {
    await fleet.bucket.reset(before);
    const { killed } = await invoke(1, moment);
    if (killed) return;
    await fleet.mailbox.receive();
  }
  throw new Error(`The run ended before ${JSON.stringify(kill)}, and before every earlier moment.`);
}

function earlier({ after, atRequest }: Kill): Kill | null {
  if (after !== undefined) return after < 10 ? null : { after: after / 2 };
  return atRequest === undefined || atRequest < 2 ? null : { atRequest: atRequest - 1 };
}

/** Ten random moments, spread over the whole run: while clusters are read, and over what is written. */
function moments(undisturbed: Ended): readonly Kill[] {
  const { requests } = JSON.parse(
    undisturbed.stdout.split('\n').find((line) => line.startsWith('{"report"')) ?? '',
  );
  const at = (kill: number, kills: number, length: number) => ((kill + Math.random()) / kills) * length;
  return [
    ...Array.from({ length: KILLS_BY_TIME }, (_, kill) => ({
      after: at(kill, KILLS_BY_TIME, undisturbed.milliseconds / 2),
    })),
    ...Array.from({ length: KILLS_BY_REQUEST }, (_, kill) => ({
      atRequest: 1 + Math.floor(at(kill, KILLS_BY_REQUEST, requests)),
    })),
  ];
}

/** Everything but who has told whom. */
const content = (objects: Objects): Objects =>
  new Map([...objects].filter(([key]) => !key.includes('/sent/')));

/** Something new, so that there is news to lose. */
async function changeCluster(): Promise<void> {
  const { admin } = fleet.environment.cluster;
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'fresh', namespace: 'default' },
    spec: { containers: [{ name: 'app', image: 'app' }] },
  };
  await admin.apply(object);
  await admin.applyStatus(object, { phase: 'Running', startTime: new Date(NOW).toISOString() });
}

const logOf = ({ stdout, stderr }: Ended): string => `${stdout}\n${stderr}`;

function expectDone(ended: Ended): void {
  if (ended.code !== 0) throw new Error(`The invocation failed:\n${logOf(ended)}`);
}

/** What a log must tell, and what it must not. */
function expectSafeLog(ended: Ended): void {
  const log = logOf(ended);
  const { auditorCredentials } = fleet.environment;
  const secrets = ['k8s-aws-v1.', auditorCredentials.secretAccessKey, auditorCredentials.sessionToken];
  for (const secret of secrets) expect(log.includes(secret)).toBe(false);
  const lines = log
    .split('\n')
    .filter((line) => line.startsWith('{"level"'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.length).toBeGreaterThan(4);
  expect(lines.every(({ run }) => typeof run === 'string')).toBe(true);
  const audited = lines.filter(({ message }) => /^A cluster (?:was|could)/.test(String(message)));
  expect(audited.map(({ cluster }) => cluster).sort()).toEqual(Object.values(fleet.clusters).sort());
  const metrics = JSON.parse(log.split('\n').find((line) => line.includes('"_aws"')) ?? '{}');
  expect(metrics).toMatchObject({
    AuditedClusters: 2,
    FailedClusters: 1,
    RunCompleted: 1,
    DigestUndelivered: 0,
  });
}

test('a run that is killed at ten moments, each time repeated, ends in the same state as an undisturbed one', async () => {
  const first = await invoke(0);
  expectDone(first);
  expectSafeLog(first);
  await fleet.mailbox.receive();
  const before = await fleet.bucket.objects();
  await changeCluster();

  const undisturbed = await invoke(1);
  expectDone(undisturbed);
  const expected = await fleet.bucket.objects();
  const [mail, ...others] = await fleet.mailbox.receive();
  expect([mail?.Subject, others]).toEqual([expect.stringMatching(/: [1-9]\d* new/), []]);

  const told: number[] = [];
  for (const kill of moments(undisturbed)) {
    await invokeKilled(kill, before);
    const isOpen = isTelling(await fleet.bucket.objects());
    expectDone(await invoke(1));

    const objects = await fleet.bucket.objects();
    expect([...content(objects).keys()]).toEqual([...content(expected).keys()]);
    const changed = [...content(expected)].filter(([key, bytes]) => !objects.get(key)?.equals(bytes));
    expect({ kill, changed: changed.map(([key]) => key) }).toEqual({ kill, changed: [] });
    expect(recordProblems(objects)).toEqual([]);
    const mails = await fleet.mailbox.receive();
    expectTold(mails, mail);
    // Twice only where it was killed between telling and saying so.
    expect({ kill, mails: mails.length <= (isOpen ? 2 : 1) }).toEqual({ kill, mails: true });
    told.push(mails.length);
  }
  // Two moments in between are as many as chance lets fall there.
  expect(told.filter((mails) => mails > 1).length).toBeLessThanOrEqual(2);
}, 1_800_000);

/** Whether the mailbox is being told, as far as the bucket knows. */
const isTelling = (objects: Objects): boolean =>
  [...objects].some(([key, bytes]) => key.includes('/sent/') && bytes.toString().includes('"sending"'));

/** At least once, at most once for each attempt, and always the same. */
function expectTold(mails: readonly Mail[], expected: Mail | undefined): void {
  expect([1, 2]).toContain(mails.length);
  for (const { Subject, Message, MessageAttributes } of mails) {
    expect({ Subject, Message, MessageAttributes }).toEqual({
      Subject: expected?.Subject,
      Message: expected?.Message,
      MessageAttributes: expected?.MessageAttributes,
    });
  }
}
