import { clustersAtOnce } from '../audit/budget.ts';
import { auditDiscovered } from '../fleet/audit-discovered.ts';
import { completeWithMetrics, type RunReport } from './finish.ts';
import { type LambdaHandler, lambdaHandler } from './runtime.ts';
import { SCHEDULE_EVENT, SEND_TIME, startedBy } from './schedule-event.ts';
import { openServices, type Seams } from './services.ts';

/** Audits everything in one function, on a schedule. */
export const createHandler = (seams: Seams = {}): LambdaHandler<RunReport> =>
  lambdaHandler({ event: SCHEDULE_EVENT, instead: SEND_TIME }, async (event, invocation) => {
    const { context, logger, trace } = invocation;
    const services = await openServices(invocation, seams);
    try {
      const started = startedBy(event, services.config, services.clock());
      logger.appendKeys({ run: started.run.id });
      const { budget, deciding } = services;
      const concurrency = clustersAtOnce(Number(context.memoryLimitInMB));
      const decide = () =>
        auditDiscovered({
          ...services,
          ...started,
          store: deciding,
          trace,
          concurrency,
          signal: budget.signal,
        });
      return await completeWithMetrics(decide, { services, invocation, ...started });
    } finally {
      services.close();
    }
  });

export const handler = createHandler();
