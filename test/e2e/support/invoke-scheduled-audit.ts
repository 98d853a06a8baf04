import { createHandler } from '../../../lambda/handlers/scheduled-audit.ts';
import type { ReportStore } from '../../../lambda/store/store.ts';

/** A program that makes one invocation, as the runtime of Lambda does; its argument is an {@link Invocation}. */
export interface Invocation {
  readonly scheduledTime: string;
  /** Epoch milliseconds, all the while. */
  readonly now: number;
  /** See `DeliveryOptions`. */
  readonly patience: number;
  /** The request to the bucket, counted from 1, in the middle of which the process is killed. */
  readonly killAtRequest?: number;
}

/** Printed when the invocation begins. */
export const BEGUN = 'BEGUN';

const { scheduledTime, now, patience, killAtRequest } = JSON.parse(process.argv[2] ?? '') as Invocation;
let requests = 0;

/** Lets the request begin: it may reach the bucket or not. */
function counted<Args extends readonly unknown[], Result>(
  request: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return (...args) => {
    requests++;
    if (requests === killAtRequest) {
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), Math.random() * 12);
    }
    return request(...args);
  };
}

const aroundStore = (store: ReportStore): ReportStore => ({
  ...store,
  put: counted(store.put),
  putIf: counted(store.putIf),
  get: counted(store.get),
  getVersioned: counted(store.getVersioned),
});

const handler = createHandler({ clock: () => now, patience, aroundStore });
process.stdout.write(`${BEGUN}\n`);
const report = await handler(
  { scheduledTime },
  { awsRequestId: 'e2e', memoryLimitInMB: '1024', getRemainingTimeInMillis: () => 900_000 },
);
process.stdout.write(`${JSON.stringify({ report, requests })}\n`);
process.exit(0);
