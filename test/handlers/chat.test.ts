import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { AnswerPlan } from '../support/s3-server.ts';
import { CHAT_TOPIC, type Deployment, deploy, TOPIC } from './scheduled-run.ts';

const FIRST = '2026-11-21T06:00:00Z';
const SECOND = '2026-11-22T06:00:00Z';
const THIRD = '2026-11-23T06:00:00Z';

let deployment: Deployment;
beforeEach(async () => {
  deployment = await deploy(Date.parse(FIRST), { chat: true });
});
afterEach(() => deployment.close());

/** What a topic got since the last time. */
function take(topic: string): readonly string[] {
  const { mails } = deployment.aws;
  return mails.filter((mail) => mail.get('TopicArn') === topic).map((mail) => mail.get('Message') ?? '');
}

const messages = () => take(CHAT_TOPIC).map((text) => JSON.parse(text));

/** The next deliveries meet this fault at the topic. */
function deny(topic: string): AnswerPlan {
  return (request) =>
    request.topic === topic ? { kind: 'status', status: 403, code: 'AuthorizationError' } : null;
}

/** From now on nothing was sent yet, and requests meet a plan. */
function goOn(plan?: AnswerPlan): void {
  const { aws } = deployment;
  aws.reset(new Map(aws.objects), plan);
}

test('a run gives the mail and the chat one message each, also when it is delivered twice', async () => {
  await deployment.deliver(FIRST);
  await deployment.deliver(FIRST);
  expect(take(TOPIC)).toHaveLength(1);
  expect(messages()).toMatchObject([
    { version: '1.0', source: 'custom', content: { title: expect.stringMatching(/^EKS audit/) } },
  ]);
});

test('a chat that is denied keeps no mail back and raises an alarm; the retry sends the chat alone', async () => {
  goOn(deny(CHAT_TOPIC));
  const failed = await deployment.deliver(FIRST);
  expect(failed.outcome).toBe('failed');
  expect(failed.problem).toMatch(
    /The message to the chat could not be published to .*:chat \(AuthorizationError/,
  );
  expect(take(TOPIC)).toHaveLength(1);
  goOn();
  expect((await deployment.deliver(FIRST)).outcome).toBe('done');
  expect(take(TOPIC)).toEqual([]);
  expect(messages()).toHaveLength(1);
});

test('a mail that is denied keeps no chat back', async () => {
  goOn(deny(TOPIC));
  expect((await deployment.deliver(FIRST)).outcome).toBe('failed');
  expect(messages()).toHaveLength(1);
});

test('news that the chat did not get is in its next message, and once; the mail does not repeat it', async () => {
  await deployment.deliver(FIRST);
  deployment.change();
  goOn(deny(CHAT_TOPIC));
  await deployment.deliver(SECOND);
  const [mail = ''] = take(TOPIC);
  expect(mail).toContain('NEW: ');
  goOn();
  await deployment.deliver(THIRD);
  const [late] = messages();
  expect(late.content.description).toMatch(/\*LATE\*: 1 run since Sun, 22 Nov 2026 06:00 UTC/);
  expect(late.content.title).toMatch(/\d+ new/);
  expect(take(TOPIC)[0]).toContain('Nothing is new.');
  goOn();
  await deployment.deliver('2026-11-24T06:00:00Z');
  const [quiet] = messages();
  expect(quiet.content.description).not.toContain('LATE');
  expect(quiet.content.title).toContain('nothing new');
});

test('a list of owed messages that cannot be read makes the message say so, and is no reason for silence', async () => {
  await deployment.deliver(FIRST);
  const { aws } = deployment;
  aws.reset(new Map([...aws.objects, ['state/untold-chats.json', Buffer.from('?')]]));
  await deployment.deliver(SECOND);
  expect(messages()[0].content.description).toContain('What is new could not be determined in full.');
});
