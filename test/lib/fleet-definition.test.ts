import { describe, expect, test } from '@jest/globals';
import { fleetDefinition } from '../../lib/constructs/fleet-definition.ts';

const { States } = fleetDefinition({
  discover: 'discover',
  audit: 'audit',
  digest: 'digest',
  bucket: 'reports',
  partition: 'aws',
  concurrency: 25,
}) as { readonly States: Readonly<Record<string, Readonly<Record<string, unknown>>>> };

/** What the interpreter of the end-to-end test does not enforce, or cannot be waited for. */
describe('the state machine of a fleet', () => {
  test('the state machine continues however many clusters fail', () => {
    expect(States['AuditClusters']).toMatchObject({ ToleratedFailurePercentage: 100, MaxConcurrency: 25 });
  });

  test('the state machine sends the digest whatever the result of the map', () => {
    expect(States['AuditClusters']).toMatchObject({
      Next: 'SendDigest',
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'SendDigest' }],
    });
  });

  test('the state machine waits before it retries what was throttled, longer each time', () => {
    const tasks = [States['Discover'], States['SendDigest']];
    for (const task of tasks) {
      const [retry] = (task?.['Retry'] ?? []) as readonly { ErrorEquals: readonly string[] }[];
      expect(retry?.ErrorEquals).toContain('Lambda.TooManyRequestsException');
      expect(retry).toMatchObject({ JitterStrategy: 'FULL', MaxAttempts: 8, MaxDelaySeconds: 120 });
    }
  });
});
