import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { recordProblems } from '../audit/recording.ts';
import { type Listening, onLoopback } from '../support/on-loopback.ts';
import { type AwsFleet, FLEET_CONFIG, startAwsFleet } from './support/aws-fleet.ts';
import { expectNoSecrets, returned, scheduledEvent } from './support/invocations.ts';
import { type LambdaStage, type LambdaStages, openLambdaStages } from './support/lambda-stage.ts';
import type { Passage, S3Request } from './support/s3-gate.ts';
import type { Invoked, Sandbox } from './support/sandbox.ts';

/**
 * What goes wrong around a function that runs in the runtime interface of Lambda. Each scene has a bucket and a mailbox
 * of its own, and what waits for the end of a function's time waits at once.
 */
const FUNCTION = 'AuditorRunAuditFunction';
/** Seconds, in the place of 900. With any time 30 of them are kept for recording and sending; a busy machine may need some to read. */
const TIMEOUT = 66;
const NEWS = /^EKS audit INCOMPLETE: first run, \d+ causes .*dark not audited/;

interface Scene extends LambdaStage {
  readonly event: string;
  readonly function: Sandbox;
  /** What became of the first delivery. */
  readonly first: Invoked;
}

interface SceneOptions {
  readonly name: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly prepare?: (stage: LambdaStage) => Promise<void>;
  /** Decides on each request to S3. */
  readonly s3?: Decide;
}

type Decide = (request: S3Request, sandbox: Sandbox) => Passage;

let fleet: AwsFleet;
let stages: LambdaStages;
let silent: Listening | undefined;
const scenes = new Map<string, Promise<Scene>>();

async function play({ name, environment = {}, prepare, s3 }: SceneOptions): Promise<Scene> {
  const stage = await stages.open(name);
  const variables = { ...stage.functions.get(FUNCTION)?.environment, ...environment };
  const sandbox = await stage.sandbox(FUNCTION, { timeout: TIMEOUT, environment: variables });
  await prepare?.(stage);
  if (s3 !== undefined) stage.gate.decide((request) => s3(request, sandbox));
  const event = await scheduledEvent();
  const first = await sandbox.invoke(event);
  stage.gate.decide(() => 'pass');
  return { ...stage, event, function: sandbox, first };
}

const scene = async (name: string): Promise<Scene> => {
  const played = await scenes.get(name);
  if (played === undefined) throw new Error(`There is no scene ${name}.`);
  return played;
};

const isPut = ({ method, key }: S3Request, of: RegExp): boolean => method === 'PUT' && of.test(key);

/** Does something once, when an object is written. */
const atFirstPut = (of: RegExp, act: (sandbox: Sandbox) => void): Decide => {
  let done = false;
  return (request, sandbox) => {
    if (!done && isPut(request, of)) {
      done = true;
      act(sandbox);
    }
    return 'pass';
  };
};

/** In the middle of its record: the clusters are read, and no mail is sent. */
const MIDDLE = /^runs\/[^/]+\/report\.html$/;

const SCENES: readonly SceneOptions[] = [
  {
    name: 'hanging',
    environment: { CONFIG: 's3://reports-hanging/audit/config.yaml' },
    prepare: ({ bucket }) =>
      bucket.reset(
        new Map([
          [
            'audit/config.yaml',
            Buffer.from(
              FLEET_CONFIG.replace('[eu-west-1, us-east-1]', '[eu-west-1, us-east-1, eu-central-1]'),
            ),
          ],
        ]),
      ),
  },
  { name: 'stalling', s3: (request) => (isPut(request, MIDDLE) ? 'silence' : 'pass') },
  { name: 'mute', s3: () => 'silence' },
  { name: 'denied', s3: () => 'deny' },
  {
    name: 'timed-out',
    s3: atFirstPut(MIDDLE, (sandbox) => process.kill(sandbox.pid() ?? Number.NaN, 'SIGSTOP')),
  },
  { name: 'taken-away', s3: atFirstPut(MIDDLE, (sandbox) => void sandbox.terminate()) },
];

beforeAll(async () => {
  fleet = await startAwsFleet(new Date());
  stages = await openLambdaStages({ fleet, mode: 'single', yaml: FLEET_CONFIG });
  silent = await onLoopback(createServer());
  const { aws, cluster } = fleet.environment;
  await aws.putEksCluster({
    name: 'silent',
    region: 'eu-central-1',
    endpoint: `https://${silent.host}`,
    certificateAuthorityData: Buffer.from(cluster.ca).toString('base64'),
    version: '1.36',
  });
  for (const options of SCENES) {
    const played = play(options);
    // Whoever waits for it gets the error.
    played.catch(() => {});
    scenes.set(options.name, played);
  }
});

afterAll(async () => {
  await silent?.close();
  await stages?.close();
  await fleet?.stop();
});

const subjects = async ({ mailbox }: LambdaStage): Promise<readonly string[]> =>
  (await mailbox.receive()).map(({ Subject }) => Subject);

/** Delivers the event again, as Lambda does, and expects the news to arrive once. */
async function expectNewsOfRepeat(played: Scene, sandbox = played.function): Promise<void> {
  expect(returned(await sandbox.invoke(played.event))).toMatchObject({ outcome: 'done', clusters: 3 });
  expect(await subjects(played)).toEqual([expect.stringMatching(NEWS)]);
  expect(recordProblems(await played.bucket.objects())).toEqual([]);
  expectNoSecrets(fleet, played.function.log() + sandbox.log());
}

/** It has ended by itself, says what is wrong, and leaves nothing that ends the process later. */
function expectOwnEnd({ first, function: sandbox }: Scene, problem: RegExp): void {
  expect(sandbox.log()).not.toMatch(/UnhandledPromiseRejection|Runtime exited/);
  expect(first).toMatchObject({
    outcome: 'failed',
    errorType: 'AuditorError',
    errorMessage: expect.stringMatching(problem),
  });
  expect(first.milliseconds).toBeLessThan(TIMEOUT * 1000);
}

const NOT_COMPLETE = /^Every notification of the run \S+ was sent, but its record in \S+ is not complete: /;

// In the order in which the scenes end, so that repetitions need no time of their own.
test('a function that gets SIGTERM, as Lambda takes an environment away, tells the news in another one', async () => {
  const played = await scene('taken-away');
  expect(played.first).toMatchObject({ outcome: 'ended' });
  expect(await subjects(played)).toEqual([]);
  await expectNewsOfRepeat(played, await played.sandbox(FUNCTION));
});

test('S3 that refuses everything: the mail says what is open, and the repetition tells the news', async () => {
  const played = await scene('denied');
  expectOwnEnd(played, NOT_COMPLETE);
  expect(await subjects(played)).toEqual([
    expect.stringMatching(/^EKS audit INCOMPLETE: news unknown, \d+ causes .*dark not audited$/),
  ]);
  await expectNewsOfRepeat(played);
});

test('a cluster that accepts and never answers ends with the time for reading, and the mail is sent', async () => {
  const played = await scene('hanging');
  expect(returned(played.first)).toMatchObject({ outcome: 'done', clusters: 4, complete: false });
  expect(played.first.milliseconds).toBeLessThan(TIMEOUT * 1000);
  const [mail, ...others] = await played.mailbox.receive();
  expect(others).toEqual([]);
  expect(mail?.Subject).toMatch(/^EKS audit INCOMPLETE: first run, .*; 2 of 4 clusters not audited$/);
  expect(mail?.Message).toContain('* silent (111122223333, eu-central-1): out of time');
});

describe('S3', () => {
  test('that takes one object and never answers: the mail is sent, and the repetition completes the record', async () => {
    const played = await scene('stalling');
    expectOwnEnd(played, NOT_COMPLETE);
    expect(await subjects(played)).toEqual([expect.stringMatching(NEWS)]);
    expect(returned(await played.function.invoke(played.event))).toMatchObject({ outcome: 'done' });
    expect(await subjects(played)).toEqual([]);
    expect(recordProblems(await played.bucket.objects())).toEqual([]);
  });

  // What was given up must not arrive later: the repetition would go on from it.
  test('that never answers: the mail says that nothing is known, and the repetition tells the news', async () => {
    const played = await scene('mute');
    expectOwnEnd(played, NOT_COMPLETE);
    const [mail, ...others] = await played.mailbox.receive();
    expect([mail?.Subject, others]).toEqual(['EKS audit FAILED: none of 3 clusters was audited', []]);
    // One list, of as many parts as there was time to try.
    expect(mail?.Message.match(/^RECORD NOT COMPLETE.*$/gm)).toEqual([
      expect.stringMatching(/^RECORD NOT COMPLETE: \d parts missing$/),
    ]);
    await expectNewsOfRepeat(played);
  });
});

test('a function that is ended at its time-out tells the news when the event is delivered again', async () => {
  const played = await scene('timed-out');
  const before = played.function.pid();
  expect(played.first).toMatchObject({
    outcome: 'ended',
    how: `Task timed out after ${TIMEOUT}.00 seconds`,
  });
  expect(await subjects(played)).toEqual([]);
  await expectNewsOfRepeat(played);
  expect(played.function.pid()).not.toBe(before);
});
