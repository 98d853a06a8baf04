import { inspect } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { ReadError } from '../../lambda/errors.ts';
import type { LambdaContext, LambdaHandler } from '../../lambda/handlers/runtime.ts';

/** What arrives at a function that is not meant for it, or not meant at all. */
const GARBAGE: readonly (readonly [string, unknown])[] = [
  ['a list', []],
  ['nothing', null],
  ['a text', 'x'],
  ['a number', 7],
  ['a truth value', true],
  ['a text of 1 MB', 'x'.repeat(1_000_000)],
  ['an event of another service', { Records: [{ eventSource: 'aws:s3' }] }],
  ['a time that is none', { scheduledTime: 'tomorrow' }],
  ['a time of 1 MB', { scheduledTime: 'x'.repeat(1_000_000) }],
  ['a time that is a number', { time: 1_795_994_000 }],
  ['a run that is a text', { run: 'x' }],
  ['a run without id', { run: {} }],
  ['an item of another version', { run: { id: 'r', startedAt: 7 }, target: 7 }],
];

const HANDLERS = ['scheduled-audit', 'discover-clusters', 'audit-cluster', 'send-digest'] as const;

const CONTEXT: LambdaContext = {
  awsRequestId: 'r',
  memoryLimitInMB: '512',
  getRemainingTimeInMillis: () => 60_000,
};

let handlers: ReadonlyMap<string, LambdaHandler<unknown>>;
let lambdaHandler: typeof import('../../lambda/handlers/runtime.ts').lambdaHandler;

beforeAll(async () => {
  process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
  ({ lambdaHandler } = await import('../../lambda/handlers/runtime.ts'));
  handlers = new Map(
    await Promise.all(
      HANDLERS.map(async (name) => {
        const { createHandler } = await import(`../../lambda/handlers/${name}.ts`);
        return [name, createHandler({ env: {} }) as LambdaHandler<unknown>] as const;
      }),
    ),
  );
});

/** What the caller of a function gets to read. */
async function refusalOf(name: string, event: unknown): Promise<string> {
  const handler = handlers.get(name) as LambdaHandler<unknown>;
  return handler(event, CONTEXT).then(
    (result) => `returned ${JSON.stringify(result)}`,
    ({ message }: Error) => message,
  );
}

describe.each(HANDLERS)('the function %s', (name) => {
  test.each(GARBAGE)('refuses %s in one sentence that says what to send', async (_, event) => {
    const refusal = await refusalOf(name, event);
    // In the words of this product, not of its parser; once, and not longer than a line of a log.
    expect(refusal).toMatch(/^The event is not one for this function: [a-z]\S* .*; .*\.$/);
    expect(refusal).not.toMatch(/Invalid|expected|received|\bit: |undefined/);
    expect(refusal.length).toBeLessThan(400);
  });
});

test('what is wrong with an event is said of the event', async () => {
  const refusals = await Promise.all([
    refusalOf('scheduled-audit', null),
    refusalOf('scheduled-audit', []),
    refusalOf('scheduled-audit', { Records: [] }),
    refusalOf('scheduled-audit', { scheduledTime: 'tomorrow' }),
    refusalOf('discover-clusters', { event: { time: 'tomorrow' }, startedAt: '2026-11-21T06:00:00Z' }),
    refusalOf('audit-cluster', { run: { id: 7 } }),
    refusalOf('send-digest', {}),
    refusalOf('send-digest', { run: { id: 'r' } }),
  ]);
  expect(refusals).toMatchInlineSnapshot(`
[
  "The event is not one for this function: it has no value; it must be an object; send {"time": "2026-11-21T06:00:00Z"} with the current time, or {}.",
  "The event is not one for this function: it must be an object, not a list; send {"time": "2026-11-21T06:00:00Z"} with the current time, or {}.",
  "The event is not one for this function: it has no time and is not empty, so it is not meant to start a run; send {"time": "2026-11-21T06:00:00Z"} with the current time, or {}.",
  "The event is not one for this function: scheduledTime must be a time such as 2026-11-21T06:00:00Z, not "tomorrow"; send {"time": "2026-11-21T06:00:00Z"} with the current time, or {}.",
  "The event is not one for this function: event.time must be a time such as 2026-11-21T06:00:00Z, not "tomorrow"; send {"time": "2026-11-21T06:00:00Z"} with the current time, or {}.",
  "The event is not one for this function: run.id must be a text, not the number 7; the state machine of the deployment starts this function, so start an execution of that.",
  "The event is not one for this function: run is required: an object; the state machine of the deployment starts this function, so start an execution of that.",
  "The event is not one for this function: run.startedAt is required: a text; the state machine of the deployment starts this function, so start an execution of that.",
]
`);
});

describe('an error that is not made on purpose', () => {
  /** As the SDK throws them: with the request, and in it the credentials. */
  const withRequest = (): Error =>
    Object.assign(new Error('Access Denied', { cause: { headers: { authorization: 'SECRET' } } }), {
      name: 'AccessDenied',
      $response: { headers: { 'x-amz-security-token': 'SECRET' } },
      request: { authorization: 'SECRET' },
    });

  test.each([
    ['an error of the SDK', withRequest(), 'AccessDenied: Access Denied'],
    [
      'an error with such a cause',
      new ReadError('forbidden', 'It was refused.', 'Allow it.', withRequest()),
      'ReadError: It was refused.',
    ],
    ['what is no error', { authorization: 'SECRET' }, 'Error: [object Object]'],
  ])(
    '%s reaches Lambda, which writes it to the log with all that it holds, without its requests',
    async (_, thrown, line) => {
      const failing = lambdaHandler({ event: z.unknown(), instead: 'send anything' }, () =>
        Promise.reject(thrown),
      );
      const reached: unknown = await failing({}, CONTEXT).catch((error: unknown) => error);
      expect(reached).toBeInstanceOf(Error);
      expect(String(reached)).toBe(line);
      // The runtime interface client copies every member of it.
      expect(Object.keys(Object.assign({}, reached)).filter((key) => key !== 'name')).toEqual([]);
      expect(inspect(reached, { depth: null, showHidden: true })).not.toContain('SECRET');
    },
  );
});
