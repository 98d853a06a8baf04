import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { recordProblems } from '../audit/recording.ts';
import { type AwsFleet, FLEET_CONFIG, startAwsFleet } from './support/aws-fleet.ts';
import { expectNoSecrets, returned, scheduledEvent } from './support/invocations.ts';
import { type LambdaStage, type LambdaStages, openLambdaStages } from './support/lambda-stage.ts';
import { keysOf } from './support/run-records.ts';
import type { Sandbox } from './support/sandbox.ts';

/**
 * The assets of the synthesised functions in the real runtime interface of Lambda: its emulator, its client for
 * Node.js, and the variables, memory and time-out of the template.
 */
const FUNCTION = 'AuditorRunAuditFunction';

let fleet: AwsFleet;
let stages: LambdaStages;

beforeAll(async () => {
  fleet = await startAwsFleet(new Date());
  stages = await openLambdaStages({ fleet, mode: 'single', yaml: FLEET_CONFIG });
});

afterAll(async () => {
  await stages?.close();
  await fleet?.stop();
});

describe('The function of the mode single', () => {
  let stage: LambdaStage;
  let sandbox: Sandbox;
  let event: string;

  beforeAll(async () => {
    stage = await stages.open('single');
    sandbox = await stage.sandbox(FUNCTION);
    event = await scheduledEvent();
  });

  test('audits on the event of the schedule: objects in the bucket, and a mail', async () => {
    const report = returned(await sandbox.invoke(event));
    expect(report).toMatchObject({ outcome: 'done', clusters: 3, complete: false });
    const objects = await stage.bucket.objects();
    expect(keysOf(objects, String(report['run']))).toEqual(
      expect.arrayContaining(['latest/report.html', 'runs/RUN/done.json', 'runs/RUN/manifest.json']),
    );
    expect(recordProblems(objects)).toEqual([]);
    const mails = await stage.mailbox.receive();
    expect(mails.map(({ Subject }) => Subject)).toEqual([
      expect.stringMatching(/^EKS audit INCOMPLETE: first run, \d+ causes .*dark not audited/),
    ]);
  });

  test('delivered again changes nothing and sends nothing', async () => {
    const before = await stage.bucket.versions();
    expect(returned(await sandbox.invoke(event))).toMatchObject({ outcome: 'done-before' });
    expect(await stage.bucket.versions()).toBe(before);
    expect(await stage.mailbox.receive()).toEqual([]);
  });

  test.each([
    ['a list', '[]'],
    ['nothing', 'null'],
    ['a text', '"x"'],
    ['a number', '7'],
    ['an event of another service', '{"Records":[{"eventSource":"aws:s3"}]}'],
    ['a time in the year 2099', '{"scheduledTime":"2099-01-01T00:00:00Z"}'],
    ['a time that is none', '{"scheduledTime":"tomorrow"}'],
    ['a text of 1 MB', JSON.stringify('x'.repeat(1_000_000))],
    ['a time of 1 MB', JSON.stringify({ scheduledTime: 'x'.repeat(1_000_000) })],
    [
      'members without end',
      JSON.stringify(Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, i]))),
    ],
  ])('refuses %s in one sentence, and nothing comes of it', async (_, garbage) => {
    const before = await stage.bucket.versions();
    const process = sandbox.pid();
    const refused = await sandbox.invoke(garbage);
    expect(refused).toMatchObject({
      outcome: 'failed',
      errorType: 'UsageError',
      errorMessage: expect.stringMatching(
        /^The event is (?:not one for this function: |for 2099).{20,300}\.$/,
      ),
    });
    expect(await stage.bucket.versions()).toBe(before);
    expect(await stage.mailbox.receive()).toEqual([]);
    expect(sandbox.pid()).toBe(process);
  });

  test('audits afterwards in the same process as if nothing had been', async () => {
    const process = sandbox.pid();
    expect(returned(await sandbox.invoke(await scheduledEvent()))).toMatchObject({
      outcome: 'done',
      clusters: 3,
    });
    const [mail, ...others] = await stage.mailbox.receive();
    expect([mail?.Subject, others]).toEqual([expect.stringMatching(/: nothing new, \d+ causes/), []]);
    expect(sandbox.pid()).toBe(process);
  });

  test('audits on an empty event, as somebody starts it by hand', async () => {
    expect(returned(await sandbox.invoke('{}'))).toMatchObject({ outcome: 'done', clusters: 3 });
    expect(await stage.mailbox.receive()).toHaveLength(1);
  });

  test('has kept to its memory, and no secret is in its log', () => {
    const { memory = 0 } = stage.functions.get(FUNCTION) ?? {};
    expect(sandbox.peakMemory()).toBeGreaterThan(0);
    expect(sandbox.peakMemory()).toBeLessThanOrEqual(memory);
    expectNoSecrets(fleet, sandbox.log());
  });
});
