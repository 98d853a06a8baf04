/** What a role may do, one line a permission: `action resource`. */
export type Expected = readonly string[];

const on = (resources: readonly string[], ...actions: readonly string[]): Expected =>
  actions.flatMap((action) => resources.map((resource) => `${action} ${resource}`));
const folders = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `<AuditorReportsBucket>/${name}/*`);

const writes = (...names: readonly string[]): Expected =>
  on(folders(...names), 's3:PutObject', 's3:AbortMultipartUpload');
const reads = (...names: readonly string[]): Expected => [
  ...on(folders(...names), 's3:GetObject'),
  's3:ListBucket <AuditorReportsBucket>',
];

const KEY = on(['<AuditorKey>'], 'kms:Decrypt', 'kms:GenerateDataKey');

const running = (logs: string): Expected => [
  ...on([`<${logs}>`], 'logs:CreateLogStream', 'logs:PutLogEvents'),
  'sqs:SendMessage <AuditorUndelivered>',
  ...on(['*'], 'xray:PutTraceSegments', 'xray:PutTelemetryRecords'),
  ...KEY,
];

export const IN_VPC = on(
  ['*'],
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
);

const discoveryIn = (account: string): Expected => [
  'eks:ListClusters *',
  ...on([`arn:<Partition>:eks:*:${account}:cluster/*`], 'eks:DescribeCluster', 'eks:ListFargateProfiles'),
  `eks:DescribeFargateProfile arn:<Partition>:eks:*:${account}:fargateprofile/*`,
  `eks:DescribeAddon arn:<Partition>:eks:*:${account}:addon/*/vpc-cni/*`,
];

/** `egress.routing: read`, besides what Lambda needs in a VPC anyway. */
const NETWORK: Expected = [
  ...on(
    ['*'],
    'ec2:DescribeInstances',
    'ec2:DescribeRouteTables',
    'ec2:DescribeSecurityGroups',
    'ec2:DescribeNatGateways',
    'ec2:DescribeVpcEndpoints',
  ),
  'ec2:GetManagedPrefixListEntries arn:<Partition>:ec2:*:*:prefix-list/*',
];
const REPOSITORIES = ['arn:<Partition>:ecr:*:*:repository/*'];

/** `images.registry`, by its level. */
const METADATA: Expected = [
  ...on(REPOSITORIES, 'ecr:DescribeRepositories', 'ecr:DescribeImages'),
  ...on(
    ['*'],
    'ecr:DescribePullThroughCacheRules',
    'ecr:GetRegistryScanningConfiguration',
    'inspector2:ListCoverage',
  ),
];
export const PULLING: Expected = on(REPOSITORIES, 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer');
const INTERFACES = 'ec2:DescribeNetworkInterfaces *';

const MEMBERS = on(
  [
    'arn:<Partition>:iam::111122223333:role/EksDriftAuditorMember',
    'arn:<Partition>:iam::444455556666:role/Auditor',
  ],
  'sts:AssumeRole',
  'sts:TagSession',
);

const IMPORT =
  'securityhub:BatchImportFindings arn:<Partition>:securityhub:*:<AccountId>:product/<AccountId>/default';
const TELL_OTHERS: Expected = [
  'sns:Publish <AuditorChatTopic>',
  // Of routes, in the order of the configuration and each once.
  'sns:Publish arn:aws:sns:eu-west-1:444455556666:payments',
  IMPORT,
  'events:PutEvents arn:<Partition>:events:<Region>:<AccountId>:event-bus/default',
];
const CONFIGURATION = 's3:GetObject arn:<Partition>:s3:::configuration/audit/config.yaml';
const SIGN = 'kms:Sign <AuditorRunSigningKey>';
const PUBLISH = 'sns:Publish <AuditorDigestTopic>';

const starting = (target: string): Expected => [target, 'sqs:SendMessage <AuditorUndelivered>', ...KEY];

const ALL_WRITES = writes('findings', 'inventory', 'compliance', 'runs', 'state', 'latest');
const ALL_READS = reads('inventory', 'runs', 'state', 'latest');

const WATCH: Expected = [
  ...running('AuditorWatchLogs'),
  ...reads('latest'),
  'sns:GetTopicAttributes <AuditorDigestTopic>',
];
/** Where alarms and the chat have topics of their own. */
const WATCH_BOTH: Expected = [
  ...WATCH,
  ...on(['<AuditorChatTopic>', '<AuditorAlarmMailTopic>'], 'sns:GetTopicAttributes'),
];
const WATCHING = starting('lambda:InvokeFunction <AuditorWatchFunction>');

/** By role, its logical id without the hash. */
export const SINGLE: Readonly<Record<string, Expected>> = {
  AuditorReader: [
    ...running('AuditorRunAuditLogs'),
    ...discoveryIn('<AccountId>'),
    ...NETWORK,
    INTERFACES,
    ...METADATA,
    ...ALL_WRITES,
    ...ALL_READS,
    SIGN,
    PUBLISH,
  ],
  AuditorScheduleRole: starting('lambda:InvokeFunction <AuditorRunAuditFunction>'),
  AuditorWatchRole: WATCH,
  AuditorWatchScheduleRole: WATCHING,
};

export const EVERYTHING_ON: Readonly<Record<string, Expected>> = {
  ...SINGLE,
  AuditorWatchRole: WATCH_BOTH,
  // Messages need no right, and members of the channel get none.
  AuditorChatRole: [],
  AuditorReader: [
    ...(SINGLE['AuditorReader'] ?? []).filter((line) => line !== INTERFACES),
    ...IN_VPC,
    ...MEMBERS,
    ...TELL_OTHERS,
    CONFIGURATION,
  ],
};

const MEASURING_ROLES = [
  'sts:AssumeRole arn:<Partition>:iam::<AccountId>:role/EksDriftAuditorMeasure',
  ...on(
    [
      'arn:<Partition>:iam::111122223333:role/EksDriftAuditorMeasure',
      'arn:<Partition>:iam::444455556666:role/EksDriftAuditorMeasure',
    ],
    'sts:AssumeRole',
    'sts:TagSession',
  ),
];

/** The measuring role has no permission at all: what is sent to a node may be used by whoever owns it. */
export const MEASURING_ON: Readonly<Record<string, Expected>> = {
  ...EVERYTHING_ON,
  AuditorReader: [...(EVERYTHING_ON['AuditorReader'] ?? []), ...MEASURING_ROLES],
  AuditorMeasurer: [],
};

const organizationRoles = (name: string): Expected =>
  on([`arn:<Partition>:iam::*:role/${name}`], 'sts:AssumeRole', 'sts:TagSession');

/** The one grant that listing takes, and the roles of accounts that are not known in advance. */
export const ORGANIZATION_ON: Readonly<Record<string, Expected>> = {
  ...SINGLE,
  AuditorReader: [
    ...(SINGLE['AuditorReader'] ?? []),
    ...on(
      [
        'arn:<Partition>:organizations::*:ou/o-*/ou-ab12-*',
        'arn:<Partition>:organizations::*:ou/o-*/ou-cd34-*',
        'arn:<Partition>:organizations::*:root/o-*/r-cd34',
      ],
      'organizations:ListAccountsForParent',
      'organizations:ListChildren',
    ),
    ...organizationRoles('EksDriftAuditorMember'),
    ...organizationRoles('EksDriftAuditorMeasure'),
    'sts:AssumeRole arn:<Partition>:iam::<AccountId>:role/EksDriftAuditorMeasure',
  ],
  AuditorMeasurer: [],
};

export const MEMBER: Readonly<Record<string, Expected>> = {
  Role: [...discoveryIn('<AccountId>'), ...NETWORK, INTERFACES, ...METADATA, ...PULLING, IMPORT],
  Measurer: [],
};

const STATES = 'arn:<Partition>:states:<Region>:<AccountId>';

export const FLEET_ON: Readonly<Record<string, Expected>> = {
  AuditorChatRole: [],
  AuditorReader: [
    ...running('AuditorRunAuditClusterLogs'),
    ...NETWORK,
    ...METADATA,
    ...IN_VPC,
    ...MEMBERS,
    ...writes('findings', 'inventory', 'runs', 'state/images'),
    ...reads('inventory', 'runs', 'state'),
    CONFIGURATION,
  ],
  AuditorRunDiscovery: [
    ...running('AuditorRunDiscoverLogs'),
    ...discoveryIn('<AccountId>'),
    ...MEMBERS,
    ...writes('runs'),
    ...reads('runs'),
    CONFIGURATION,
  ],
  AuditorRunSender: [
    ...running('AuditorRunSendDigestLogs'),
    ...MEMBERS,
    ...writes('findings', 'compliance', 'runs', 'state', 'latest'),
    ...reads('runs', 'state', 'latest'),
    SIGN,
    PUBLISH,
    ...TELL_OTHERS,
    CONFIGURATION,
  ],
  AuditorRunFleetRole: [
    ...on(
      ['<AuditorRunDiscoverFunction>', '<AuditorRunAuditClusterFunction>', '<AuditorRunSendDigestFunction>'],
      'lambda:InvokeFunction',
    ),
    ...on(folders('runs'), 's3:GetObject'),
    ...on(
      folders('fleet'),
      's3:GetObject',
      's3:PutObject',
      's3:ListMultipartUploadParts',
      's3:AbortMultipartUpload',
    ),
    ...KEY,
    `states:StartExecution ${STATES}:stateMachine:EksDriftAuditor`,
    ...on([`${STATES}:execution:EksDriftAuditor/*`], 'states:DescribeExecution', 'states:StopExecution'),
    ...on(
      ['*'],
      'xray:PutTraceSegments',
      'xray:PutTelemetryRecords',
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      'logs:CreateLogDelivery',
      'logs:GetLogDelivery',
      'logs:UpdateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:DescribeResourcePolicies',
      'logs:DescribeLogGroups',
    ),
  ],
  AuditorScheduleRole: starting('states:StartExecution <AuditorRunFleetStateMachine>'),
  AuditorWatchRole: WATCH_BOTH,
  AuditorWatchScheduleRole: WATCHING,
};
