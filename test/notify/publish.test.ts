import { createServer } from 'node:http';
import { SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, test } from '@jest/globals';
import { topicNotifier } from '../../lambda/notify/sns.ts';
import { aRun } from '../report/builders.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { onLoopback } from '../support/on-loopback.ts';
import { aNotice } from './a-notice.ts';
import { clientSettings } from './aws-answers.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:digest';
const ACCEPTED = '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>';

const closing = closedAfterEach();

/** A topic that takes a mail with `0`, refuses it with a status, or takes it and loses the answer with `lost`. */
async function topic(
  answers: readonly (number | 'lost')[],
): Promise<{ send: () => Promise<void>; asked: () => number }> {
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const answer = answers[asked++] ?? 200;
      if (answer === 'lost') request.socket.resetAndDestroy();
      else {
        const error =
          '<ErrorResponse><Error><Code>ServiceUnavailable</Code><Message>m</Message></Error></ErrorResponse>';
        response.writeHead(answer, { 'content-type': 'text/xml' }).end(answer === 200 ? ACCEPTED : error);
      }
    });
  });
  const { url, close } = await onLoopback(server);
  closing.push(close);
  const client = new SNSClient(clientSettings(url));
  const notifier = topicNotifier({ client, topicArn: TOPIC });
  return { send: () => notifier.notify(aNotice(aRun([]))), asked: () => asked };
}

describe('a mail', () => {
  test('a mail whose response was lost is not sent again in the same delivery, since it may have arrived', async () => {
    const { send, asked } = await topic(['lost']);
    await expect(send()).rejects.toThrow(/^The digest could not be published/);
    expect(asked()).toBe(1);
  });

  test('a mail that SNS answers with 503 is sent once more', async () => {
    const { send, asked } = await topic([503]);
    await send();
    expect(asked()).toBe(2);
  });

  test('a mail that SNS answers with 503 twice is left to the next delivery', async () => {
    const { send, asked } = await topic([503, 503, 503]);
    await expect(send()).rejects.toThrow(/ServiceUnavailable/);
    expect(asked()).toBe(2);
  });

  test('a mail that is denied is not tried again', async () => {
    const { send, asked } = await topic([403]);
    await expect(send()).rejects.toThrow();
    expect(asked()).toBe(1);
  });
});
