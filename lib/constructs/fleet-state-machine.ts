import { ArnFormat, Aws, Duration, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { grant } from '../iam/grant.ts';
import { runFleet } from '../iam/run-fleet.ts';
import { explain } from '../reasons.ts';
import { fleetDefinition } from './fleet-definition.ts';
import { logRetention } from './log-retention.ts';

export interface FleetStateMachineProps {
  readonly discover: IFunction;
  readonly audit: IFunction;
  readonly digest: IFunction;
  readonly bucket: IBucket;
  readonly key: IKey;
  /** Clusters at once. */
  readonly concurrency: number;
  /** Milliseconds. */
  readonly logsRetention: number;
  /** Of the state machine; permissions name it. */
  readonly name: string;
}

/** A run that takes longer would meet the next one of a daily schedule. */
const LONGEST = Duration.hours(20);

/** Fans a run out: every cluster is audited by a separate invocation. */
export class FleetStateMachine extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: FleetStateMachineProps) {
    super(scope, id);
    explain(
      this,
      'Fans a run out: each cluster is audited by a separate invocation; with its log and its role.',
    );
    const { discover, audit, digest, bucket, key, name } = props;
    const stack = Stack.of(this);
    const role = new Role(this, 'Role', {
      description: 'Runs the audits of a fleet',
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    const arnOf = (resource: string, resourceName: string): string =>
      stack.formatArn({
        service: 'states',
        resource,
        resourceName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
    const policy = grant(
      this,
      'Policy',
      role,
      runFleet({
        functions: [discover, audit, digest].map((one) => one.functionArn),
        bucket,
        key,
        stateMachineArn: arnOf('stateMachine', name),
        executionsArn: arnOf('execution', `${name}/*`),
      }),
    );
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: name,
      comment: 'eks-drift-auditor: audits a fleet of clusters',
      role: role.withoutPolicyUpdates(),
      timeout: LONGEST,
      tracingEnabled: true,
      logs: {
        destination: new LogGroup(this, 'Logs', {
          // Step Functions delivers to groups of this prefix without touching the account's resource policy, whose
          // size is limited (https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html).
          // The name holds the id of the stack, and the group goes with it: one that was kept would keep the next
          // deployment of this name, or the next change to this mode, from being made.
          logGroupName: `/aws/vendedlogs/states/${name}-${stackGuid()}`,
          removalPolicy: RemovalPolicy.DESTROY,
          encryptionKey: key,
          retention: logRetention(props.logsRetention) as RetentionDays,
        }),
        level: LogLevel.ALL,
        includeExecutionData: false,
      },
      definitionBody: DefinitionBody.fromString(
        stack.toJsonString(
          fleetDefinition({
            discover: discover.functionArn,
            audit: audit.functionArn,
            digest: digest.functionArn,
            bucket: bucket.bucketName,
            partition: Aws.PARTITION,
            concurrency: props.concurrency,
          }),
        ),
      ),
    });
    this.stateMachine.node.addDependency(policy);
  }
}

/** The last part of the stack's ARN, new for each stack even under the same name. */
const stackGuid = (): string => Fn.select(2, Fn.split('/', Aws.STACK_ID));
