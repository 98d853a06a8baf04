import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AwsCall, type AwsServices, startAwsServices } from './environment/aws-services.ts';
import { openProcesses, type Processes } from './environment/processes.ts';

let processes: Processes;
let aws: AwsServices;

beforeAll(async () => {
  processes = await openProcesses();
  aws = await startAwsServices(processes);
});

afterAll(() => processes?.stop());

describe('Every AWS service that the auditor or its stacks use answers in its own protocol', () => {
  const calls: ReadonlyArray<readonly [service: string, call: AwsCall, expected: string]> = [
    ['STS', query('sts', '2011-06-15', { Action: 'GetCallerIdentity' }), '<Account>111122223333</Account>'],
    ['EKS', { service: 'eks', method: 'GET', path: '/clusters' }, '"clusters": []'],
    ['S3', { service: 's3', method: 'GET' }, 'ListAllMyBucketsResult'],
    [
      'SNS',
      query('sns', '2010-03-31', { Action: 'CreateTopic', Name: 'digest' }),
      'arn:aws:sns:eu-west-1:111122223333:digest',
    ],
    ['SQS', json('sqs', 'AmazonSQS.CreateQueue', { QueueName: 'inbox' }), '/111122223333/inbox'],
    ['KMS', json('kms', 'TrentService.CreateKey', {}), '"KeyState": "Enabled"'],
    [
      'ECR',
      json('ecr', 'AmazonEC2ContainerRegistry_V20150921.CreateRepository', { repositoryName: 'app' }),
      'arn:aws:ecr:eu-west-1:111122223333:repository/app',
    ],
    ['EC2', query('ec2', '2016-11-15', { Action: 'DescribeVpcs' }), '<vpcId>'],
    ['EventBridge Scheduler', { service: 'scheduler', method: 'GET', path: '/schedules' }, '"Schedules": []'],
    ['Step Functions', json('states', 'AWSStepFunctions.ListStateMachines', {}), '"stateMachines": []'],
    [
      'Security Hub',
      {
        service: 'securityhub',
        path: '/accounts',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      },
      '{}',
    ],
  ];
  test.each(calls)('%s', async (_service, call, expected) => {
    const { status, body } = await aws.request(call);
    expect([status, body.includes(expected), body]).toEqual([200, true, body]);
  });
});

test('what is published to a topic arrives in its queue, with attributes', async () => {
  const queueUrl = JSON.parse(
    (await aws.request(json('sqs', 'AmazonSQS.CreateQueue', { QueueName: 'mail' }))).body,
  ).QueueUrl;
  const topic = { Action: 'CreateTopic', Name: 'mail' };
  const topicArn =
    /<TopicArn>([^<]+)/.exec((await aws.request(query('sns', '2010-03-31', topic))).body)?.[1] ?? '';
  const endpoint = 'arn:aws:sqs:eu-west-1:111122223333:mail';
  await aws.request(
    query('sns', '2010-03-31', {
      Action: 'Subscribe',
      TopicArn: topicArn,
      Protocol: 'sqs',
      Endpoint: endpoint,
    }),
  );
  await aws.request(
    query('sns', '2010-03-31', {
      Action: 'Publish',
      TopicArn: topicArn,
      Subject: 'drift',
      Message: 'three findings',
      'MessageAttributes.entry.1.Name': 'complete',
      'MessageAttributes.entry.1.Value.DataType': 'String',
      'MessageAttributes.entry.1.Value.StringValue': 'true',
    }),
  );
  const { body } = await aws.request(json('sqs', 'AmazonSQS.ReceiveMessage', { QueueUrl: queueUrl }));
  const [message] = JSON.parse(body).Messages;
  expect(JSON.parse(message.Body)).toMatchObject({
    Subject: 'drift',
    Message: 'three findings',
    MessageAttributes: { complete: { Type: 'String', Value: 'true' } },
  });
});

test('the credentials of a role see the account of the role, and no other', async () => {
  const here = await aws.assumeRole('arn:aws:iam::111122223333:role/auditor');
  const there = await aws.assumeRole('arn:aws:iam::444455556666:role/auditor');
  await aws.putEksCluster({
    name: 'east',
    endpoint: 'https://127.0.0.1:1',
    certificateAuthorityData: '',
    version: '1.36',
    accountId: '444455556666',
    status: 'CREATING',
    authenticationMode: 'CONFIG_MAP',
  });
  const clustersOf = async (accessKeyId: string, path = '/clusters') => {
    const call = { service: 'eks', method: 'GET', path, accessKeyId };
    return JSON.parse((await aws.request(call)).body);
  };
  expect(await clustersOf(here.accessKeyId)).toEqual({ clusters: [] });
  expect(await clustersOf(there.accessKeyId)).toEqual({ clusters: ['east'] });
  expect(await clustersOf(there.accessKeyId, '/clusters/east')).toMatchObject({
    cluster: { status: 'CREATING', accessConfig: { authenticationMode: 'CONFIG_MAP' } },
  });
});

test('an object that was written to a bucket is read back', async () => {
  const region =
    '<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>';
  const bucket = { service: 's3', method: 'PUT', path: '/reports', body: region };
  expect((await aws.request(bucket)).status).toBe(200);
  const path = '/reports/latest/summary.json';
  expect((await aws.request({ service: 's3', method: 'PUT', path, body: '{}' })).status).toBe(200);
  expect(await aws.request({ service: 's3', method: 'GET', path })).toEqual({ status: 200, body: '{}' });
});

/** Version and parameters in a form, answered in XML. */
function query(service: string, version: string, parameters: Readonly<Record<string, string>>): AwsCall {
  return {
    service,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ Version: version, ...parameters }).toString(),
  };
}

/** The action in a header, JSON both ways. */
function json(service: string, target: string, input: object): AwsCall {
  return {
    service,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
    body: JSON.stringify(input),
  };
}
