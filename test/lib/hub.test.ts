import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { UNSCOPED } from '../../lib/iam/unscoped.ts';
import { EksDriftAuditor } from '../../lib/index.ts';
import {
  EVERYTHING,
  FLEET,
  hub,
  hubStack,
  MEASURING,
  memberStack,
  resourcesOf,
  settingsOf,
  withEndpoints,
} from './deployed.ts';

const all = [
  ['the default', ''],
  ['everything', EVERYTHING],
  ['a fleet', FLEET],
] as const;

const propertiesOf = (template: Template, type: string): readonly Readonly<Record<string, unknown>>[] =>
  Object.values(resourcesOf(template)).flatMap(({ Type, Properties }) => (Type === type ? [Properties] : []));

describe.each(all)('with %s', (_, yaml) => {
  const template = hub(yaml);

  test('buckets are closed: encrypted, TLS only, no public access, kept when the stack goes', () => {
    template.allResources('AWS::S3::Bucket', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        BucketEncryption: Match.anyValue(),
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      },
    });
    const buckets = template.findResources('AWS::S3::Bucket');
    const closed = Object.values(
      template.findResources('AWS::S3::BucketPolicy', denies('s3:*', 'aws:SecureTransport')),
    );
    expect(closed).toHaveLength(Object.keys(buckets).length);
  });

  test('the bucket for reports is versioned, encrypted with the key, and logs who reads it', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: Match.anyValue() },
          },
        ],
      },
      LoggingConfiguration: Match.anyValue(),
    });
  });

  test('topics and queues are encrypted with the key and take TLS only', () => {
    template.allResourcesProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.anyValue() });
    template.allResourcesProperties('AWS::SQS::Queue', { KmsMasterKeyId: Match.anyValue() });
    template.allResources('AWS::SNS::TopicPolicy', denies('sns:Publish', 'aws:SecureTransport'));
    template.allResources('AWS::SQS::QueuePolicy', denies('sqs:*', 'aws:SecureTransport'));
  });

  test('logs are encrypted and end', () => {
    template.allResourcesProperties('AWS::Logs::LogGroup', {
      KmsKeyId: Match.anyValue(),
      RetentionInDays: Match.anyValue(),
    });
  });

  test('functions run Node.js 24 on arm64, are traced, and know no secret', () => {
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
      DeadLetterConfig: Match.anyValue(),
      LoggingConfig: { LogGroup: Match.anyValue() },
    });
    for (const { Environment } of propertiesOf(template, 'AWS::Lambda::Function')) {
      const names = Object.keys((Environment as { Variables: object }).Variables);
      expect(names.filter((name) => /SECRET|TOKEN|PASSWORD|CREDENTIAL/i.test(name))).toEqual([]);
    }
  });

  test('functions leave memory beside the heap, and Node.js accepts how they say so', () => {
    for (const { Environment, MemorySize } of propertiesOf(template, 'AWS::Lambda::Function')) {
      const { NODE_OPTIONS } = (Environment as { Variables: Record<string, string> }).Variables;
      const limit = Number(/--max-old-space-size=(\d+)/.exec(NODE_OPTIONS ?? '')?.[1]);
      expect(limit).toBeLessThanOrEqual(Number(MemorySize) * 0.75);
      const { status, stderr } = spawnSync(process.execPath, ['--eval', ''], {
        env: { NODE_OPTIONS },
        encoding: 'utf8',
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    }
  });

  test('nothing is open to the world', () => {
    expect(
      propertiesOf(template, 'AWS::EC2::SecurityGroup').flatMap(
        (group) => group['SecurityGroupIngress'] ?? [],
      ),
    ).toEqual([]);
    const statements = Object.values(resourcesOf(template)).flatMap(({ Properties }) => {
      const policy = (Properties['PolicyDocument'] ?? Properties['KeyPolicy']) as
        | { Statement: readonly { Effect: string; Principal?: unknown; Sid?: string }[] }
        | undefined;
      return policy?.Statement ?? [];
    });
    const anybody = statements.filter(
      ({ Effect, Principal }) => Effect === 'Allow' && /"\*"/.test(JSON.stringify(Principal ?? '')),
    );
    expect(statements.length).toBeGreaterThan(10);
    expect(anybody).toEqual([]);
  });

  test('schedules start one thing each, try again, and keep what they could not deliver', () => {
    template.allResourcesProperties('AWS::Scheduler::Schedule', {
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 10 },
        DeadLetterConfig: Match.anyValue(),
      },
    });
  });

  test('every alarm says what to do, and what missing numbers mean', () => {
    template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmDescription: Match.stringLikeRegexp('\\.?$'),
      TreatMissingData: Match.anyValue(),
    });
    const names = propertiesOf(template, 'AWS::CloudWatch::Alarm').map(
      (alarm) => String(alarm['AlarmName']).split('-')[1],
    );
    expect(names).toEqual([
      'NotRun',
      'Failed',
      'NotAudited',
      'CoverageLost',
      'Throttled',
      'Slow',
      'DigestUndeliverable',
      'RecordIncomplete',
      'Undelivered',
      'DigestUnread',
      ...(yaml !== '' ? ['ChatUnread', 'AlarmsUnread'] : []),
    ]);
  });

  test('only alarms on a state announce their end: an event ends by itself with nothing fixed', () => {
    const announced = propertiesOf(template, 'AWS::CloudWatch::Alarm').flatMap(({ AlarmName, OKActions }) =>
      OKActions === undefined ? [] : [String(AlarmName).split('-')[1]],
    );
    const unread = yaml !== '' ? ['DigestUnread', 'ChatUnread', 'AlarmsUnread'] : [];
    expect(announced).toEqual(['NotRun', 'NotAudited', 'CoverageLost', 'Undelivered', ...unread]);
  });

  test('what the last run left holds until the watch has another number', () => {
    for (const MetricName of ['ClustersNotAudited', 'CoverageLost']) {
      template.hasResourceProperties('AWS::CloudWatch::Alarm', {
        MetricName,
        Period: 3600,
        TreatMissingData: 'ignore',
        Threshold: 0,
      });
    }
  });

  test('alarms fit what CloudWatch looks back on', () => {
    for (const alarm of propertiesOf(template, 'AWS::CloudWatch::Alarm')) {
      const metrics = (alarm['Metrics'] ?? []) as { MetricStat?: { Period: number } }[];
      const period = Number(
        alarm['Period'] ?? metrics.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period,
      );
      const seconds = period * Number(alarm['EvaluationPeriods']);
      expect(seconds).toBeLessThanOrEqual(period < 3600 ? 86_400 : 604_800);
      expect(seconds).toBeGreaterThan(0);
    }
  });
});

const denies = (action: string, key: string) => ({
  Properties: {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Effect: 'Deny', Action: action, Condition: { Bool: { [key]: 'false' } } }),
      ]),
    },
  },
});

describe('the schedule', () => {
  const audit = (yaml: string) =>
    propertiesOf(hub(yaml), 'AWS::Scheduler::Schedule').find(
      ({ Description }) => Description === 'Starts the audit',
    );

  test('is that of the configuration, in its time zone', () => {
    expect(audit(EVERYTHING)).toMatchObject({
      ScheduleExpression: 'cron(30 7 ? * MON *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
    });
  });

  test('the schedule sends the time for which a run is meant, so that a second delivery is recognised', () => {
    const { Target } = audit('') as { Target: { Input: string } };
    expect(JSON.parse(Target.Input)).toEqual({ scheduledTime: '<aws.scheduler.scheduled-time>' });
  });

  test("the dead-man's switch goes off when a run is late, or when its age is not measured", () => {
    const late = (yaml: string) =>
      propertiesOf(hub(yaml), 'AWS::CloudWatch::Alarm').find(({ AlarmName }) =>
        String(AlarmName).endsWith('-NotRun'),
      );
    const common = {
      MetricName: 'HoursSinceLastRun',
      TreatMissingData: 'breaching',
      Period: 3600,
      EvaluationPeriods: 3,
    };
    expect(late('')).toMatchObject({ ...common, Threshold: 24 + 3 });
    expect(late(EVERYTHING)).toMatchObject({ ...common, Threshold: 7 * 24 + 3 });
    expect(late(FLEET)).toMatchObject({ ...common, Threshold: 7 * 24 + 9 });
  });
});

describe('alarms', () => {
  const actions = (yaml: string) =>
    JSON.stringify(
      propertiesOf(hub(yaml), 'AWS::CloudWatch::Alarm')
        // Which is about the alarms' own topic.
        .filter(({ AlarmName }) => !String(AlarmName).endsWith('-AlarmsUnread'))
        .map(({ AlarmActions }) => AlarmActions),
    );

  test('go by another way than the digest where one is configured', () => {
    expect(actions('')).toContain('AuditorDigestTopic');
    expect(actions(EVERYTHING)).not.toContain('AuditorDigestTopic');
    expect(actions(EVERYTHING)).toContain('arn:aws:sns:eu-west-1:111122223333:on-call');
    expect(actions(EVERYTHING)).toContain('AuditorAlarmMailTopic');
  });

  test('on a topic that no one reads go to the other topics, never to that one', () => {
    const actionsOf = (yaml: string, id: string): string =>
      JSON.stringify(
        propertiesOf(hub(yaml), 'AWS::CloudWatch::Alarm').find(({ AlarmName }) =>
          String(AlarmName).endsWith(`-${id}`),
        )?.['AlarmActions'] ?? [],
      );
    expect(actionsOf('', 'DigestUnread')).toBe('[]');
    expect(actionsOf(EVERYTHING, 'DigestUnread')).toMatch(/AuditorAlarmMailTopic.*:on-call/);
    expect(actionsOf(EVERYTHING, 'DigestUnread')).not.toContain('AuditorDigestTopic');
    expect(actionsOf(EVERYTHING, 'AlarmsUnread')).toMatch(/:on-call.*AuditorDigestTopic/);
    expect(actionsOf(EVERYTHING, 'AlarmsUnread')).not.toContain('AuditorAlarmMailTopic');
  });

  test('on topics go off when their subscriptions are not counted', () => {
    hub(EVERYTHING).resourcePropertiesCountIs(
      'AWS::CloudWatch::Alarm',
      { TreatMissingData: 'breaching', ComparisonOperator: 'LessThanThreshold', Threshold: 1 },
      3,
    );
  });

  test('CloudWatch may use the key and publish, for alarms of this account only', () => {
    const from = {
      StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
      ArnLike: { 'aws:SourceArn': Match.anyValue() },
    };
    const allows = (Action: unknown) => ({
      Statement: Match.arrayWith([
        Match.objectLike({
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action,
          Condition: from,
        }),
      ]),
    });
    hub('').hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: allows(['kms:Decrypt', 'kms:GenerateDataKey']),
    });
    hub('').hasResourceProperties('AWS::SNS::TopicPolicy', { PolicyDocument: allows('sns:Publish') });
  });
});

describe('two hubs in one account', () => {
  const other = 'deployment: { name: OtherHub }';
  const dimensions = (yaml: string): readonly string[] =>
    JSON.stringify(propertiesOf(hub(yaml), 'AWS::CloudWatch::Alarm')).match(
      /"Name":"service","Value":"[^"]+"/g,
    ) ?? [];

  test('two hubs are distinguished by their metrics: neither alarms for the other, nor hides that it does not run', () => {
    expect(new Set(dimensions(''))).toEqual(new Set(['"Name":"service","Value":"EksDriftAuditor"']));
    expect(new Set(dimensions(other))).toEqual(new Set(['"Name":"service","Value":"OtherHub"']));
    expect(dimensions(other).length).toBeGreaterThanOrEqual(3);
    for (const { Environment } of propertiesOf(hub(other), 'AWS::Lambda::Function')) {
      expect(Environment).toMatchObject({ Variables: { POWERTOOLS_SERVICE_NAME: 'OtherHub' } });
    }
    const dashboard = JSON.stringify(propertiesOf(hub(other), 'AWS::CloudWatch::Dashboard')).replaceAll(
      '\\',
      '',
    );
    expect(new Set(dashboard.match(/"service","\w+"/g))).toEqual(new Set(['"service","OtherHub"']));
  });
});

test('another app may contain two of the constructs, whose names never collide', () => {
  const stack = new Stack(new App(), 'Theirs');
  const code = Code.fromInline('exports.handler = async () => {};');
  for (const name of ['One', 'Two']) {
    new EksDriftAuditor(stack, name, { settings: settingsOf(`${FLEET}  name: ${name}\n`), code });
  }
  const names = Object.values(resourcesOf(Template.fromStack(stack))).flatMap(({ Type, Properties = {} }) =>
    UNIQUE_NAMES.flatMap((key) =>
      typeof Properties[key] === 'string' ? [`${Type} ${Properties[key]}`] : [],
    ),
  );
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

/** What an account and region, or an account, has one of. */
const UNIQUE_NAMES = ['AlarmName', 'DashboardName', 'LogGroupName', 'RoleName', 'StateMachineName'];

describe('the report bucket', () => {
  test('the bucket keeps reports and inventory for the configured time', () => {
    const [, { LifecycleConfiguration }] = propertiesOf(hub(EVERYTHING), 'AWS::S3::Bucket') as [
      unknown,
      {
        LifecycleConfiguration: {
          Rules: {
            Prefix?: string;
            ExpirationInDays?: number;
            NoncurrentVersionExpiration?: { NoncurrentDays: number };
          }[];
        };
      },
    ];
    const days = Object.fromEntries(
      LifecycleConfiguration.Rules.map(({ Prefix, ExpirationInDays }) => [Prefix, ExpirationInDays]),
    );
    const evidence = { 'findings/': 800, 'compliance/': 800, 'runs/': 800, 'inventory/': 400 };
    expect(days).toMatchObject({ ...evidence, 'fleet/': 30 });
    // A version that somebody overwrote or deleted is evidence, too.
    const replaced = Object.fromEntries(
      LifecycleConfiguration.Rules.map(({ Prefix, NoncurrentVersionExpiration }) => [
        Prefix,
        NoncurrentVersionExpiration?.NoncurrentDays,
      ]),
    );
    expect(replaced).toMatchObject(evidence);
    // What the next run compares with must never expire.
    for (const folder of ['state/', 'latest/', 'sbom/', undefined])
      expect(days[String(folder)]).toBeUndefined();
  });

  /**
   * Where rules overlap, the shorter period holds
   * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html).
   */
  test('keeps replaced and deleted versions of evidence as long as evidence, whatever else its rules say', () => {
    const [, { LifecycleConfiguration }] = propertiesOf(hub(EVERYTHING), 'AWS::S3::Bucket') as [
      unknown,
      { LifecycleConfiguration: { Rules: Readonly<Record<string, unknown>>[] } },
    ];
    const shortest = (key: string): number =>
      Math.min(
        ...LifecycleConfiguration.Rules.filter(({ Prefix = '' }) => key.startsWith(String(Prefix))).map(
          ({ NoncurrentVersionExpiration: rule }) =>
            (rule as { NoncurrentDays: number } | undefined)?.NoncurrentDays ?? Number.POSITIVE_INFINITY,
        ),
      );
    const kept = Object.fromEntries(
      ['findings', 'compliance', 'runs', 'inventory', 'state', 'latest', 'sbom', 'fleet', 'athena'].map(
        (folder) => [folder, shortest(`${folder}/object`)],
      ),
    );
    expect(kept).toEqual({
      ...{ findings: 800, compliance: 800, runs: 800, inventory: 400 },
      ...{ state: 90, latest: 90, sbom: 90, fleet: 90, athena: 90 },
    });
  });

  test('is locked only where the configuration says so', () => {
    hub('').allResourcesProperties('AWS::S3::Bucket', { ObjectLockEnabled: Match.absent() });
    hub(EVERYTHING).hasResourceProperties('AWS::S3::Bucket', {
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 365 } } },
    });
  });
});

test('the log group of a fleet is named after its stack and deleted with it, so that it does not block the next deployment', () => {
  const groups = Object.values(hub(FLEET).findResources('AWS::Logs::LogGroup'));
  const named = groups.filter(({ Properties }) => Properties.LogGroupName !== undefined);
  expect(named).toHaveLength(1);
  expect(JSON.stringify(named[0]?.['Properties'].LogGroupName)).toContain('AWS::StackId');
  expect(named[0]?.['DeletionPolicy']).toBe('Delete');
});

test('no resource that is retained when the stack is deleted has an explicit name', () => {
  const names = ['BucketName', 'LogGroupName', 'QueueName', 'TableName', 'AliasName'];
  for (const yaml of ['', EVERYTHING, FLEET]) {
    const resources = hub(yaml).toJSON()['Resources'] as Record<
      string,
      { DeletionPolicy?: string; Properties?: Record<string, unknown> }
    >;
    const kept = Object.values(resources).filter(({ DeletionPolicy = '' }) =>
      DeletionPolicy.startsWith('Retain'),
    );
    expect(kept.length).toBeGreaterThan(2);
    expect(kept.filter(({ Properties = {} }) => names.some((name) => name in Properties))).toEqual([]);
  }
});

describe('runs', () => {
  test('of the mode single never overlap, unless the account has no concurrency to spare', () => {
    const reserved = (yaml: string) =>
      propertiesOf(hub(yaml), 'AWS::Lambda::Function').map(
        (one) => one['ReservedConcurrentExecutions'] ?? null,
      );
    expect(reserved('')).toEqual([1, null]);
    expect(reserved('deployment: { reserveConcurrency: false }')).toEqual([null, null]);
    expect(reserved(FLEET)).toEqual([null, 25, null, null]);
  });

  test('functions in a VPC allow no ingress, and egress to HTTPS only', () => {
    const template = hub(EVERYTHING);
    const [group] = propertiesOf(template, 'AWS::EC2::SecurityGroup');
    const egress = group?.['SecurityGroupEgress'] as
      | readonly { FromPort: number; ToPort: number }[]
      | undefined;
    const ports = egress?.map(({ FromPort, ToPort }) => [FromPort, ToPort]);
    expect(ports).toEqual([
      [443, 443],
      [443, 443],
    ]);
    const ingress = propertiesOf(template, 'AWS::EC2::SecurityGroupIngress');
    expect(ingress.map(({ GroupId, FromPort }) => [GroupId, FromPort])).toEqual([
      ['sg-0123456789abcdef0', 443],
    ]);
  });

  test('get an access entry to the clusters that are named', () => {
    hub(EVERYTHING).hasResourceProperties('AWS::EKS::AccessEntry', {
      ClusterName: 'prod-1',
      KubernetesGroups: ['eks-drift-auditor'],
      PrincipalArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('AuditorReader'), 'Arn'] },
      AccessPolicies: Match.absent(),
    });
    hub('').resourceCountIs('AWS::EKS::AccessEntry', 0);
  });

  test('reach kubelets only where these are asked', () => {
    const template = hub(MEASURING);
    const [group] = propertiesOf(template, 'AWS::EC2::SecurityGroup');
    const egress = group?.['SecurityGroupEgress'] as readonly { ToPort: number }[] | undefined;
    expect(egress?.map(({ ToPort }) => ToPort)).toEqual([443, 443, 10_250, 10_250]);
    const ingress = propertiesOf(template, 'AWS::EC2::SecurityGroupIngress');
    expect(ingress.map(({ FromPort }) => FromPort)).toEqual([443, 10_250]);
  });

  test('have a measuring role in a group of its own, which only the reader takes on', () => {
    const template = hub(MEASURING);
    template.hasResourceProperties('AWS::EKS::AccessEntry', {
      ClusterName: 'prod-1',
      KubernetesGroups: ['eks-drift-auditor-measure'],
      PrincipalArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('AuditorMeasurer'), 'Arn'] },
    });
    template.hasResourceProperties('AWS::IAM::Role', {
      RoleName: 'EksDriftAuditorMeasure',
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: 'sts:AssumeRole',
            Effect: 'Allow',
            Principal: { AWS: { 'Fn::GetAtt': [Match.stringLikeRegexp('AuditorReader'), 'Arn'] } },
          },
        ],
        Version: '2012-10-17',
      },
    });
    for (const yaml of ['', EVERYTHING, 'measure: { writableLayer: api-server-proxy }']) {
      expect(JSON.stringify(hub(yaml).toJSON())).not.toMatch(/EksDriftAuditorMeasure|Measurer/);
    }
  });

  test('are started by hand with the command that the stack puts out', () => {
    const started = (yaml: string) =>
      Object.entries(hub(yaml).findOutputs('*')).find(([id]) => id.includes('StartNow'))?.[1].Value;
    expect(JSON.stringify(started(''))).toMatch(
      /aws lambda invoke --function-name .*AuditorRunAuditFunction\w+","Arn".* --invocation-type Event --cli-binary-format raw-in-base64-out --payload .*time.*date -u/,
    );
    expect(JSON.stringify(started(FLEET))).toMatch(
      /aws stepfunctions start-execution --state-machine-arn .*AuditorRunFleetStateMachine.* --input .*time.*date -u/,
    );
  });

  test('find in the environment what the handlers read', () => {
    hub(EVERYTHING).hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          REPORT_BUCKET: Match.anyValue(),
          REPORT_KEY_ARN: Match.anyValue(),
          TOPIC_ARN: Match.anyValue(),
          CONFIG: 's3://configuration/audit/config.yaml',
          SECURITY_HUB: 'high',
          EVENT_BUS: 'default',
        },
      },
    });
  });
});

describe('a key that exists', () => {
  const arn = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const template = hub(`deployment: { kmsKeyArn: "${arn}" }`);

  test('an existing KMS key is used instead of a new one', () => {
    // That for signatures remains.
    template.allResourcesProperties('AWS::KMS::Key', { KeyUsage: 'SIGN_VERIFY' });
    template.allResourcesProperties('AWS::SNS::Topic', { KmsMasterKeyId: arn });
    template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: arn });
  });
});

describe('the key that signs records', () => {
  const SIGNING = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' };
  const arn = 'arn:aws:kms:eu-central-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const outputsOf = (template: Template): string => JSON.stringify(template.findOutputs('*'));
  const signing = (template: Template): readonly unknown[] =>
    propertiesOf(template, 'AWS::Lambda::Function')
      .map(({ Environment }) => (Environment as { Variables: Record<string, unknown> }).Variables)
      .flatMap(({ SIGNING_KEY_ARN }) => (SIGNING_KEY_ARN === '' ? [] : [SIGNING_KEY_ARN]));

  test.each([
    ['the one function', hub(''), 'AuditorReader'],
    ['the function of a fleet that sends the digest', hub(FLEET), 'AuditorRunSender'],
  ])(
    'the signing key is another one than that of the reports, and %s alone may sign with it',
    (_, template, role) => {
      template.resourcePropertiesCountIs('AWS::KMS::Key', SIGNING, 1);
      template.hasResource('AWS::KMS::Key', {
        DeletionPolicy: 'RetainExceptOnCreate',
        Properties: Match.objectLike({
          ...SIGNING,
          KeyPolicy: {
            Statement: Match.arrayWith([
              {
                Sid: 'OnlyTheAuditorSigns',
                Effect: 'Deny',
                Principal: { AWS: '*' },
                Action: 'kms:Sign',
                Resource: '*',
                Condition: {
                  ArnNotEquals: {
                    'aws:PrincipalArn': { 'Fn::GetAtt': [Match.stringLikeRegexp(`^${role}`), 'Arn'] },
                  },
                },
              },
            ]),
          },
        }),
      });
      expect(signing(template)).toHaveLength(1);
    },
  );

  test('the stack says how the public key is fetched', () => {
    expect(outputsOf(hub(''))).toMatch(
      /aws kms get-public-key --region .*openssl pkey -pubin -inform DER -out/,
    );
    expect(outputsOf(hub(`deployment: { signing: "${arn}" }`))).toContain(
      `get-public-key --region eu-central-1 --key-id ${arn} `,
    );
  });

  test('an existing signing key is used instead of a new one', () => {
    const template = hub(`deployment: { signing: "${arn}" }`);
    template.resourcePropertiesCountIs('AWS::KMS::Key', SIGNING, 0);
    expect(signing(template)).toEqual([arn]);
    expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain(
      `"Action":"kms:Sign","Condition":{"StringEquals":{"kms:SigningAlgorithm":"ECDSA_SHA_256","kms:MessageType":"DIGEST"}},"Effect":"Allow","Resource":"${arn}"`,
    );
  });

  test('records are not signed where the configuration says so, and then nothing may sign', () => {
    const template = hub('deployment: { signing: off }');
    template.resourcePropertiesCountIs('AWS::KMS::Key', SIGNING, 0);
    expect(signing(template)).toEqual([]);
    expect(JSON.stringify(template.toJSON())).not.toContain('kms:Sign"');
    expect(outputsOf(template)).not.toContain('get-public-key');
  });
});

describe('warnings at synth', () => {
  const warnings = (yaml: string) =>
    Annotations.fromStack(hubStack(yaml))
      .findWarning('*', Match.anyValue())
      .map(({ entry }) => String(entry.data));

  test('the way through nodes/proxy warns that its holder can run commands in every pod', () => {
    expect(warnings('measure: { writableLayer: api-server-proxy }').join('\n')).toContain(
      'nodes/proxy, by which its holder can run commands in every pod',
    );
  });

  test('kubelets that a function outside of any VPC cannot reach are warned of', () => {
    expect(warnings('measure: { writableLayer: kubelet }').join('\n')).toContain('set deployment.vpc');
    expect(warnings(MEASURING)).toEqual([]);
  });

  test('a warning at synth says that the digest has no recipients, and that alarms use the same topic', () => {
    const told = warnings('').join('\n');
    expect(told).toContain('The digest has no recipients');
    expect(told).toContain('Alarms go to the topic of the digest');
    expect(warnings(EVERYTHING)).toEqual([]);
  });

  test('of a limit without effect', () => {
    expect(warnings('limits: { scanMaxAge: 3d }\nimages: { scans: off }').join('\n')).toContain(
      'limits.scanMaxAge: has no effect',
    );
  });

  test('a level of images.registry that may pull images is warned of', () => {
    expect(warnings('images: { registry: sbom-collect }').join('\n')).toContain(
      'ecr:BatchGetImage and ecr:GetDownloadUrlForLayer: the roles of the auditor may pull images in every repository',
    );
    expect(warnings('images: { registry: metadata }').join('\n')).not.toContain('images.registry');
  });
});

describe('cdk-nag AwsSolutions', () => {
  const findings = (stack: Stack) =>
    new AwsSolutionsChecks(stack, { verbose: true }).validateScope(stack).violations;

  test.each([...all, ['endpoints of its own', withEndpoints(EVERYTHING)]])(
    'finds nothing unacknowledged with %s',
    (_, yaml) => {
      expect(findings(hubStack(yaml))).toEqual([]);
    },
  );

  test('finds nothing unacknowledged in the member stack', () => {
    expect(findings(memberStack())).toEqual([]);
  });

  test('would find a bucket that is not closed', () => {
    const stack = new Stack(new App(), 'S');
    new Bucket(stack, 'B');
    expect(findings(stack).map(({ ruleName }) => ruleName)).toEqual(
      expect.arrayContaining(['AwsSolutions-S1', 'AwsSolutions-S10']),
    );
  });

  test.each(all)('every acknowledgement gives a reason and belongs to one grant with %s', (_, yaml) => {
    const stack = hubStack(yaml);
    const acknowledged = stack.node.findAll().flatMap((construct) =>
      construct.node.metadata
        .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .flatMap(({ data }) =>
          Object.entries(data as Record<string, string>)
            .filter(([rule]) => rule.includes('AwsSolutions'))
            .map(([rule, reason]) => ({
              path: construct.node.path,
              rule,
              reason,
            })),
        ),
    );
    expect(acknowledged.length).toBeGreaterThan(5);
    for (const { path, rule, reason } of acknowledged) {
      expect(reason.length).toBeGreaterThan(40);
      expect(path.split('/').length).toBeGreaterThan(2);
      expect(rule).toMatch(/AwsSolutions-(SQS3|IAM5\[Resource::[^\]]+\])$/);
    }
    const unscoped = acknowledged
      .filter(({ rule }) => rule.endsWith('[Resource::*]'))
      .map(({ reason }) => reason);
    const known = new Set(Object.values(UNSCOPED));
    expect(
      unscoped.flatMap((reason) => [...known].filter((one) => reason.includes(one))).length,
    ).toBeGreaterThanOrEqual(unscoped.length);
  });
});

describe('templates', () => {
  test.each(all)('of the hub with %s are what they were', (_, yaml) => {
    expect(hub(yaml).toJSON()).toMatchSnapshot();
  });

  test('of a member account are what they were, and need no bootstrap', () => {
    const template = Template.fromStack(memberStack()).toJSON();
    expect(template).toMatchSnapshot();
    expect(JSON.stringify(template)).not.toMatch(/cdk-hnb659fds|BootstrapVersion/);
  });
});

describe('the chat', () => {
  test('without deployment.chat there is no topic, right, variable or alarm for it', () => {
    expect(JSON.stringify(hub('').toJSON())).not.toMatch(/AuditorChat|PublishChat|ChatUnread|chatbot/);
  });

  test('with {} there is the topic alone, for a channel that is configured by hand', () => {
    const template = hub('deployment: { chat: {} }');
    template.resourceCountIs('AWS::Chatbot::SlackChannelConfiguration', 0);
    template.resourceCountIs('AWS::SNS::Topic', 2);
    expect(Object.keys(template.findOutputs('*')).join()).toContain('ChatTopicArn');
  });

  test('a Slack channel gets the messages, and its members may run nothing', () => {
    const template = hub(EVERYTHING);
    template.hasResourceProperties('AWS::Chatbot::SlackChannelConfiguration', {
      ConfigurationName: 'EksDriftAuditor',
      SlackWorkspaceId: 'T0123ABCD',
      SlackChannelId: 'C0123ABCD',
      SnsTopicArns: [{ Ref: Match.stringLikeRegexp('^AuditorChatTopic') }],
      GuardrailPolicies: [
        { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::aws:policy/AWSDenyAll']] },
      ],
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmName: 'EksDriftAuditor-ChatUnread' });
  });

  test('messages that do not reach the channel raise the alarm of the digest', () => {
    const alarm = propertiesOf(hub(EVERYTHING), 'AWS::CloudWatch::Alarm').find(
      ({ AlarmName }) => AlarmName === 'EksDriftAuditor-DigestUndeliverable',
    );
    expect(JSON.stringify(alarm)).toMatch(/NumberOfNotificationsFailed.*AuditorChatTopic/);
  });
});
