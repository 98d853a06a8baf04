import { expect, test } from '@jest/globals';
import { EVERYTHING, FLEET, hub, resourcesOf } from './deployed.ts';

/** What a change of which replaces the resource, by the "Update requires: Replacement" of CloudFormation's reference. */
const CREATE_ONLY: Readonly<Record<string, readonly string[]>> = {
  'AWS::S3::Bucket': ['BucketName'],
  'AWS::KMS::Key': [],
  'AWS::SNS::Topic': ['TopicName', 'FifoTopic'],
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
};

/** Logical ids and create-only properties of what holds evidence, messages and subscriptions. */
const kept = (yaml: string): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(resourcesOf(hub(yaml))).flatMap(([id, { Type, Properties = {} }]) =>
      CREATE_ONLY[Type] === undefined || id.startsWith('AuditorCatalog')
        ? []
        : [[id, CREATE_ONLY[Type].map((key) => Properties[key] ?? null)]],
    ),
  );

test('neither another mode nor an option replaces buckets, keys, topics or queues', () => {
  const first = kept('');
  expect(Object.keys(first)).toEqual([
    expect.stringMatching(/^AuditorKey/),
    expect.stringMatching(/^AuditorReports/),
    expect.stringMatching(/^AuditorReports/),
    expect.stringMatching(/^AuditorDigestTopic/),
    expect.stringMatching(/^AuditorUndelivered/),
    expect.stringMatching(/^AuditorRunSigningKey/),
  ]);
  for (const yaml of ['deployment: { mode: fleet }', EVERYTHING, FLEET]) {
    expect(kept(yaml)).toMatchObject(first);
  }
});
