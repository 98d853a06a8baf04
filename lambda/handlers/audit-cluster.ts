import { outOfTimeOf } from '../audit/out-of-time.ts';
import { FLEET_ITEM } from '../fleet/plan.ts';
import { resultKey } from '../fleet/results.ts';
import { auditItem } from '../fleet/stages.ts';
import { type Shard, shardName } from '../inventory/shard.ts';
import { BY_STATE_MACHINE, type LambdaHandler, lambdaHandler } from './runtime.ts';
import { openServices, type Seams } from './services.ts';

/** What the Distributed Map keeps of a cluster, or of one part of it; the result itself is in the bucket. */
export interface ItemReport {
  readonly cluster: string;
  readonly shard: Shard | null;
  readonly outcome: 'audited' | 'failed';
  readonly pods: number;
  readonly findings: number;
  readonly key: string;
}

/**
 * Second stage of a fleet run: audits one cluster, or one part of it. That it could not be read is a result and no error, so that
 * the state machine repeats only what another attempt may repair: a result that could not be stored.
 */
export const createHandler = (seams: Seams = {}): LambdaHandler<ItemReport> =>
  lambdaHandler({ event: FLEET_ITEM, instead: BY_STATE_MACHINE }, async (item, invocation) => {
    const { logger, trace } = invocation;
    const { shard, target } = item;
    const { identity } = target;
    logger.appendKeys({
      run: item.run.id,
      cluster: identity.arn,
      ...(shard === null ? {} : { shard: shardName(shard) }),
    });
    const services = await openServices(invocation, seams, outOfTimeOf(identity, shard));
    try {
      const options = { ...services, now: services.clock(), signal: services.budget.signal };
      const { result } = await trace('audit', () => auditItem(item, options));
      return {
        cluster: identity.arn,
        shard,
        outcome: result.outcome,
        pods: result.totals.pods,
        findings: result.findings.length,
        key: resultKey(item.run, { cluster: identity, shard }),
      };
    } finally {
      services.close();
    }
  });

export const handler = createHandler();
