import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Permission } from './grant.ts';
import { unscopedReason } from './unscoped.ts';
import { useKey } from './use-key.ts';

export interface FleetAccess {
  readonly functions: readonly string[];
  readonly bucket: IBucket;
  readonly key: IKey;
  readonly stateMachineArn: string;
  readonly executionsArn: string;
}

const TRACE = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
];
const DELIVER_LOGS = [
  'logs:CreateLogDelivery',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
];

/**
 * What the state machine needs: its three functions, the item list and the results of a distributed map, and
 * child executions of itself (https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html).
 */
export function runFleet(access: FleetAccess): readonly Permission[] {
  const { functions, bucket, key, stateMachineArn, executionsArn } = access;
  return [
    {
      sid: 'InvokeFunctions',
      reason: 'Runs the stages of a fleet run.',
      actions: ['lambda:InvokeFunction'],
      resources: functions,
    },
    {
      sid: 'ReadItems',
      reason: 'Reads the list of clusters that discovery wrote.',
      actions: ['s3:GetObject'],
      resources: [bucket.arnForObjects('runs/*')],
      wildcard: 'The list of clusters is stored in the folder of its run.',
    },
    {
      sid: 'WriteResults',
      reason: 'Writes what became of each item of the map, in parts where it is long.',
      actions: ['s3:GetObject', 's3:PutObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
      resources: [bucket.arnForObjects('fleet/*')],
      wildcard: 'The results of the map are stored in one folder per run.',
    },
    useKey(key, ['s3']),
    {
      sid: 'StartChildren',
      reason: 'A distributed map runs its items as child executions of the same state machine.',
      actions: ['states:StartExecution'],
      resources: [stateMachineArn],
    },
    {
      sid: 'WatchChildren',
      reason: 'Waits for the child executions, and stops them with the run.',
      actions: ['states:DescribeExecution', 'states:StopExecution'],
      resources: [executionsArn],
      wildcard: 'Step Functions names the executions of the map; all are of this state machine.',
    },
    {
      sid: 'WriteTraces',
      reason: 'Traces runs with X-Ray.',
      actions: TRACE,
      resources: ['*'],
      wildcard: unscopedReason(TRACE),
    },
    {
      sid: 'DeliverLogs',
      reason: 'Writes the log of the state machine.',
      actions: DELIVER_LOGS,
      resources: ['*'],
      wildcard: unscopedReason(DELIVER_LOGS),
    },
  ];
}
