import { afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { type AnswerPlan, type S3Server, startS3Server } from '../support/s3-server.ts';

const DIGEST = 'arn:aws:sns:eu-west-1:111122223333:digest';
const CHAT = 'arn:aws:sns:eu-west-1:111122223333:chat';
const ALARMS = 'arn:aws:sns:eu-west-1:111122223333:alarms';
const NOW = Date.parse('2026-03-02T06:00:00Z');
const cleanups: (() => unknown)[] = [];

beforeAll(() => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIAWATCH',
    AWS_SECRET_ACCESS_KEY: 'secret',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_SERVICE_NAME: 'Hub',
  });
});

afterEach(async () => {
  jest.restoreAllMocks();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const summary = (outcome: 'audited' | 'failed') => ({
  run: { id: 'r', startedAt: '2026-03-02T04:00:00Z' },
  clusters: [
    {
      cluster: { name: 'a', arn: null, accountId: '111122223333', region: 'eu-west-1' },
      outcome,
      coverage: { decided: 1, total: 1, complete: true },
      notEvaluated: { total: 0, byReason: {} },
    },
  ],
});

/** The numbers that one measurement writes to the log. */
async function measured(server: S3Server): Promise<Readonly<Record<string, unknown>>> {
  process.env['AWS_ENDPOINT_URL'] = server.url;
  const lines: string[] = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  const { createHandler } = await import('../../lambda/handlers/watch-last-run.ts');
  const env = {
    AWS_REGION: 'eu-west-1',
    REPORT_BUCKET: 'reports',
    TOPIC_ARN: DIGEST,
    CHAT_TOPIC_ARN: CHAT,
    ALARM_TOPIC_ARN: ALARMS,
  };
  const context = { awsRequestId: 'test', memoryLimitInMB: '256', getRemainingTimeInMillis: () => 60_000 };
  await createHandler({ env, clock: () => NOW })({}, context);
  return Object.assign(
    {},
    ...lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as object),
  );
}

async function world(outcome: 'audited' | 'failed', plan?: AnswerPlan): Promise<S3Server> {
  const objects = new Map([['latest/summary.json', Buffer.from(JSON.stringify(summary(outcome)))]]);
  const confirmed = (topic: string): number => (topic === DIGEST ? 0 : 2);
  const server = await startS3Server({ objects, confirmed, ...(plan === undefined ? {} : { plan }) });
  cleanups.push(server.close);
  return server;
}

test('the state of the last run is written each time, with the confirmed subscriptions of each topic', async () => {
  const server = await world('failed');
  const numbers = {
    HoursSinceLastRun: 2,
    ClustersNotAudited: 1,
    CoverageLost: 0,
    DigestSubscriptions: 0,
    ChatSubscriptions: 2,
    AlarmSubscriptions: 2,
  };
  expect(await measured(server)).toMatchObject(numbers);
  expect(await measured(server)).toMatchObject(numbers);
});

test('subscriptions that may not be counted have no number, and the run is measured all the same', async () => {
  const denied = { kind: 'status', status: 403, code: 'AuthorizationError' } as const;
  const seen = await measured(await world('audited', ({ service }) => (service === 'sns' ? denied : null)));
  expect(seen).toMatchObject({ HoursSinceLastRun: 2, ClustersNotAudited: 0 });
  expect(Object.keys(seen)).not.toContain('DigestSubscriptions');
  expect(Object.keys(seen)).not.toContain('AlarmSubscriptions');
});
