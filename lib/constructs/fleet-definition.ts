/** ARNs that the state machine names. */
export interface FleetParts {
  readonly discover: string;
  readonly audit: string;
  readonly digest: string;
  readonly bucket: string;
  /** `aws`, `aws-cn`, `aws-us-gov`: ARNs of service integrations begin with it. */
  readonly partition: string;
  /** Clusters at once. */
  readonly concurrency: number;
}

/** Failures that pass by themselves: of Lambda, of the network to it, and throttling. */
const PASSING = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.TooManyRequestsException',
  'Lambda.EC2ThrottledException',
  'Lambda.EC2UnexpectedException',
];

/** With jitter, so that what was throttled together does not come back together. */
const RETRY_PASSING = {
  ErrorEquals: PASSING,
  IntervalSeconds: 2,
  MaxAttempts: 8,
  BackoffRate: 2,
  MaxDelaySeconds: 120,
  JitterStrategy: 'FULL',
};

/** Once more, since a function that ran out of time or memory may have met a busy API server. */
const RETRY_ONCE = {
  ErrorEquals: ['States.TaskFailed', 'States.Timeout'],
  IntervalSeconds: 30,
  MaxAttempts: 1,
  BackoffRate: 2,
  JitterStrategy: 'FULL',
};

/** A little longer than a function may run. */
const TASK_SECONDS = 960;

type Task = (functionArn: string, payload: string) => object;

/** https://docs.aws.amazon.com/step-functions/latest/dg/concepts-service-integrations.html */
const integration = ({ partition }: Pick<FleetParts, 'partition'>, action: string): string =>
  `arn:${partition}:states:::${action}`;

const taskIn =
  (parts: FleetParts): Task =>
  (functionArn, payload) => ({
    Type: 'Task',
    Resource: integration(parts, 'lambda:invoke'),
    Parameters: { FunctionName: functionArn, 'Payload.$': payload },
    OutputPath: '$.Payload',
    TimeoutSeconds: TASK_SECONDS,
    Retry: [RETRY_PASSING, RETRY_ONCE],
  });

/**
 * discover → audit each cluster → digest, in the Amazon States Language (https://states-language.net/spec.html).
 *
 * The digest is sent whatever became of the clusters: those that failed are in it as not audited. Only then does
 * the run end as failed, if the map itself did, so that there is an alarm as well.
 */
export function fleetDefinition(parts: FleetParts): object {
  const task = taskIn(parts);
  return {
    Comment: 'eks-drift-auditor: audits each cluster in a separate invocation, then sends the digest',
    StartAt: 'Discover',
    States: {
      Discover: { ...task(parts.discover, '$'), Next: 'DoneBefore' },
      DoneBefore: {
        Type: 'Choice',
        Choices: [{ Variable: '$.done', BooleanEquals: true, Next: 'Done' }],
        Default: 'AuditClusters',
      },
      AuditClusters: auditClusters(parts),
      SendDigest: {
        ...task(parts.digest, '$'),
        // The input is kept, to tell afterwards whether the map failed.
        OutputPath: '$',
        ResultPath: '$.digest',
        Next: 'MapFailed',
      },
      MapFailed: {
        Type: 'Choice',
        Choices: [{ Variable: '$.failure', IsPresent: true, Next: 'Failed' }],
        Default: 'Done',
      },
      Failed: {
        Type: 'Fail',
        Error: 'MapFailed',
        Cause:
          'The map over the clusters failed; the digest was sent and names the clusters that are missing.',
      },
      Done: { Type: 'Succeed' },
    },
  };
}

/** A child execution a cluster: only those of type STANDARD may run for as long as a function. */
const auditClusters = (parts: FleetParts) => ({
  Type: 'Map',
  ItemReader: {
    Resource: integration(parts, 's3:getObject'),
    ReaderConfig: { InputType: 'JSON' },
    Parameters: { Bucket: parts.bucket, 'Key.$': '$.key' },
  },
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: 'AuditCluster',
    States: { AuditCluster: { ...taskIn(parts)(parts.audit, '$'), End: true } },
  },
  // Else 10,000 results would have to fit into the 256 KiB of a state.
  ResultWriter: {
    Resource: integration(parts, 's3:putObject'),
    Parameters: { Bucket: parts.bucket, 'Prefix.$': "States.Format('fleet/{}', $$.Execution.Name)" },
  },
  MaxConcurrency: parts.concurrency,
  // A cluster that failed is part of the result, not the end of it.
  ToleratedFailurePercentage: 100,
  ResultPath: '$.map',
  Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'SendDigest' }],
  Next: 'SendDigest',
});
