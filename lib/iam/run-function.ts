import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Permission } from './grant.ts';
import { unscopedReason } from './unscoped.ts';

const TRACE = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];

export interface FunctionSinks {
  readonly logGroup: ILogGroup;
  readonly undelivered: IQueue;
}

/** What every function needs: its own log group, traces, and a place for events that it could not handle. */
export const runFunction = ({ logGroup, undelivered }: FunctionSinks): readonly Permission[] => [
  {
    sid: 'WriteLogs',
    reason: 'Writes the log of the function, and the metrics in it.',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    // The ARN of a log group in CloudFormation covers its streams.
    resources: [logGroup.logGroupArn],
  },
  {
    sid: 'KeepUndelivered',
    reason: 'Lambda keeps an event that failed each time, for a person to look at.',
    actions: ['sqs:SendMessage'],
    resources: [undelivered.queueArn],
  },
  {
    sid: 'WriteTraces',
    reason: 'Traces runs with X-Ray.',
    actions: TRACE,
    resources: ['*'],
    wildcard: unscopedReason(TRACE),
  },
];

const PLACE = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/**
 * Lambda places a function in a VPC with the function's own role.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
export const runInVpc = (): Permission => ({
  sid: 'PlaceInVpc',
  reason: 'Lambda places the function in the VPC with its role, with `deployment.vpc`.',
  actions: PLACE,
  resources: ['*'],
  wildcard: unscopedReason(PLACE),
});

/** What the code of a function is denied, although Lambda may do it for the function. */
export const DENIED_TO_CODE: readonly string[] = PLACE;
