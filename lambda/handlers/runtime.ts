import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { parse } from '@aws-lambda-powertools/parser';
import { Tracer } from '@aws-lambda-powertools/tracer';
import type { z } from 'zod';
import { AuditorError, ReadError, UsageError } from '../errors.ts';
import { parsedProblem } from '../parsed-problem.ts';
import type { Trace } from '../run/trace.ts';
import { VERSION } from '../version.ts';
import { readableStack } from './readable-stack.ts';

/** The name of the deployment: logs, traces and metrics of two hubs in one account are distinguished by it. */
const serviceName = process.env['POWERTOOLS_SERVICE_NAME'] || 'eks-drift-auditor';

const logger = new Logger({ serviceName, persistentLogAttributes: { version: VERSION } });
const metrics = new Metrics({ serviceName, namespace: 'EksDriftAuditor' });
const tracer = new Tracer({ serviceName });

/** What the handlers use of Lambda's context object. */
export interface LambdaContext {
  readonly awsRequestId: string;
  /** MiB, as Lambda gives it. */
  readonly memoryLimitInMB: string;
  getRemainingTimeInMillis(): number;
}

export interface Invocation {
  readonly context: LambdaContext;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly trace: Trace;
  /** Traces the requests of an AWS client. */
  readonly traced: <Client>(client: Client) => Client;
}

export type LambdaHandler<Result> = (event: unknown, context: LambdaContext) => Promise<Result>;

/** What a function is invoked with. */
export interface Expected<Event> {
  readonly event: z.ZodType<Event>;
  /** What to do where it was invoked with something else, as the end of a sentence. */
  readonly instead: string;
}

/** For functions whose events nobody writes by hand. */
export const BY_STATE_MACHINE =
  'the state machine of the deployment starts this function, so start an execution of that';

/**
 * A handler: its event is checked, its errors are logged in one line, its metrics are written in any case.
 *
 * @throws errors that hold a name and a sentence, and nothing else
 */
export function lambdaHandler<Event, Result>(
  expected: Expected<Event>,
  work: (event: Event, invocation: Invocation) => Promise<Result>,
): LambdaHandler<Result> {
  return async (event, context) => {
    logger.addContext(context);
    try {
      return await trace('handler', () =>
        work(parsed(event, expected), { context, logger, metrics, trace, traced }),
      );
    } catch (error) {
      logger.error('The invocation failed.', { problem: problemOf(error) });
      throw bareError(error);
    } finally {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
      logger.resetKeys();
    }
  };
}

function parsed<Event>(event: unknown, { event: schema, instead }: Expected<Event>): Event {
  const result = parse(event, undefined, schema, true);
  if (result.success) return result.data;
  const { cause } = result.error;
  const [issue] = Array.isArray(cause) ? (cause as z.core.$ZodIssue[]) : [];
  throw new UsageError(`The event is not one for this function: ${parsedProblem(issue, event)}; ${instead}.`);
}

/**
 * An error as the caller of the function may see it. The runtime interface client writes it to the log with every member
 * that it has (https://github.com/aws/aws-lambda-nodejs-runtime-interface-client, `toFormatted`), and errors of the SDK
 * have the request. Where it comes from is in the line that was logged before.
 */
function bareError(error: unknown): Error {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const bare = new Error(message);
  // Not members of their own: those would be listed once more.
  Object.defineProperty(bare, 'name', { value: name, enumerable: false });
  Object.defineProperty(bare, 'stack', { value: `${name}: ${message}`, enumerable: false });
  return bare;
}

const trace: Trace = (name, work) => {
  if (!tracer.isTracingEnabled()) return work();
  return tracer.provider.captureAsyncFunc(`## ${name}`, async (segment) => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Error) segment?.addError(error);
      throw error;
    } finally {
      segment?.close();
    }
  }) as ReturnType<typeof work>;
};

const traced = <Client>(client: Client): Client =>
  tracer.isTracingEnabled() ? tracer.captureAWSv3Client(client) : client;

/** What a log may contain of an error. The error itself may carry requests, and these the credentials. */
export function problemOf(error: unknown): Readonly<Record<string, string>> {
  if (error instanceof ReadError) {
    return { name: error.name, reason: error.reason, message: error.message, remedy: error.remedy };
  }
  if (error instanceof AuditorError) return { name: error.name, message: error.message };
  if (error instanceof Error) {
    return { name: error.name, message: error.message, stack: readableStack(error.stack ?? '') };
  }
  return { name: 'unknown', message: String(error) };
}
