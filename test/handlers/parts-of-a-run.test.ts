import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { HUB } from '../support/aws-server.ts';
import type { AnswerFault } from '../support/s3-server.ts';
import { type Deployment, deploy, TOPIC } from './scheduled-run.ts';

const FIRST = '2026-11-21T06:00:00Z';
const ROUTE = `arn:aws:sns:us-east-1:${HUB}:platform`;
const CONFIG = `
egress: { routing: off }
owners: { namespaces: { storefront: platform@example.com, "*": apps@example.com } }
digest:
  minSeverity: low
  top: 100
  perOwner: true
  routes: [{ match: { namespaces: [store*] }, topicArn: "${ROUTE}" }]
`;

interface Mail {
  readonly topic: string;
  readonly subject: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

function mailOf(form: URLSearchParams): Mail {
  const attributes = [...form]
    .filter(([key]) => key.endsWith('.Name'))
    .map(([key, name]) => [name, form.get(key.replace('.Name', '.Value.StringValue')) ?? ''] as const);
  return {
    topic: form.get('TopicArn') ?? '',
    subject: form.get('Subject') ?? '',
    body: form.get('Message') ?? '',
    attributes: Object.fromEntries(attributes),
  };
}

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy(Date.parse(FIRST), { configuration: CONFIG, before: 90 });
});
afterAll(() => deployment.close());
beforeEach(() => deployment.aws.reset(new Map()));

const mails = (): readonly Mail[] => deployment.aws.mails.map(mailOf);
const audiences = (): readonly string[] =>
  mails()
    .map(({ topic, attributes: { audience, owners } }) =>
      audience === 'owner' ? `owner ${owners}` : `${audience} ${topic}`,
    )
    .sort();

const ALL = `all ${TOPIC}`;
const TO_ROUTE = `route ${ROUTE}`;
const TO_APPS = 'owner ["apps@example.com"]';
const TO_PLATFORM = 'owner ["platform@example.com"]';

const REFUSED: AnswerFault = { kind: 'status', status: 403, code: 'AuthorizationError' };

describe('mails about parts of a run', () => {
  test('each owner gets one through the topic of the digest, and each route one through its own', async () => {
    expect(await deployment.deliver(FIRST)).toEqual({ outcome: 'done', problem: '' });
    expect(audiences()).toEqual([ALL, TO_APPS, TO_PLATFORM, TO_ROUTE].sort());
    expect(mails().filter(({ topic }) => topic === ROUTE)).toHaveLength(1);
    // Who watches over all of it waits for nobody.
    expect(mails()[0]?.attributes).toMatchObject({
      audience: 'all',
      owners: '["apps@example.com","platform@example.com"]',
    });
  });

  test('they are about what is theirs alone', async () => {
    await deployment.deliver(FIRST);
    for (const { subject, body, attributes } of mails()) {
      const places = [
        ...new Set(body.match(/\b[a-z0-9-]+(?=\/(?:DaemonSet|Deployment|StatefulSet|Pod|Job|CronJob)\/)/g)),
      ];
      if (attributes['audience'] === 'all') {
        expect(places).toContain('storefront');
        expect(places.length).toBeGreaterThan(1);
        continue;
      }
      const platform = attributes['audience'] === 'route' || attributes['owners']?.includes('platform');
      expect(subject).toContain(
        attributes['audience'] === 'route'
          ? 'for the namespaces store*'
          : `for ${platform ? 'platform' : 'apps'}@example.com`,
      );
      expect(places.length).toBeGreaterThan(0);
      if (platform) expect(places).toEqual(['storefront']);
      else expect(places).not.toContain('storefront');
    }
  });

  test('one that is refused keeps no other from being sent, and is repeated alone', async () => {
    const { aws } = deployment;
    aws.reset(new Map(), ({ topic }) => (topic === ROUTE ? REFUSED : null));
    const refused = await deployment.deliver(FIRST);
    expect(refused).toMatchObject({
      outcome: 'failed',
      problem: expect.stringContaining(`published to ${ROUTE}`),
    });
    expect(audiences()).toEqual([ALL, TO_APPS, TO_PLATFORM].sort());
    aws.reset(new Map(aws.objects));
    expect((await deployment.deliver(FIRST)).outcome).toBe('done');
    expect(audiences()).toEqual([TO_ROUTE]);
    aws.reset(new Map(aws.objects));
    expect((await deployment.deliver(FIRST)).outcome).toBe('done-before');
    expect(audiences()).toEqual([]);
  });

  test('a digest that is refused keeps the others from nothing', async () => {
    const { aws } = deployment;
    let first = true;
    aws.reset(new Map(), ({ topic }) => {
      const refused = topic === TOPIC && first;
      if (refused) first = false;
      return refused ? REFUSED : null;
    });
    expect((await deployment.deliver(FIRST)).outcome).toBe('failed');
    expect(audiences()).toEqual([TO_APPS, TO_PLATFORM, TO_ROUTE].sort());
    aws.reset(new Map(aws.objects));
    expect((await deployment.deliver(FIRST)).outcome).toBe('done');
    expect(audiences()).toEqual([ALL]);
  });
});
