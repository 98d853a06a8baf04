import { GetTopicAttributesCommand, type SNSClient } from '@aws-sdk/client-sns';

/**
 * How many subscriptions of a topic were confirmed: only those receive anything. Needs `sns:GetTopicAttributes`.
 * https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html (SubscriptionsConfirmed)
 *
 * @returns `null` when the topic does not say
 */
export async function confirmedSubscriptions(client: SNSClient, topicArn: string): Promise<number | null> {
  const { Attributes } = await client.send(new GetTopicAttributesCommand({ TopicArn: topicArn }));
  const said = Attributes?.['SubscriptionsConfirmed'];
  return said !== undefined && /^\d+$/.test(said) ? Number(said) : null;
}
