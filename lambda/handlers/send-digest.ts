import * as z from 'zod';
import { AuditorError } from '../errors.ts';
import { readPlan } from '../fleet/plan.ts';
import { joinFleet } from '../fleet/stages.ts';
import { completeWithMetrics, type RunReport } from './finish.ts';
import { type LambdaHandler, lambdaHandler } from './runtime.ts';
import { openServices, type Seams } from './services.ts';

/** What `discover-clusters` has given back; the results are found by the plan. */
const EVENT = z.object({ run: z.object({ id: z.string().min(1), startedAt: z.iso.datetime() }) });

/** Last stage of a fleet run: joins the results, says what is missing, records the run and sends the digest. */
export const createHandler = (seams: Seams = {}): LambdaHandler<RunReport> =>
  lambdaHandler(EVENT, async ({ run }, invocation) => {
    invocation.logger.appendKeys({ run: run.id });
    const services = await openServices(invocation, seams);
    try {
      const { deciding: store, config, clock } = services;
      const decide = async () => {
        const plan = await readPlan(store, run.id);
        if (plan === null) {
          throw new AuditorError(
            `The run ${run.id} has no list of clusters; start it with discover-clusters.`,
          );
        }
        return joinFleet(plan, { store, config, now: clock() });
      };
      return await completeWithMetrics(decide, { run, once: true, services, invocation });
    } finally {
      services.close();
    }
  });

export const handler = createHandler();
