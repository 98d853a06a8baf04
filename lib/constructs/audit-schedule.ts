import { Aws } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { grant } from '../iam/grant.ts';
import { useKey } from '../iam/use-key.ts';
import { explain } from '../reasons.ts';

/** What is started, and the one permission that it takes. */
export interface ScheduleTarget {
  readonly arn: string;
  readonly action: 'lambda:InvokeFunction' | 'states:StartExecution';
}

export interface AuditScheduleProps {
  readonly target: ScheduleTarget;
  /** `cron(…)` or `rate(…)`. */
  readonly expression: string;
  /** @default UTC */
  readonly timeZone?: string;
  readonly description: string;
  /** May hold the context attributes of EventBridge Scheduler. */
  readonly input: object;
  readonly undelivered: IQueue;
  readonly key: IKey;
}

/** Starts its target on time, tries again for an hour, and leaves what it could not deliver in the queue. */
export class AuditSchedule extends Construct {
  constructor(scope: Construct, id: string, props: AuditScheduleProps) {
    super(scope, id);
    const { target, undelivered, key } = props;
    const group = explain(
      new CfnScheduleGroup(this, 'Group', {}),
      'Holds the one schedule: the trust of its role names the group.',
    );
    const role = new Role(this, 'Role', {
      description: `Starts: ${props.description}`,
      // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID, 'aws:SourceArn': group.attrArn },
        },
      }),
    });
    const policy = grant(this, 'Policy', role, [
      {
        sid: 'Start',
        reason: 'Starts what the schedule is for, and nothing else.',
        actions: [target.action],
        resources: [target.arn],
      },
      {
        sid: 'KeepUndelivered',
        reason: 'Scheduler keeps an event that it could not deliver, for a person to look at.',
        actions: ['sqs:SendMessage'],
        resources: [undelivered.queueArn],
      },
      useKey(key, ['sqs']),
    ]);
    const schedule = new CfnSchedule(this, 'Schedule', {
      description: props.description,
      groupName: group.ref,
      scheduleExpression: props.expression,
      scheduleExpressionTimezone: props.timeZone ?? 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: target.arn,
        roleArn: role.roleArn,
        input: JSON.stringify(props.input),
        retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 10 },
        deadLetterConfig: { arn: undelivered.queueArn },
      },
    });
    // Else the first invocation may come before the right to it.
    schedule.node.addDependency(policy);
  }
}
