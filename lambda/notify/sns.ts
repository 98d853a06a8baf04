import { type MessageAttributeValue, PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { AuditorError } from '../errors.ts';
import type { DigestAttributes } from '../report/digest.ts';
import { MAIL, type Notifier } from './notifier.ts';

export interface TopicOptions {
  readonly client: SNSClient;
  readonly topicArn: string;
}

/** All attempts together: who waits for this to end must not wait for long. */
const SEND_MS = 20_000;

/** Publishes the digest; the topic's e-mail subscriptions make it the mail. Needs `sns:Publish`. */
export function topicNotifier({ client, topicArn }: TopicOptions): Notifier {
  return {
    name: MAIL,
    async notify({ digest: { subject, body, attributes }, run }) {
      try {
        await client.send(
          new PublishCommand({
            TopicArn: topicArn,
            Subject: subject,
            Message: body,
            MessageAttributes: messageAttributes(attributes),
            ...(topicArn.endsWith('.fifo') ? inOrder(run.run.id) : {}),
          }),
          { abortSignal: AbortSignal.timeout(SEND_MS) },
        );
      } catch (error) {
        throw publishError(error, topicArn);
      }
    },
  };
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
export function messageAttributes(attributes: DigestAttributes): Record<string, MessageAttributeValue> {
  const { maxSeverity, newFindings, clusters, complete } = attributes;
  return {
    maxSeverity: { DataType: 'String', StringValue: maxSeverity },
    newFindings: { DataType: 'Number', StringValue: String(newFindings) },
    clusters: { DataType: 'String.Array', StringValue: JSON.stringify(clusters) },
    complete: { DataType: 'String', StringValue: String(complete) },
  };
}

/** A FIFO topic forgets a second message of the same run, within five minutes. */
const inOrder = (runId: string) => ({
  MessageGroupId: 'eks-drift-auditor',
  MessageDeduplicationId: runId,
});

const REMEDIES: Readonly<Record<string, string>> = {
  AuthorizationErrorException:
    'allow sns:Publish in the IAM policy of this role and in the policy of the topic',
  AuthorizationError: 'allow sns:Publish in the IAM policy of this role and in the policy of the topic',
  NotFoundException: 'create the topic, or give the ARN of one that exists',
  NotFound: 'create the topic, or give the ARN of one that exists',
  KMSAccessDeniedException: 'allow kms:GenerateDataKey and kms:Decrypt with the key of the topic',
  KMSAccessDenied: 'allow kms:GenerateDataKey and kms:Decrypt with the key of the topic',
};

function publishError(error: unknown, topicArn: string): AuditorError {
  const { name = 'unknown error', message = '' } = (error ?? {}) as { name?: string; message?: string };
  const remedy = REMEDIES[name] ?? 'run again later';
  const failed = new AuditorError(
    `The digest could not be published to ${topicArn} (${name}${message === '' ? '' : `: ${message}`}); ${remedy}.`,
  );
  failed.cause = error;
  return failed;
}
