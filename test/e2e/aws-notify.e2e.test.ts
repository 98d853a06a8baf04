import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { GetFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../lambda/config/load.ts';
import { openHubImports } from '../../lambda/connect/aws/security-hub.ts';
import type { RunResult } from '../../lambda/findings/run-result.ts';
import { readEnvironment } from '../../lambda/handlers/environment.ts';
import { openNotifiers } from '../../lambda/handlers/notifiers.ts';
import { chatNotifier } from '../../lambda/notify/chat.ts';
import { eventBusNotifier } from '../../lambda/notify/event-bridge.ts';
import { securityHubNotifier } from '../../lambda/notify/security-hub.ts';
import { topicNotifier } from '../../lambda/notify/sns.ts';
import { storedHubLedger } from '../../lambda/store/hub-ledger.ts';
import { aNotice } from '../notify/a-notice.ts';
import { aFinding, anAudited, aRun } from '../report/builders.ts';
import { memoryStore } from '../store/memory-store.ts';
import { type AwsServices, startAwsServices } from './environment/aws-services.ts';
import { openProcesses, type Processes } from './environment/processes.ts';
import { openMailbox, openQueue } from './support/mailbox.ts';

let processes: Processes;
let aws: AwsServices;

beforeAll(async () => {
  processes = await openProcesses();
  aws = await startAwsServices(processes);
});

afterAll(() => processes?.stop());

async function settings(account = aws.accountId, region = aws.region) {
  return {
    region,
    endpoint: aws.url,
    credentials: await aws.assumeRole(`arn:aws:iam::${account}:role/auditor`),
  };
}

const cluster = (account: string, region: string, name = 'prod') => ({
  name,
  arn: `arn:aws:eks:${region}:${account}:cluster/${name}`,
  accountId: account,
  region,
});
const HERE = cluster('111122223333', 'eu-west-1');
const THERE = cluster('444455556666', 'us-east-1');

describe('the topic', () => {
  test('gets the digest with its attributes', async () => {
    const mailbox = await openMailbox(aws, 'digest');
    const notice = aNotice(aRun([anAudited(HERE, [aFinding({ cluster: HERE })])]));
    const { topicArn } = mailbox;
    await topicNotifier({ client: new SNSClient(await settings()), topicArn }).notify(notice);
    const [mail, ...others] = await mailbox.receive();
    expect(others).toEqual([]);
    expect(mail).toMatchObject({
      Subject: notice.digest.subject,
      Message: notice.digest.body,
      MessageAttributes: {
        maxSeverity: { Type: 'String', Value: 'high' },
        newFindings: { Type: 'Number', Value: '1' },
        clusters: { Type: 'String.Array', Value: '["prod"]' },
        complete: { Type: 'String', Value: 'true' },
        owners: { Type: 'String.Array', Value: '[]' },
      },
    });
  });

  test('that does not exist is named, with what to do', async () => {
    const topicArn = 'arn:aws:sns:eu-west-1:111122223333:nowhere';
    const notifier = topicNotifier({ client: new SNSClient(await settings()), topicArn });
    await expect(notifier.notify(aNotice(aRun([])))).rejects.toThrow(
      /^The digest could not be published to arn:.*:nowhere \(NotFound.*; create the topic/,
    );
  });
});

test('the topic of the chat gets the message in the form of chat applications, apart from the mail', async () => {
  const [mailbox, chat] = [await openMailbox(aws, 'mail'), await openMailbox(aws, 'chat')];
  const environment = {
    AWS_REGION: 'eu-west-1',
    REPORT_BUCKET: 'reports',
    TOPIC_ARN: mailbox.topicArn,
    CHAT_TOPIC_ARN: chat.topicArn,
  };
  const client = new SNSClient(await settings());
  const notice = aNotice(aRun([anAudited(HERE, [aFinding({ cluster: HERE })])]));
  const { digest } = parseConfig('', 'default', []);
  expect(readEnvironment(environment).CHAT_TOPIC_ARN).toBe(chat.topicArn);
  await topicNotifier({ client, topicArn: mailbox.topicArn }).notify(notice);
  await chatNotifier({ client, topicArn: chat.topicArn, options: digest }).notify(notice);
  const [message, ...others] = await chat.receive();
  expect(others).toEqual([]);
  expect(JSON.parse(message?.Message ?? '')).toMatchObject({
    version: '1.0',
    source: 'custom',
    content: { textType: 'client-markdown', title: notice.digest.subject },
    metadata: { threadId: notice.run.run.id },
  });
  expect(await mailbox.receive()).toHaveLength(1);
});

describe('Security Hub', () => {
  const hubOf = async (account: string, region: string) =>
    new SecurityHubClient(await settings(account, region));
  const importsOf = ({ credentials, ...given }: Awaited<ReturnType<typeof settings>>) =>
    openHubImports({ ...given, credentials: async () => credentials });
  const importing = (run: RunResult) =>
    securityHubNotifier({
      minSeverity: 'medium',
      ledger,
      clientFor: async ({ accountId, region }) => importsOf(await settings(accountId, region)),
    }).notify(aNotice(run));
  const ledger = storedHubLedger(memoryStore());
  const findingsIn = async (account: string, region: string) => {
    const { Findings = [] } = await (await hubOf(account, region)).send(
      new GetFindingsCommand({ MaxResults: 100 }),
    );
    return Findings;
  };

  test('of each account and region gets what was found there, and archives what was resolved', async () => {
    const finding = { check: 'writable-root-filesystem', container: 'app' };
    await importing(
      aRun([
        anAudited(HERE, [aFinding({ cluster: HERE, ...finding }), aFinding({ cluster: HERE })]),
        anAudited(THERE, [
          aFinding({ cluster: THERE, name: 'elsewhere' }),
          aFinding({ cluster: THERE, check: 'unbounded-empty-dir' }),
        ]),
      ]),
    );
    expect((await findingsIn('444455556666', 'us-east-1')).map(({ Title }) => Title)).toEqual([
      'egress-unrestricted: payments/Deployment/elsewhere in prod (444455556666, us-east-1)',
    ]);
    const before = await findingsIn(HERE.accountId, HERE.region);
    expect(before.map(({ RecordState }) => RecordState)).toEqual(['ACTIVE', 'ACTIVE']);

    await importing(
      aRun([
        anAudited(HERE, [
          aFinding({ cluster: HERE, ...finding, status: 'resolved' }),
          aFinding({ cluster: HERE, status: 'open' }),
        ]),
      ]),
    );
    const after = await findingsIn(HERE.accountId, HERE.region);
    expect(after.map(({ GeneratorId, RecordState }) => [GeneratorId, RecordState]).sort()).toEqual([
      ['eks-drift-auditor/egress-unrestricted', 'ACTIVE'],
      ['eks-drift-auditor/writable-root-filesystem', 'ARCHIVED'],
    ]);
  });

  test('takes more findings than fit into one request', async () => {
    const account = '777788889999';
    const many = cluster(account, 'eu-west-1');
    const findings = Array.from({ length: 250 }, (_, index) =>
      aFinding({ cluster: many, name: `w${index}` }),
    );
    await importing(aRun([anAudited(many, findings)]));
    const { Findings = [], NextToken } = await (await hubOf(account, 'eu-west-1')).send(
      new GetFindingsCommand({ MaxResults: 100 }),
    );
    expect([Findings.length, NextToken !== undefined]).toEqual([100, true]);
  });
});

describe('the event bus', () => {
  test('gets an event for each change, and one for the run', async () => {
    const queue = await openQueue(aws, 'events');
    const client = new EventBridgeClient(await settings());
    const EventPattern = JSON.stringify({ source: ['eks-drift-auditor'] });
    await client.send(new PutRuleCommand({ Name: 'drift', EventPattern }));
    await client.send(new PutTargetsCommand({ Rule: 'drift', Targets: [{ Id: 'queue', Arn: queue.arn }] }));
    const fresh = Array.from({ length: 23 }, (_, index) => aFinding({ cluster: HERE, name: `w${index}` }));
    const notice = aNotice(
      aRun([
        anAudited(HERE, [
          ...fresh,
          aFinding({ cluster: HERE, name: 'old', status: 'open' }),
          aFinding({ cluster: HERE, name: 'gone', status: 'resolved' }),
          aFinding({ cluster: HERE, check: 'unbounded-empty-dir' }),
        ]),
      ]),
    );
    await eventBusNotifier({ client, eventBus: 'default', minSeverity: 'medium' }).notify(notice);
    const events = (await queue.receive()) as readonly {
      'detail-type': string;
      resources: readonly string[];
      detail: { run: unknown; finding?: { status: string; workload: { name: string } } };
    }[];
    const changes = events.filter((event) => event['detail-type'] === 'EKS Drift Finding Changed');
    expect(changes.map(({ detail }) => detail.finding?.workload.name).sort()).toEqual(
      [...fresh.map(({ workload }) => workload.name), 'gone'].sort(),
    );
    expect(changes.every(({ resources }) => resources[0] === HERE.arn)).toBe(true);
    const runs = events.filter((event) => event['detail-type'] === 'EKS Drift Audit Finished');
    expect(runs.map(({ detail }) => detail)).toMatchObject([
      {
        run: { id: notice.run.run.id },
        clusters: ['prod'],
        complete: true,
        newFindings: 23,
        manifest: notice.anchor,
      },
    ]);
  });

  test('that does not exist is named', async () => {
    const client = new EventBridgeClient(await settings());
    const notifier = eventBusNotifier({
      client,
      eventBus: 'nowhere',
      minSeverity: 'low',
      sleep: async () => {},
    });
    await expect(notifier.notify(aNotice(aRun([])))).rejects.toThrow(
      /^Events could not be put on the bus nowhere \(ResourceNotFoundException: .*; check its name/,
    );
  });
});

describe('the targets that an environment names', () => {
  test('notifications are sent with the credentials of each account, the mail first', async () => {
    Object.assign(
      process.env,
      aws.environmentFor(await aws.assumeRole(`arn:aws:iam::${aws.accountId}:role/auditor`)),
    );
    const mailbox = await openMailbox(aws, 'wired');
    const member = '222233334444';
    const config = parseConfig(
      `accounts: [{ id: "${aws.accountId}", regions: [eu-west-1] }, { id: "${member}", externalId: drift-4711, regions: [eu-west-1] }]`,
      'audit.config.yaml',
      [],
    );
    const environment = readEnvironment({
      AWS_REGION: aws.region,
      REPORT_BUCKET: 'reports',
      TOPIC_ARN: mailbox.topicArn,
      EVENT_BUS: 'default',
      SECURITY_HUB: 'low',
    });
    const closing: (() => void)[] = [];
    const notifiers = await openNotifiers({
      environment,
      config,
      store: memoryStore(),
      traced: (client) => client,
      onClose: (close) => closing.push(close),
    });
    expect(notifiers.map(({ name }) => name)).toEqual(['sns', 'security-hub', 'event-bridge']);
    const there = cluster(member, 'eu-west-1', 'member');
    const run = aRun([anAudited(there, [aFinding({ cluster: there, name: 'wired' })])]);
    for (const notifier of notifiers) await notifier.notify(aNotice(run));
    const hub = new SecurityHubClient(await settings(member));
    const { Findings = [] } = await hub.send(new GetFindingsCommand({}));
    expect(Findings.map(({ AwsAccountId }) => AwsAccountId)).toEqual([member]);
    expect(await mailbox.receive()).toHaveLength(1);

    const stranger = cluster('999900001111', 'eu-west-1');
    const foreign = aNotice(aRun([anAudited(stranger, [aFinding({ cluster: stranger })])]));
    await expect(notifiers[1]?.notify(foreign)).rejects.toThrow(
      'No credentials for account 999900001111 are configured; list it under accounts',
    );
    for (const close of closing) close();
  });
});
