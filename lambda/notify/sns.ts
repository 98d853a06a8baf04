import { setTimeout as delay } from 'node:timers/promises';
import {
  type MessageAttributeValue,
  PublishCommand,
  type PublishCommandInput,
  type SNSClient,
} from '@aws-sdk/client-sns';
import { AuditorError } from '../errors.ts';
import type { Digest, DigestAttributes } from '../report/digest-message.ts';
import type { PartMail } from '../report/part-mails.ts';
import { MAIL, type Notifier } from './notifier.ts';

export interface TopicOptions {
  readonly client: SNSClient;
  readonly topicArn: string;
}

/** All attempts together: who waits for this to end must not wait for long. */
const SEND_MS = 20_000;

/** Between a refusal and the one other attempt. */
const PAUSE_MS = 1_000;

/**
 * Publishes the digest; the topic's e-mail subscriptions make it the mail. Needs `sns:Publish`.
 *
 * @param options The client should send each request once: this says when it may be sent again.
 */
export const topicNotifier = (options: TopicOptions): Notifier => ({
  name: MAIL,
  notify: ({ digest, run }, signal) => publish(options, digest, { id: run.run.id, signal }),
});

/** Likewise, of a mail about a part of the run. */
export const partNotifier = (options: TopicOptions, { name, digest }: PartMail): Notifier => ({
  name,
  notify: ({ run }, signal) => publish(options, digest, { id: `${run.run.id}-${name}`, signal }),
});

const publish = (
  options: TopicOptions,
  { subject, body, attributes }: Digest,
  { id, signal }: { readonly id: string; readonly signal: AbortSignal | undefined },
): Promise<void> => {
  const input = { Subject: subject, Message: body, MessageAttributes: messageAttributes(attributes) };
  return publishTo(options, { ...input, what: 'The digest' }, { id, signal });
};

/** What is published: the members of the request that every topic takes, and how errors call it. */
interface Published extends Pick<PublishCommandInput, 'Subject' | 'Message' | 'MessageAttributes'> {
  readonly what: string;
}

/**
 * Publishes once, and once more where SNS has refused it for now.
 * @throws AuditorError
 */
export async function publishTo(
  { client, topicArn }: TopicOptions,
  { what, ...message }: Published,
  { id, signal }: { readonly id: string; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const input = { TopicArn: topicArn, ...message, ...(topicArn.endsWith('.fifo') ? inOrder(id) : {}) };
  const deadline = AbortSignal.timeout(SEND_MS);
  const abortSignal = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  const send = () => client.send(new PublishCommand(input), { abortSignal });
  try {
    try {
      await send();
    } catch (error) {
      if (!wasRefused(error)) throw error;
      await delay(PAUSE_MS, undefined, { signal: abortSignal });
      await send();
    }
  } catch (error) {
    throw publishError(error, topicArn, what);
  }
}

/** No connection was made, so that nothing can have been published. */
const NO_CONNECTION = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * Whether SNS, or the network, has refused it for now. Of a request whose answer was lost it is not known whether it
 * was published: sending it again would mail it twice.
 */
function wasRefused(error: unknown): boolean {
  const { code, $metadata } = (error ?? {}) as {
    code?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode ?? 0;
  return status === 429 || status >= 500 || NO_CONNECTION.has(code ?? '') || isThrottled(error);
}

const isThrottled = (error: unknown): boolean =>
  /^(?:Throttl|TooManyRequests|RequestLimit)/.test(String((error as { name?: unknown } | null)?.name));

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
export function messageAttributes(attributes: DigestAttributes): Record<string, MessageAttributeValue> {
  const { maxSeverity, newFindings, clusters, complete, owners = [], audience = 'all' } = attributes;
  return {
    maxSeverity: { DataType: 'String', StringValue: maxSeverity },
    newFindings: { DataType: 'Number', StringValue: String(newFindings) },
    clusters: { DataType: 'String.Array', StringValue: JSON.stringify(clusters) },
    complete: { DataType: 'String', StringValue: String(complete) },
    audience: { DataType: 'String', StringValue: audience },
    owners: { DataType: 'String.Array', StringValue: JSON.stringify(owners) },
  };
}

/** A FIFO topic forgets a second message of the same id, within five minutes. */
const inOrder = (id: string) => ({
  MessageGroupId: 'eks-drift-auditor',
  MessageDeduplicationId: id,
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

function publishError(error: unknown, topicArn: string, what: string): AuditorError {
  const { name = 'unknown error', message = '' } = (error ?? {}) as { name?: string; message?: string };
  const remedy = REMEDIES[name] ?? 'run again later';
  const failed = new AuditorError(
    `${what} could not be published to ${topicArn} (${name}${message === '' ? '' : `: ${message}`}); ${remedy}.`,
  );
  failed.cause = error;
  return failed;
}
