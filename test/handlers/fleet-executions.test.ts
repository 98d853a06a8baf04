import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { LambdaHandler } from '../../lambda/handlers/runtime.ts';
import { fleetDefinition } from '../../lib/constructs/fleet-definition.ts';
import { type AwsServer, HUB, OTHER, startAwsServer } from '../support/aws-server.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';
import { type Execution, execute, type StateMachine } from '../support/state-machine.ts';
import { type HandlerEnvironment, handlerEnvironment } from './handler-environment.ts';

/** The state machine that is deployed, with its real handlers and no cluster to audit: how executions begin and meet. */
const REGION = 'eu-west-1';
const TOPIC = `arn:aws:sns:${REGION}:${HUB}:digest`;
const CONFIG = `
egress: { routing: off }
accounts:
  - { id: "${HUB}", regions: [eu-west-1, us-east-1] }
  - { id: "${OTHER}", regions: [eu-west-1, us-east-1] }
`;
const MACHINE = fleetDefinition({
  discover: 'discover',
  audit: 'audit',
  digest: 'digest',
  bucket: 'reports',
  partition: 'aws',
  concurrency: 10,
}) as StateMachine;
const [NINE, TEN, LATER] = ['2026-11-21T09:00:00Z', '2026-11-21T10:00:00Z', '2026-11-22T09:00:00Z'] as const;

const context = { awsRequestId: 'a', memoryLimitInMB: '512', getRemainingTimeInMillis: () => 900_000 };

type Stage = 'discover' | 'audit' | 'digest';
/** What goes wrong at the n-th invocation of a function, counted from 0. */
type Mishap = (stage: Stage, count: number, event: unknown) => boolean;

let s3: S3Server;
let aws: AwsServer;
let handlers: Readonly<Record<Stage, (clock: () => number, mostPlaces: number) => LambdaHandler<unknown>>>;
let environment: HandlerEnvironment;

beforeAll(async () => {
  [s3, aws] = await Promise.all([startS3Server(), startAwsServer()]);
  environment = handlerEnvironment(CONFIG, { region: REGION, s3: s3.url, aws: aws.url });
  const [discover, audit, digest] = await Promise.all([
    import('../../lambda/handlers/discover-clusters.ts'),
    import('../../lambda/handlers/audit-cluster.ts'),
    import('../../lambda/handlers/send-digest.ts'),
  ]);
  const seams = (clock: () => number) => ({
    env: { ...environment.env, TOPIC_ARN: TOPIC },
    clock,
    patience: 2_000,
  });
  handlers = {
    discover: (clock, mostPlaces) => discover.createHandler({ ...seams(clock), mostPlaces }),
    audit: (clock) => audit.createHandler(seams(clock)),
    digest: (clock) => digest.createHandler(seams(clock)),
  };
});

afterAll(async () => {
  environment.close();
  await Promise.all([s3.close(), aws.close()]);
});

beforeEach(() => s3.reset(new Map()));

interface Start {
  readonly input?: unknown;
  readonly mishap?: Mishap;
  readonly mostPlaces?: number;
  /** Minutes that pass with each invocation. */
  readonly minutes?: number;
}

/** @param startedAt the time at which the execution is started */
async function start(startedAt: string, options: Start = {}): Promise<Execution> {
  const {
    input = { scheduledTime: startedAt },
    mishap = () => false,
    mostPlaces = 96,
    minutes = 0,
  } = options;
  let now = Date.parse(startedAt);
  const counts = { discover: 0, audit: 0, digest: 0 };
  return execute(MACHINE, {
    input,
    startedAt,
    name: randomUUID(),
    readObject: async (key) => s3.objects.get(key) ?? null,
    invoke: async (name, event) => {
      const stage = name as Stage;
      now += minutes * 60_000;
      const result = await handlers[stage](() => now, mostPlaces)(event, context);
      // It has done its work, and ends before it says so.
      if (mishap(stage, counts[stage]++, event)) throw new Error('Lambda.Unknown: killed');
      return result;
    },
  });
}

const runs = (): readonly string[] => [
  ...new Set(
    [...s3.objects.keys()].flatMap((key) => /^runs\/(?<run>[^/]+)\//.exec(key)?.groups?.['run'] ?? []),
  ),
];

const ENDED = ['SendDigest', 'EndPlaces', 'Finish', 'MapFailed', 'Done'];
const WHOLE = ['Discover', 'DoneBefore', 'AuditClusters', ...ENDED];

describe('an execution', () => {
  test('that is delivered again has nothing to do', async () => {
    expect(await start(NINE)).toEqual({ status: 'SUCCEEDED', error: null, entered: WHOLE });
    expect(s3.mails).toHaveLength(1);
    const again = await start(TEN, { input: { scheduledTime: NINE } });
    expect(again.entered).toEqual(['Discover', 'DoneBefore', 'Done']);
    expect(s3.mails).toHaveLength(1);
  });

  test('that was started by hand is one run, however often its first function is repeated', async () => {
    const mishap: Mishap = (stage, count) => stage === 'discover' && count === 0;
    // As the interpreter of moto writes the time.
    const startedAt = NINE.replace('Z', '.250000+00:00');
    const execution = await start(startedAt, { input: {}, mishap, minutes: 2 });
    expect(execution).toEqual({ status: 'SUCCEEDED', error: null, entered: WHOLE });
    expect(runs()).toHaveLength(1);
    expect(s3.mails).toHaveLength(1);
  });

  test('can begin with the event of a rule, which names an account and a region of its own', async () => {
    // https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-scheduler.html
    const input = {
      version: '0',
      id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: HUB,
      time: NINE,
      region: REGION,
      resources: [`arn:aws:events:${REGION}:${HUB}:rule/daily`],
      detail: {},
    };
    expect(await start(NINE, { input })).toMatchObject({ status: 'SUCCEEDED', entered: WHOLE });
    // As the state machine of an earlier version hands it on.
    const again = await handlers.discover(() => Date.parse(NINE), 96)(input, context);
    expect(again).toMatchObject({ done: true, start: 'scheduled' });
  });

  test('asks each account and region by itself where they are many', async () => {
    const { entered } = await start(NINE, { mostPlaces: 3 });
    expect(entered).toEqual([
      'Discover',
      'DoneBefore',
      'DiscoverPlaces',
      'JoinPlaces',
      'AuditClusters',
      ...ENDED,
    ]);
    const found = [...s3.objects.keys()].filter((key) => key.endsWith('/clusters.json'));
    expect(found).toHaveLength(4);
  });

  test('says of an account and region whose function ends each time that it was not evaluated', async () => {
    s3.reset(new Map(), ({ method, key }) =>
      method === 'PUT' && key.includes(`account=${OTHER}/region=us-east-1/clusters.json`)
        ? { kind: 'status', status: 403, code: 'AccessDenied' }
        : null,
    );
    const { status } = await start(NINE, { mostPlaces: 3 });
    expect(status).toBe('SUCCEEDED');
    const [mail] = s3.mails;
    expect(mail?.get('Message')).toContain(`(all clusters of ${OTHER} in us-east-1)`);
    expect(mail?.get('Message')).toContain('audit not finished');
  });
});

describe('two executions', () => {
  test('do not run at once: the second one fails with the id of the first, and is free when that is over', async () => {
    let second: Execution | null = null;
    // While the digest of the first one is made, another one is started by hand.
    const meanwhile = handlers.digest;
    handlers = {
      ...handlers,
      digest: (clock, most) => async (event, context) => {
        second ??= await start(TEN, { input: {} });
        return meanwhile(clock, most)(event, context);
      },
    };
    try {
      expect((await start(NINE)).status).toBe('SUCCEEDED');
    } finally {
      handlers = { ...handlers, digest: meanwhile };
    }
    expect(second).toEqual({
      status: 'FAILED',
      error: 'NotBegun',
      entered: ['Discover', 'GiveUp', 'NotBegun'],
    });
    expect(s3.mails).toHaveLength(1);
    expect((await start(TEN, { input: {} })).status).toBe('SUCCEEDED');
    expect(s3.mails).toHaveLength(2);
  });

  test('of which the first one could not be begun do not wait for each other', async () => {
    const mishap: Mishap = (stage, _, event) =>
      stage === 'discover' && !Object.hasOwn(event as object, 'giveUp');
    const first = await start(NINE, { mishap });
    expect(first).toEqual({
      status: 'FAILED',
      error: 'NotBegun',
      entered: ['Discover', 'GiveUp', 'NotBegun'],
    });
    expect(s3.mails).toHaveLength(0);
    expect((await start(TEN)).status).toBe('SUCCEEDED');
    expect(s3.mails).toHaveLength(1);
  });

  test('of which the first one was stopped wait until it could not run any more, by schedule or by hand', async () => {
    // Nothing of it goes on after its discovery.
    const { discover } = handlers;
    await discover(() => Date.parse(NINE), 96)({ event: { scheduledTime: NINE }, startedAt: NINE }, context);
    for (const input of [{ scheduledTime: TEN }, {}]) {
      expect(await start(TEN, { input })).toMatchObject({ status: 'FAILED', error: 'NotBegun' });
    }
    expect((await start(LATER)).status).toBe('SUCCEEDED');
    expect(s3.mails).toHaveLength(1);
  });

  test('of which the first one was stopped can be the same run, which goes on', async () => {
    const event = { event: { scheduledTime: NINE }, startedAt: NINE };
    await handlers.discover(() => Date.parse(NINE), 96)(event, context);
    expect((await start(TEN, { input: { scheduledTime: NINE } })).status).toBe('SUCCEEDED');
    expect(s3.mails).toHaveLength(1);
  });

  test.each<[string, Stage, string]>([
    ['be begun', 'discover', 'NotBegun'],
    ['be ended', 'digest', 'MapFailed'],
  ])('of one run, of which one cannot %s, leave the lock to the other', async (_, failing, error) => {
    // The schedule's event is delivered twice; the first execution is at its clusters.
    const { discover } = handlers;
    const event = { event: { scheduledTime: NINE }, startedAt: NINE, execution: 'the-first' };
    await discover(() => Date.parse(NINE), 96)(event, context);
    const mishap: Mishap = (stage, __, payload) =>
      stage === failing && !Object.hasOwn(payload as object, 'giveUp');
    s3.reset(s3.objects, ({ method, key }) =>
      failing === 'digest' && method === 'PUT' && key.endsWith('/done.json')
        ? { kind: 'status', status: 403, code: 'AccessDenied' }
        : null,
    );
    const twin = await start(NINE, { mishap });
    expect(twin).toMatchObject({ status: 'FAILED', error });
    s3.reset(s3.objects);
    expect(await start(TEN)).toMatchObject({ status: 'FAILED', error: 'NotBegun' });
    expect((await start(LATER)).status).toBe('SUCCEEDED');
  });

  test('of one run that go on at the same time send one mail, and both succeed', async () => {
    const [one, other] = await Promise.all([start(NINE), start(NINE)]);
    expect([one.status, other.status]).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect(runs()).toHaveLength(1);
    expect(s3.mails).toHaveLength(1);
    expect((await start(LATER)).status).toBe('SUCCEEDED');
  });
});
