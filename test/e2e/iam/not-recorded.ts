/** A grant that no recorded request uses, and why it is there. */
export interface NotRecorded {
  /** `ROLE SID ACTION RESOURCE` */
  readonly grant: RegExp;
  readonly reason: string;
}

/**
 * What a service of AWS asks for with a role of the stack, not the code: moto's services do not. Each with the page on
 * which AWS says that it needs the grant.
 */
export const NOT_RECORDED: readonly NotRecorded[] = [
  {
    grant: / WriteLogs logs:/,
    reason:
      'Lambda writes the log of a function with its role: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html',
  },
  {
    grant: / WriteTraces xray:/,
    reason:
      'Lambda and Step Functions send traces with the role: https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html, https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html',
  },
  {
    grant: / KeepUndelivered sqs:SendMessage /,
    reason:
      'Lambda and Scheduler put what they could not deliver into the queue: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html, https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html',
  },
  {
    grant: /^Auditor(Watch|RunDiscovery|Schedule|WatchSchedule)(Role)? UseKey kms:/,
    reason:
      'The queue is encrypted: whoever sends to it needs both, which for these roles only Lambda or Scheduler does: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html',
  },
  {
    grant: / PlaceInVpc ec2:/,
    reason:
      'Lambda places the function in the VPC with its role: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html',
  },
  {
    grant: /^Auditor(Watch)?ScheduleRole Start /,
    reason:
      'EventBridge Scheduler starts its target: https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html',
  },
  {
    grant: /^AuditorRunFleetRole DeliverLogs logs:/,
    reason:
      'Step Functions delivers the log of the state machine: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html',
  },
  {
    grant: / WriteReports s3:AbortMultipartUpload /,
    reason:
      'Ends an upload in parts that failed, so that its parts are not paid for until the lifecycle ends them; test/store fails uploads.',
  },
  {
    grant: / AssumeMemberRoles sts:(AssumeRole|TagSession) arn:aws:iam::111122223333:/,
    reason: 'The account of the hub is one of `accounts` here; which account that is, is not known at synth.',
  },
  {
    grant: / AssumeMeasuringRoles? sts:(AssumeRole|TagSession) arn:aws:iam::111122223333:/,
    reason:
      'The trust policy of the measuring role names the reader, which is enough within an account; the policy of the reader says so, too.',
  },
  {
    grant: /^Role (DescribeImages|DescribeRegistries|ReadManifests|ReadImages) /,
    reason:
      'Asked for images in the account of a member, which has none here; what the same code asks for with the role of the hub is seen.',
  },
  {
    grant: /^AuditorReader WriteReports s3:PutObject .*\/sbom\/\*$/,
    reason:
      'Stores SBOMs that are found: the registry here does not list referrers, so that it has none; test/run stores them.',
  },
  {
    grant: /^AuditorRunSender WriteReports s3:PutObject .*\/findings\/\*$/,
    reason:
      'The end of a run records the findings of a cluster where its own function has not: of its parts, or of a run that began with the release before.',
  },
];
