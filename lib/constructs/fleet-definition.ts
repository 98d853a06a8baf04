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
 * discover (→ each account and region → join) → audit each cluster → digest → end each account and region → finish, in the
 * Amazon States Language (https://states-language.net/spec.html).
 *
 * The digest is sent whatever became of the clusters: those that failed are in it as not audited. What follows from the
 * decided run comes after the mail: states move, and Security Hub and the event bus are notified. Only then does the run
 * end as failed, if any of it did, so that there is an alarm as well.
 */
export function fleetDefinition(parts: FleetParts): object {
  const task = taskIn(parts);
  return {
    Comment: 'eks-drift-auditor: audits each cluster in a separate invocation, then sends the digest',
    StartAt: 'Discover',
    States: {
      Discover: {
        ...task(parts.discover, '$'),
        Parameters: { FunctionName: parts.discover, Payload: STARTED },
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'GiveUp' }],
        Next: 'DoneBefore',
      },
      // Else the lock would keep every run from beginning until it expires.
      GiveUp: {
        ...task(parts.discover, '$'),
        Parameters: { FunctionName: parts.discover, Payload: { ...STARTED, giveUp: true } },
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'NotBegun' }],
        Next: 'NotBegun',
      },
      NotBegun: {
        Type: 'Fail',
        Error: 'NotBegun',
        Cause:
          'The run could not be begun, so nothing was audited and no digest was sent: another run of this fleet is not over, or the accounts and clusters could not be listed. The log of the function that discovers clusters says which.',
      },
      DoneBefore: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.done', BooleanEquals: true, Next: 'Done' },
          { Variable: '$.inParts', BooleanEquals: true, Next: 'DiscoverPlaces' },
        ],
        Default: 'AuditClusters',
      },
      DiscoverPlaces: discoverPlaces(parts),
      JoinPlaces: {
        ...task(parts.discover, '$'),
        Parameters: {
          FunctionName: parts.discover,
          Payload: { 'run.$': '$.run', 'start.$': '$.start', join: true },
        },
        // Finish gives the lock back.
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'Finish' }],
        Next: 'AuditClusters',
      },
      AuditClusters: auditClusters(parts),
      SendDigest: {
        ...task(parts.digest, '$'),
        // The input is kept, to tell afterwards whether the map failed.
        OutputPath: '$',
        ResultPath: '$.digest',
        // A mail that is refused keeps no state from being moved: its news is owed then.
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'EndPlaces' }],
        Next: 'EndPlaces',
      },
      EndPlaces: endPlaces(parts),
      Finish: {
        ...task(parts.digest, '$'),
        Parameters: { FunctionName: parts.digest, Payload: { 'run.$': '$.run', finish: true, ...EXECUTION } },
        OutputPath: '$',
        ResultPath: '$.finish',
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'MapFailed' }],
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
          'A part of the run failed. The digest names the clusters that are missing; if none was sent, the list of clusters could not be made or the digest could not be sent. The logs of the functions that discover clusters and send the digest say which, and what else is not complete.',
      },
      Done: { Type: 'Succeed' },
    },
  };
}

/** Only the execution that took the lock gives it back: another one of the same run may be going on. */
const EXECUTION = { 'execution.$': '$$.Execution.Name' };

/** What starts the run, with a time that is the same at each attempt: a run that is started by hand is named by it. */
const STARTED = { 'event.$': '$', 'startedAt.$': '$$.Execution.StartTime', ...EXECUTION };

/** Accounts and regions that are asked at once: EKS limits each by itself. */
export const DISCOVERED_AT_ONCE = 50;

const discoverPlaces = (parts: FleetParts) => ({
  ...mapOf(parts, {
    key: '$.toAsk',
    state: 'DiscoverPlace',
    functionArn: parts.discover,
    results: 'fleet/{}/places',
  }),
  MaxConcurrency: DISCOVERED_AT_ONCE,
  ResultPath: '$.asked',
  // What left nothing is a gap in the plan.
  Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.unasked', Next: 'JoinPlaces' }],
  Next: 'JoinPlaces',
});

/** Accounts and regions that are ended at once. */
export const ENDED_AT_ONCE = 10;

const auditClusters = (parts: FleetParts) => ({
  ...mapOf(parts, { key: '$.key', state: 'AuditCluster', functionArn: parts.audit, results: 'fleet/{}' }),
  MaxConcurrency: parts.concurrency,
  ResultPath: '$.map',
  Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'SendDigest' }],
  Next: 'SendDigest',
});

const endPlaces = (parts: FleetParts) => ({
  ...mapOf(parts, {
    key: '$.places',
    state: 'EndPlace',
    functionArn: parts.digest,
    results: 'fleet/{}/ends',
  }),
  MaxConcurrency: ENDED_AT_ONCE,
  ResultPath: '$.ends',
  Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'Finish' }],
  Next: 'Finish',
});

interface MapParts {
  /** Path to the key of the items. */
  readonly key: string;
  /** Name of the only state of an item. */
  readonly state: string;
  readonly functionArn: string;
  /** Where what became of the items is written, with a place for the name of the execution. */
  readonly results: string;
}

/** A child execution an item: only those of type STANDARD may run for as long as a function. */
const mapOf = (parts: FleetParts, { key, state, functionArn, results }: MapParts) => ({
  Type: 'Map',
  ItemReader: {
    Resource: integration(parts, 's3:getObject'),
    ReaderConfig: { InputType: 'JSON' },
    Parameters: { Bucket: parts.bucket, 'Key.$': key },
  },
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: state,
    States: { [state]: { ...taskIn(parts)(functionArn, '$'), End: true } },
  },
  // Else 10,000 results would have to fit into the 256 KiB of a state.
  ResultWriter: {
    Resource: integration(parts, 's3:putObject'),
    Parameters: { Bucket: parts.bucket, 'Prefix.$': `States.Format('${results}', $$.Execution.Name)` },
  },
  // An item that failed is part of the result, not the end of it.
  ToleratedFailurePercentage: 100,
});
