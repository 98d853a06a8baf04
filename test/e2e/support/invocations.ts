import { setTimeout as delay } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { AwsFleet } from './aws-fleet.ts';
import type { Invoked } from './sandbox.ts';

let last = 0;

/** The event of the schedule for now, each for a later second than all before. */
export async function scheduledEvent(): Promise<string> {
  last = Math.max(last + 1000, Math.floor(Date.now() / 1000) * 1000);
  await delay(Math.max(0, last - Date.now()));
  return JSON.stringify({ scheduledTime: new Date(last).toISOString() });
}

/** What a function has given back. @throws when it has failed or was ended */
export function returned<Result = Readonly<Record<string, unknown>>>(invoked: Invoked): Result {
  if (invoked.outcome !== 'returned') throw new Error(JSON.stringify(invoked));
  return invoked.result as Result;
}

/** What no log may hold. */
export function expectNoSecrets({ environment }: AwsFleet, log: string): void {
  const { secretAccessKey, sessionToken } = environment.auditorCredentials;
  const found = ['k8s-aws-v1.', secretAccessKey, sessionToken].filter((secret) => log.includes(secret));
  expect(found).toEqual([]);
}
