import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { parse } from '@aws-lambda-powertools/parser';
import { Tracer } from '@aws-lambda-powertools/tracer';
import type { z } from 'zod';
import { AuditorError, ReadError, UsageError } from '../errors.ts';
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

/** A handler: its event is checked, its errors are logged in one line, its metrics are written in any case. */
export function lambdaHandler<Event, Result>(
  schema: z.ZodType<Event>,
  work: (event: Event, invocation: Invocation) => Promise<Result>,
): LambdaHandler<Result> {
  return async (event, context) => {
    logger.addContext(context);
    try {
      return await trace('handler', () =>
        work(parsed(event, schema), { context, logger, metrics, trace, traced }),
      );
    } catch (error) {
      logger.error('The invocation failed.', { problem: problemOf(error) });
      throw error;
    } finally {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
      logger.resetKeys();
    }
  };
}

function parsed<Event>(event: unknown, schema: z.ZodType<Event>): Event {
  const result = parse(event ?? {}, undefined, schema, true);
  if (result.success) return result.data;
  const { cause } = result.error;
  const [issue] = Array.isArray(cause) ? (cause as z.core.$ZodIssue[]) : [];
  const where = issue?.path.join('.') || 'it';
  throw new UsageError(
    `The event is not one for this function: ${where}: ${issue?.message ?? result.error.message}.`,
  );
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
