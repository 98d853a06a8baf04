import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LastRunReport } from '../../lambda/handlers/watch-last-run.ts';
import { fleetDefinition } from '../../lib/constructs/fleet-definition.ts';
import { recordProblems } from '../audit/recording.ts';
import { type Execution, execute, type StateMachine } from '../support/state-machine.ts';
import { type AwsFleet, FLEET_CONFIG, startAwsFleet } from './support/aws-fleet.ts';
import { expectNoSecrets, returned, scheduledEvent } from './support/invocations.ts';
import { type LambdaStage, type LambdaStages, openLambdaStages } from './support/lambda-stage.ts';
import { keysOf } from './support/run-records.ts';
import type { Sandbox } from './support/sandbox.ts';

/** The functions of a fleet and the hourly watch in the runtime interface of Lambda, each in an environment of its own. */
const STEPS = {
  discover: 'AuditorRunDiscoverFunction',
  audit: 'AuditorRunAuditClusterFunction',
  digest: 'AuditorRunSendDigestFunction',
} as const;
const WATCH = 'AuditorWatchFunction';
const NAMES = [...Object.values(STEPS), WATCH];

const MACHINE = fleetDefinition({
  ...STEPS,
  bucket: 'reports-fleet',
  partition: 'aws',
  concurrency: 10,
}) as StateMachine;

let fleet: AwsFleet;
let stages: LambdaStages;
let stage: LambdaStage;
let event: string;
const sandboxes = new Map<string, Sandbox>();

beforeAll(async () => {
  fleet = await startAwsFleet(new Date());
  stages = await openLambdaStages({ fleet, mode: 'fleet', yaml: FLEET_CONFIG });
  stage = await stages.open('fleet');
  for (const name of NAMES) sandboxes.set(name, await stage.sandbox(name));
  event = await scheduledEvent();
});

afterAll(async () => {
  await stages?.close();
  await fleet?.stop();
});

function sandboxOf(name: string): Sandbox {
  const sandbox = sandboxes.get(name);
  if (sandbox === undefined) throw new Error(`There is no function ${name}.`);
  return sandbox;
}

/** As Step Functions goes through the state machine that is deployed. */
const run = (): Promise<Execution> =>
  execute(MACHINE, {
    input: JSON.parse(event),
    startedAt: new Date().toISOString(),
    name: randomUUID(),
    readObject: async (key) => (await stage.bucket.objects()).get(key) ?? null,
    invoke: async (name, payload) => returned(await sandboxOf(name).invoke(JSON.stringify(payload))),
  });

const watch = async (payload: string): Promise<LastRunReport> =>
  returned(await sandboxOf(WATCH).invoke(payload));

test('the watch finds no run before there is one, whatever it is invoked with', async () => {
  for (const payload of ['{}', 'null', '[]', '{"Records":[]}', '{"time":"2099-01-01T00:00:00Z"}']) {
    expect(await watch(payload)).toEqual({ hours: null, coverage: null });
  }
  // moto counts no subscription as confirmed.
  expect(sandboxOf(WATCH).log()).toContain('"DigestSubscriptions":0');
});

describe.each(Object.values(STEPS))('the function %s', (name) => {
  test.each([
    ['nothing', 'null'],
    ['a list', '[]'],
    ['a text', '"x"'],
    ['an event of another service', '{"Records":[]}'],
    ['half of a run', '{"run":{}}'],
    ['a text of 1 MB', JSON.stringify('x'.repeat(1_000_000))],
  ])('starts, and refuses %s in one sentence', async (_, garbage) => {
    expect(await sandboxOf(name).invoke(garbage)).toMatchObject({
      outcome: 'failed',
      errorType: 'UsageError',
      errorMessage: expect.stringMatching(/^The event is not one for this function: .{20,300}\.$/),
    });
  });
});

test('nothing has come of what was refused', async () => {
  expect([...(await stage.bucket.objects()).keys()]).toEqual([]);
  expect(await stage.mailbox.receive()).toEqual([]);
});

test('an execution of the state machine audits each cluster, and its mail is sent', async () => {
  const { status, entered } = await run();
  expect([status, entered.at(-1)]).toEqual(['SUCCEEDED', 'Done']);
  const objects = await stage.bucket.objects();
  const [id = ''] = [...objects.keys()].flatMap((key) => /^runs\/([^/]+)\/done\.json$/.exec(key)?.[1] ?? []);
  expect(keysOf(objects, id)).toEqual(
    expect.arrayContaining(['latest/report.html', 'runs/RUN/manifest.json', 'runs/RUN/places.json']),
  );
  expect(recordProblems(objects)).toEqual([]);
  expect((await stage.mailbox.receive()).map(({ Subject }) => Subject)).toEqual([
    expect.stringMatching(/^EKS audit INCOMPLETE: first run, \d+ causes .*dark not audited/),
  ]);
});

test('an execution that is started again with the same event changes nothing and sends nothing', async () => {
  const before = await stage.bucket.versions();
  expect(await run()).toMatchObject({ status: 'SUCCEEDED', entered: ['Discover', 'DoneBefore', 'Done'] });
  expect(await stage.bucket.versions()).toBe(before);
  expect(await stage.mailbox.receive()).toEqual([]);
});

test('the watch measures the run within its minute and its memory', async () => {
  const report = await watch('{}');
  expect(report.hours).toBeGreaterThanOrEqual(0);
  expect(report.hours).toBeLessThan(1);
  expect(report.coverage).toMatchObject({ notAudited: 1 });
  expect(sandboxOf(WATCH).log()).toContain('"ClustersNotAudited":1');
  expect(stage.functions.get(WATCH)).toMatchObject({ timeout: 60, memory: 256 });
});

test.each(NAMES)('%s keeps to its memory, and no secret is in its log', (name) => {
  const { memory = 0 } = stage.functions.get(name) ?? {};
  expect(sandboxOf(name).peakMemory()).toBeGreaterThan(0);
  expect(sandboxOf(name).peakMemory()).toBeLessThanOrEqual(memory);
  expectNoSecrets(fleet, sandboxOf(name).log());
});
