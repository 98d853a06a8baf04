import { createServer } from 'node:http';
import type { LambdaHandler } from '../../../lambda/handlers/runtime.ts';
import { onLoopback } from '../../support/on-loopback.ts';

/** What Lambda does in the place of calling a handler. */
export type Mishap =
  /** Refuses: too many at once. */
  | 'throttle'
  /** Ends the process: out of memory or time. */
  | 'crash';

export interface FunctionsOptions {
  /** By the name of the function. */
  readonly handlers: Readonly<Record<string, LambdaHandler<unknown>>>;
  /** Asked before each invocation. @param attempt 1 for the first with this event */
  readonly mishap?: (name: string, event: unknown, attempt: number) => Mishap | null;
}

export interface Functions {
  readonly url: string;
  /** Handlers that were really called, in order. */
  readonly calls: readonly { readonly name: string; readonly event: unknown }[];
  /** The most that ran at once. */
  readonly peak: () => number;
  close(): Promise<void>;
}

/** Lambda's Invoke on loopback, with the real handlers behind it. */
export async function startFunctions({
  handlers,
  mishap = () => null,
}: FunctionsOptions): Promise<Functions> {
  const calls: { name: string; event: unknown }[] = [];
  const attempts = new Map<string, number>();
  let running = 0;
  let peak = 0;

  const answer = async (name: string, body: string): Promise<Answer> => {
    const event: unknown = JSON.parse(body);
    const key = `${name} ${body}`;
    const attempt = (attempts.get(key) ?? 0) + 1;
    attempts.set(key, attempt);
    const handler = handlers[name];
    if (handler === undefined) return failed(404, 'ResourceNotFoundException');
    const what = mishap(name, event, attempt);
    if (what === 'throttle') return failed(429, 'TooManyRequestsException');
    if (what === 'crash') return unhandled('Runtime.ExitError', 'Runtime exited with error: signal: killed');
    calls.push({ name, event });
    running++;
    peak = Math.max(peak, running);
    try {
      const context = {
        awsRequestId: `${calls.length}`,
        memoryLimitInMB: '1769',
        getRemainingTimeInMillis: () => 900_000,
      };
      return { status: 200, headers: {}, body: JSON.stringify((await handler(event, context)) ?? null) };
    } catch (error) {
      const { name: type, message } = error as Error;
      return unhandled(type, message);
    } finally {
      running--;
    }
  };
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const [, path = ''] = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(request.url ?? '') ?? [];
    const name = decodeURIComponent(path).split(':').at(-1) ?? '';
    const { status, headers, body } = await answer(name, Buffer.concat(parts).toString());
    response.writeHead(status, headers).end(body);
  });
  const { url, close } = await onLoopback(server);
  return {
    url,
    calls,
    peak: () => peak,
    close,
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const failed = (status: number, type: string): Answer => ({
  status,
  headers: { 'x-amzn-errortype': type, 'x-amzn-requestid': 'e2e' },
  body: JSON.stringify({ Type: 'User', message: type }),
});

const unhandled = (errorType: string, errorMessage: string): Answer => ({
  status: 200,
  headers: { 'x-amz-function-error': 'Unhandled' },
  body: JSON.stringify({ errorType, errorMessage }),
});
