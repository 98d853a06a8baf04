import type { Numbers } from './assumptions.ts';
import type { FleetRun } from './simulate.ts';

/** What a run costs, in dollars. */
export interface Cost {
  readonly lambda: number;
  readonly stepFunctions: number;
  readonly s3: number;
  readonly total: number;
}

export function costOf({ outcomes, gbSeconds, invocations }: FleetRun, numbers: Numbers): Cost {
  const lambda = gbSeconds * numbers.priceGbSecond + invocations * numbers.priceInvocation;
  const stepFunctions = outcomes.length * numbers.transitions * numbers.priceTransition;
  const s3 = outcomes.length * numbers.writes * numbers.priceWrite;
  return { lambda, stepFunctions, s3, total: lambda + stepFunctions + s3 };
}
