import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { ScheduleTarget } from './audit-schedule.ts';
import { publicKeyCommand } from './signing-key.ts';

/** The parts of an auditor that people need to know of after a deployment. */
interface Auditor extends Construct {
  readonly bucket: IBucket;
  readonly digestTopic: ITopic;
  readonly chatTopic: ITopic | undefined;
  readonly signingKey: IKey | undefined;
  readonly reader: IRole;
  readonly measurer: IRole | undefined;
}

/** Writes the outputs of the stack: what it made, and the commands to go on with. */
export function auditorOutputs(
  auditor: Auditor,
  { name, target }: { readonly name: string; readonly target: ScheduleTarget },
): void {
  const { bucket, digestTopic, chatTopic, signingKey, reader, measurer } = auditor;
  const output = (id: string, value: string, description: string): void => {
    new CfnOutput(auditor, id, { value, description });
  };
  output('ReportBucket', bucket.bucketName, 'Where the reports are');
  output('ReaderRoleArn', reader.roleArn, 'Principal of the access entries of clusters in this account');
  if (measurer !== undefined) {
    output('MeasureRoleArn', measurer.roleArn, 'Principal of the access entries for asking kubelets');
  }
  output(
    'ConfirmedRecipients',
    `aws sns get-topic-attributes --topic-arn ${digestTopic.topicArn} --query Attributes.SubscriptionsConfirmed`,
    'Counts the confirmed subscriptions of the digest: with 0 no one receives it',
  );
  if (chatTopic !== undefined) {
    output('ChatTopicArn', chatTopic.topicArn, 'For channels of chat applications');
  }
  if (signingKey !== undefined) {
    output(
      'SigningKey',
      publicKeyCommand(signingKey),
      'Fetches the public key that eks-drift-audit verify takes; keep it outside of this account',
    );
  }
  output('StartNow', startCommand(target), 'Starts a run without waiting for the schedule');
  output('HubAccountId', Stack.of(auditor).account, 'HubAccountId of the member stack');
  output('HubName', name, 'HubName of the member stack');
}

/** With the time, so that a start which Lambda repeats is one run and one mail. */
const NOW = `"{\\"time\\":\\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\\"}"`;

const startCommand = ({ arn, action }: ScheduleTarget): string =>
  action === 'lambda:InvokeFunction'
    ? `aws lambda invoke --function-name ${arn} --invocation-type Event --cli-binary-format raw-in-base64-out --payload ${NOW} /dev/stdout`
    : `aws stepfunctions start-execution --state-machine-arn ${arn} --input ${NOW}`;
