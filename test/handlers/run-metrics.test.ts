import { Metrics } from '@aws-lambda-powertools/metrics';
import { expect, test } from '@jest/globals';
import { AuditorError } from '../../lambda/errors.ts';
import { addRunMetrics } from '../../lambda/handlers/run-metrics.ts';
import type { Signer } from '../../lambda/store/signing.ts';
import { type Delivered, deliver, found, runOf } from '../audit/recording.ts';
import { memoryStore } from '../store/memory-store.ts';

/** What CloudWatch gets of a delivery. */
async function metricsOf(delivered: Delivered): Promise<Readonly<Record<string, unknown>>> {
  const completed = await deliver(delivered);
  if (completed.outcome === 'done-before') throw new Error('The run is delivered for the first time.');
  const metrics = new Metrics({ namespace: 'EksDriftAuditor', serviceName: 'test' });
  addRunMetrics(metrics, completed, 1_000);
  return { ...metrics.serializeMetrics() };
}

test('earlier runs that did not finish are counted', async () => {
  const store = memoryStore();
  const note = [Buffer.from('{}')];
  await store.put(`runs/${runOf(8).id}/begun.json`, note, { contentType: 'application/json' });
  const results = [found(['a'])];
  expect(await metricsOf({ store, run: runOf(9), results })).toMatchObject({ UnfinishedRuns: 1 });
  expect(await metricsOf({ store, run: runOf(15), results })).toMatchObject({ UnfinishedRuns: 0 });
});

test('a signature that the key refuses is a part that is missing of the record', async () => {
  const refused: Signer = {
    keyArn: 'arn:aws:kms:eu-west-1:111122223333:key/k',
    sign: () => Promise.reject(new AuditorError('kms:Sign is denied; allow it in the policy of the key.')),
  };
  const delivered = { store: memoryStore(), run: runOf(1), results: [found(['a'])] };
  expect(await metricsOf({ ...delivered, signer: refused })).toMatchObject({
    RecordIncomplete: 1,
    RunCompleted: 0,
  });
});
