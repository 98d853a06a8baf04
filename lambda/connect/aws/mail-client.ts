import { SNSClient } from '@aws-sdk/client-sns';
import { bounded, serviceConfig } from './client.ts';

/**
 * A client for the topic of the mail. It sends each request once: a standard topic cannot tell a repeated Publish from
 * another mail, so the SDK must not repeat one whose answer was lost.
 */
export const openMail = (region: string): SNSClient =>
  bounded(new SNSClient(serviceConfig('sns', { region, maxAttempts: 1 })));
