import { describe, expect, test } from '@jest/globals';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { createOnly } from './create-only.ts';
import {
  EVERYTHING,
  FLEET,
  hub,
  hubStack,
  MEASURING,
  ORGANIZATION,
  resourcesOf,
  withEndpoints,
} from './deployed.ts';
import { replaced } from './replaced.ts';

const resources = (yaml: string) => resourcesOf(hub(yaml));
const LOCK = '  objectLock: { mode: compliance, period: 365d }\n';
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const MODE = 'deployment: { mode: fleet }';

describe('a change of the configuration', () => {
  test.each([
    ['the mode fleet', '', MODE],
    ['the mode single', MODE, ''],
    ['every option but Object Lock', '', EVERYTHING.replace(LOCK, '')],
    ['the mode fleet, with every option', EVERYTHING, FLEET],
    ['measuring', EVERYTHING, MEASURING],
    ['an organization', '', ORGANIZATION],
    ['endpoints in the VPC', EVERYTHING, withEndpoints(EVERYTHING)],
    ['no endpoints any more', withEndpoints(FLEET), FLEET],
    [
      'IPv6 in the VPC',
      EVERYTHING,
      EVERYTHING.replace('clusterSecurityGroups:', 'ipv6: only\n    clusterSecurityGroups:'),
    ],
    ['another retention', '', 'deployment: { retention: { reports: 800d, inventory: 400d, logs: 30d } }'],
    ['another schedule', '', 'deployment: { schedule: { cron: "0 7 ? * MON *" } }'],
  ])('to %s replaces nothing, and removes nothing that holds evidence, messages or names', (_, from, to) => {
    expect(replaced(resources(from), resources(to)).filter((id) => !BELONGS_TO_A_MODE.test(id))).toEqual([]);
  });
});

test.each([
  ['another encryption key', '', `deployment: { kmsKeyArn: "${KEY}" }`, ['AuditorKey']],
  ['another signing key', '', `deployment: { signing: "${KEY}" }`, ['AuditorRunSigningKey']],
  [
    'another VPC',
    EVERYTHING,
    EVERYTHING.replaceAll('vpc-0123456789abcdef0', 'vpc-0fedcba9876543210'),
    ['AuditorNetworkSecurityGroup'],
  ],
])('%s takes nothing with it but what it replaces, and no key is deleted', (_, from, to, gone) => {
  expect(replaced(resources(from), resources(to))).toEqual(gone);
  for (const [id, { Type, DeletionPolicy }] of Object.entries(resources(from))) {
    if (Type === 'AWS::KMS::Key') expect([id, DeletionPolicy]).toEqual([id, 'RetainExceptOnCreate']);
  }
});

test('Object Lock, which CloudFormation enables on new buckets alone, replaces the one of the reports: synthesis says so', () => {
  const without = EVERYTHING.replace(LOCK, '');
  expect(without).not.toBe(EVERYTHING);
  expect(replaced(resources(without), resources(EVERYTHING))).toEqual(['AuditorReportsBucket']);
  expect(replaced(resources(EVERYTHING), resources(without))).toEqual(['AuditorReportsBucket']);
  const said = (yaml: string) =>
    Annotations.fromStack(hubStack(yaml))
      .findInfo('*', Match.stringLikeRegexp('objectLock'))
      .map(({ entry }) => String(entry.data));
  expect(said(EVERYTHING)).toEqual([expect.stringContaining('replaces the bucket of the reports')]);
  expect(said(without)).toEqual([]);
});

/** What a mode has of its own: functions with their logs, and the roles of a fleet. */
const BELONGS_TO_A_MODE =
  /^AuditorRun(Audit|AuditCluster|Discover|Discovery|SendDigest|Sender|Fleet|NotifyPlace)/;

test('each type that is deployed has a schema that says what replaces it', () => {
  const types = new Set(
    [FLEET, withEndpoints(EVERYTHING), ORGANIZATION].flatMap((yaml) =>
      Object.values(resources(yaml)).map(({ Type }) => Type),
    ),
  );
  expect(types.size).toBeGreaterThan(20);
  expect(Object.fromEntries([...types].sort().map((type) => [type, createOnly(type)]))).toMatchObject({
    'AWS::S3::Bucket': expect.arrayContaining(['BucketName']),
    'AWS::EC2::VPCEndpoint': expect.arrayContaining(['ServiceName', 'VpcId', 'VpcEndpointType']),
    'AWS::SNS::Topic': expect.arrayContaining(['TopicName', 'FifoTopic']),
    'AWS::EKS::AccessEntry': ['ClusterName', 'PrincipalArn', 'Type'],
  });
});
