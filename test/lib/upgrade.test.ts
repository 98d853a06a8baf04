import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { EVERYTHING, FLEET, hub, resourcesOf } from './deployed.ts';

/**
 * What a change of which replaces the resource, by "Update requires: Replacement" of the CloudFormation template reference
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html).
 */
const CREATE_ONLY: Readonly<Record<string, readonly string[]>> = {
  'AWS::S3::Bucket': ['BucketName'],
  'AWS::KMS::Key': [],
  'AWS::SNS::Topic': ['TopicName', 'FifoTopic'],
  'AWS::SNS::Subscription': ['Endpoint', 'Protocol', 'TopicArn'],
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
  'AWS::IAM::Role': ['RoleName', 'Path'],
  'AWS::Logs::LogGroup': ['LogGroupName'],
  'AWS::Lambda::Function': ['FunctionName', 'PackageType'],
  'AWS::StepFunctions::StateMachine': ['StateMachineName', 'StateMachineType'],
  'AWS::EKS::AccessEntry': ['ClusterName', 'PrincipalArn', 'Type'],
};

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** Logical ids of the first template whose resources the second one replaces or removes. */
function replaced(
  before: Readonly<Record<string, Resource>>,
  after: Readonly<Record<string, Resource>>,
): readonly string[] {
  const identity = ({ Type, Properties = {} }: Resource): string =>
    JSON.stringify([Type, ...(CREATE_ONLY[Type] ?? []).map((key) => Properties[key] ?? null)]);
  return Object.entries(before)
    .filter(([, { Type }]) => CREATE_ONLY[Type] !== undefined)
    .filter(([id, resource]) => {
      const now = after[id];
      return now === undefined || identity(now) !== identity(resource);
    })
    .map(([id]) => id.replace(/[0-9A-F]{8}$/, ''));
}

/** As the release before this one wrote it. */
const released = (name: string): Readonly<Record<string, Resource>> =>
  JSON.parse(
    readFileSync(new URL(`../templates/released/hub-${name}.template.json`, import.meta.url), 'utf8'),
  ).Resources;

/** Of these it is known: each with why it may be. */
const MAY_BE_REPLACED: Readonly<Record<string, string>> = {
  // Its fixed name kept the next deployment from being made; the log of past executions stays with the old group's retention.
  AuditorRunFleetLogs: 'the log group of the state machine has the name of its stack',
};

describe('An upgrade from the last release', () => {
  test.each([
    ['default', ''],
    ['everything', EVERYTHING],
    ['fleet', FLEET],
  ])('replaces nothing that holds evidence, messages, names or subscriptions: %s', (name, yaml) => {
    const before = released(name);
    expect(Object.keys(before).length).toBeGreaterThan(30);
    const lost = replaced(before, resourcesOf(hub(yaml)));
    expect(lost.filter((id) => MAY_BE_REPLACED[id] === undefined)).toEqual([]);
  });

  test('a bucket that gets a name, and a topic that is gone, would be noticed', () => {
    const before = released('default');
    const [bucket = ''] = Object.keys(before).filter((id) => id.startsWith('AuditorReportsBucket6'));
    const { AuditorDigestTopicFA3C538D: _, ...rest } = before;
    const named = {
      Type: 'AWS::S3::Bucket',
      Properties: { ...before[bucket]?.Properties, BucketName: 'reports' },
    };
    expect(replaced(before, { ...rest, [bucket]: named })).toEqual(
      expect.arrayContaining(['AuditorReportsBucket', 'AuditorDigestTopic']),
    );
  });
});
