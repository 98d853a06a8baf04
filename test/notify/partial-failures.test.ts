import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterEach, describe, expect, test } from '@jest/globals';
import { openHubImports } from '../../lambda/connect/aws/security-hub.ts';
import { eventBusNotifier } from '../../lambda/notify/event-bridge.ts';
import { securityHubNotifier } from '../../lambda/notify/security-hub.ts';
import { storedHubLedger } from '../../lambda/store/hub-ledger.ts';
import { aCluster, aFinding, anAudited, aRun } from '../report/builders.ts';
import { memoryStore } from '../store/memory-store.ts';
import { aNotice } from './a-notice.ts';
import { type AnsweringServer, answering, clientSettings } from './aws-answers.ts';

let server: AnsweringServer;
afterEach(() => server.close());

const sleep = async (): Promise<void> => {};
const names = (count: number) => Array.from({ length: count }, (_, index) => aFinding({ name: `w${index}` }));
const notice = (count: number) => aNotice(aRun([anAudited(aCluster(), names(count))]));

interface Import {
  readonly Findings: readonly { readonly Id: string; readonly AwsAccountId: string }[];
}

describe('Security Hub', () => {
  const notifier = () =>
    securityHubNotifier({
      clientFor: async () => openHubImports(clientSettings(server.url)),
      ledger: storedHubLedger(memoryStore()),
      minSeverity: 'low',
      sleep,
    });

  test('Security Hub gets at most a hundred findings per request, and rejected ones again', async () => {
    server = await answering((body, count) => {
      const { Findings } = body as unknown as Import;
      const failed = count === 1 ? Findings.slice(0, 2) : [];
      return {
        body: {
          FailedCount: failed.length,
          SuccessCount: Findings.length - failed.length,
          FailedFindings: failed.map(({ Id }) => ({
            Id,
            ErrorCode: 'InternalFailure',
            ErrorMessage: 'again',
          })),
        },
      };
    });
    await notifier().notify(notice(130));
    expect(server.requests.map((body) => (body as unknown as Import).Findings.length)).toEqual([100, 2, 30]);
  });

  test('a finding that Security Hub refuses permanently is reported, with the first reason', async () => {
    server = await answering((body) => {
      const [first] = (body as unknown as Import).Findings;
      return {
        body: {
          FailedCount: 1,
          SuccessCount: 2,
          FailedFindings: [{ Id: first?.Id, ErrorCode: 'InvalidInput', ErrorMessage: 'no such type' }],
        },
      };
    });
    await expect(notifier().notify(notice(3))).rejects.toThrow(
      'Security Hub of account 111122223333 in eu-west-1 did not accept 1 of 3 findings (InvalidInput: no such type).',
    );
    expect(server.requests).toHaveLength(1);
  });

  test('a Security Hub that is not enabled in one account does not prevent imports in the others', async () => {
    server = await answering((body) => {
      const [first] = (body as unknown as Import).Findings;
      return first?.AwsAccountId === '111122223333'
        ? { status: 403, body: { __type: 'InvalidAccessException', Message: 'not subscribed' } }
        : { body: { FailedCount: 0, SuccessCount: 1, FailedFindings: [] } };
    });
    const other = {
      name: 'x',
      arn: 'arn:aws:eks:eu-west-1:444455556666:cluster/x',
      accountId: '444455556666',
      region: 'eu-west-1',
    };
    const run = aRun([anAudited(aCluster(), names(1)), anAudited(other, [aFinding({ cluster: other })])]);
    await expect(notifier().notify(aNotice(run))).rejects.toThrow(
      /of account 111122223333 in eu-west-1 \(InvalidAccessException: .*enable Security Hub there/,
    );
    expect(server.requests).toHaveLength(2);
  });
});

describe('the event bus', () => {
  interface Put {
    readonly Entries: readonly { readonly Detail: string; readonly DetailType: string }[];
  }
  const entriesOf = (body: unknown) => (body as Put).Entries;
  const notifier = () =>
    eventBusNotifier({
      client: new EventBridgeClient(clientSettings(server.url)),
      eventBus: 'default',
      minSeverity: 'low',
      sleep,
    });
  const taken = (body: unknown) => entriesOf(body).map(() => ({ EventId: 'e' }));

  test('the event bus gets at most ten events per request, and rejected ones again', async () => {
    server = await answering((body, count) => {
      const entries: object[] = taken(body);
      if (count === 1) entries[3] = { ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' };
      return { body: { FailedEntryCount: count === 1 ? 1 : 0, Entries: entries } };
    });
    await notifier().notify(notice(12));
    expect(server.requests.map((body) => entriesOf(body).length)).toEqual([10, 1, 3]);
    const again = entriesOf(server.requests[1])[0];
    expect(again).toEqual(entriesOf(server.requests[0])[3]);
  });

  test('the event bus gets no request of more than 256 KiB, and evidence that is too long is left to the report', async () => {
    server = await answering((body) => ({ body: { FailedEntryCount: 0, Entries: taken(body) } }));
    const evidence = { ranges: 'x'.repeat(100 * 1024) };
    const huge = { ranges: 'y'.repeat(300 * 1024) };
    const findings = [1, 2, 3].map((n) => aFinding({ name: `w${n}`, evidence }));
    await notifier().notify(
      aNotice(aRun([anAudited(aCluster(), [...findings, aFinding({ name: 'huge', evidence: huge })])])),
    );
    const sizes = server.requests.map((body) =>
      entriesOf(body).reduce((sum, { Detail }) => sum + Buffer.byteLength(Detail), 0),
    );
    expect(Math.max(...sizes)).toBeLessThanOrEqual(256 * 1024);
    const details = server.requests.flatMap(entriesOf).map(({ Detail }) => JSON.parse(Detail));
    expect(details).toHaveLength(5);
    expect(details.find(({ finding }) => finding?.workload.name === 'huge')).toMatchObject({
      shortened: true,
      finding: { evidence: {} },
    });
  });

  test('an event that the bus accepts in no attempt is reported', async () => {
    server = await answering((body) => ({
      body: {
        FailedEntryCount: 1,
        Entries: taken(body).map((entry, index) =>
          index === 0 ? { ErrorCode: 'InternalFailure', ErrorMessage: 'broken' } : entry,
        ),
      },
    }));
    await expect(notifier().notify(notice(2))).rejects.toThrow(
      'The event bus default did not accept 1 of 3 events (InternalFailure: broken).',
    );
    expect(server.requests.length).toBe(4);
  });
});
