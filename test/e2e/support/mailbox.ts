import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import type { AwsServices } from '../environment/aws-services.ts';

/** A queue that takes the place of somebody's mailbox. */
export interface Queue {
  readonly arn: string;
  /** Everything that has arrived since the last look, in no particular order. */
  receive(): Promise<readonly unknown[]>;
}

export interface Mail {
  readonly Subject: string;
  readonly Message: string;
  readonly MessageAttributes: Readonly<Record<string, { readonly Type: string; readonly Value: string }>>;
}

export interface Mailbox {
  readonly topicArn: string;
  /** The mails that have arrived since the last look. */
  receive(): Promise<readonly Mail[]>;
}

export async function openQueue(aws: AwsServices, name: string): Promise<Queue> {
  const call = async (action: string, input: object): Promise<Readonly<Record<string, unknown>>> => {
    const { status, body } = await aws.request({
      service: 'sqs',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
      body: JSON.stringify(input),
    });
    if (status !== 200) throw new Error(`${action} of queue ${name}: ${body}`);
    return JSON.parse(body || '{}');
  };
  const { QueueUrl } = await call('CreateQueue', { QueueName: name });
  return {
    arn: `arn:aws:sqs:${aws.region}:${aws.accountId}:${name}`,
    async receive() {
      const found: unknown[] = [];
      for (;;) {
        const { Messages } = await call('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
        const messages = (Messages ?? []) as readonly { Body: string; ReceiptHandle: string }[];
        if (messages.length === 0) return found;
        for (const { Body, ReceiptHandle } of messages) {
          found.push(JSON.parse(Body));
          await call('DeleteMessage', { QueueUrl, ReceiptHandle });
        }
      }
    },
  };
}

/** A topic with one subscriber. */
export async function openMailbox(aws: AwsServices, name: string): Promise<Mailbox> {
  const queue = await openQueue(aws, name);
  const client = new SNSClient({
    region: aws.region,
    endpoint: aws.url,
    credentials: await aws.assumeRole(`arn:aws:iam::${aws.accountId}:role/owner`),
  });
  try {
    const { TopicArn = '' } = await client.send(new CreateTopicCommand({ Name: name }));
    await client.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queue.arn }));
    return { topicArn: TopicArn, receive: async () => (await queue.receive()) as readonly Mail[] };
  } finally {
    client.destroy();
  }
}
