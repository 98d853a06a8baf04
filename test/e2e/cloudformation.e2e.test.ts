import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FLEET, hub } from '../lib/deployed.ts';
import { type LoggedOperation, writeDeploymentLog } from './support/deployment-log.ts';
import { dangling } from './support/references.ts';
import { type Inventory, type Outcome, openStacks, type Stacks } from './support/stacks.ts';

/** The templates as they are synthesised, in an engine that does what CloudFormation does (aws/stacks.py). */
const NAME = 'EksDriftAuditor';

/** Named by the configuration, or always there. */
const EXTERNAL = [
  'arn:aws:iam::111122223333:root',
  'arn:aws:iam::111122223333:role/EksDriftAuditorMember',
  'arn:aws:sns:eu-west-1:111122223333:on-call',
];

let stacks: Stacks;
const log: LoggedOperation[] = [];

beforeAll(async () => {
  stacks = await openStacks();
  await stacks.aws.putEksCluster({ name: 'prod-1', ...CLUSTER });
}, 60_000);

afterAll(async () => {
  writeDeploymentLog(log);
  await stacks?.close();
});

const CLUSTER = { endpoint: 'https://127.0.0.1', certificateAuthorityData: '', version: '1.36' };

/** In the network that exists here. */
const inNetwork = (template: object): object =>
  JSON.parse(
    Object.entries(stacks.network).reduce(
      (text, [id, existing]) => text.replaceAll(id, existing),
      JSON.stringify(template),
    ),
  ) as object;

const logged = async (title: string, operation: Promise<Outcome>): Promise<Outcome> => {
  const outcome = await operation;
  log.push({ title, events: outcome.events });
  return outcome;
};

const create = (title: string, template: object): Promise<Outcome> =>
  logged(`create: ${title}`, stacks.create({ name: NAME, template: inNetwork(template) }));
const remove = (title: string): Promise<Outcome> => logged(`delete: ${title}`, stacks.delete(NAME));

/** Failures with their reasons, which say more than the status. */
const failures = ({ events }: Outcome): readonly string[] =>
  events
    .filter(({ ResourceStatus: status }) => status.endsWith('FAILED'))
    .map(({ LogicalResourceId: id, ResourceStatusReason: reason }) => `${id}: ${reason}`);

/** Logical ids without their hashes, sorted. */
const idsOf = ({ events }: Outcome, status: string): readonly string[] =>
  events
    .filter(({ ResourceStatus }) => ResourceStatus === status)
    .map(({ LogicalResourceId: id }) => id.replace(/[0-9A-F]{8}$/, ''))
    .toSorted();

/** How many there are of each kind. */
const counts = (inventory: Inventory): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(inventory).map(([kind, ofKind]) => [kind, Object.keys(ofKind).length]));

const added = (before: Inventory, after: Inventory): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(counts(after))
      .map(([kind, count]) => [kind, count - Object.keys(before[kind] ?? {}).length] as const)
      .filter(([, count]) => count !== 0),
  );

/** What docs/operations.md says that a removal keeps. */
const KEPT_ALWAYS = [
  'AuditorKey',
  'AuditorReportsAccessLogs',
  'AuditorReportsBucket',
  'AuditorRunSigningKey',
  'AuditorWatchLogs',
];

describe.each([
  [
    'single',
    '',
    ['AuditorRunAuditLogs'],
    {
      alarms: 10,
      functions: 2,
      roles: 4,
      topics: 1,
      schedules: 2,
      scheduleGroups: 2,
      queues: 1,
      dashboards: 1,
    },
  ],
  [
    'fleet',
    FLEET,
    ['AuditorRunAuditClusterLogs', 'AuditorRunDiscoverLogs', 'AuditorRunSendDigestLogs'],
    {
      ...{ alarms: 12, functions: 4, roles: 8, topics: 3, schedules: 2, scheduleGroups: 2, queues: 1 },
      ...{ dashboards: 1, databases: 1, securityGroups: 1, stateMachines: 1, workGroups: 1 },
    },
  ],
])('a deployment of the mode %s', (mode, yaml, logs, made) => {
  let before: Inventory;
  let during: Inventory;
  let created: Outcome;
  let deleted: Outcome;
  let after: Inventory;

  beforeAll(async () => {
    before = await stacks.inventory();
    created = await create(mode, hub(yaml).toJSON());
    during = await stacks.inventory();
    deleted = await remove(mode);
    after = await stacks.inventory();
  }, 60_000);

  test('is created', () => {
    expect(failures(created)).toEqual([]);
    expect(created.status).toBe('CREATE_COMPLETE');
    expect(added(before, during)).toEqual({
      ...made,
      buckets: 2,
      keys: 2,
      logGroups: logs.length + 1 + (mode === 'fleet' ? 1 : 0),
    });
  });

  test('names nothing that does not exist', () => {
    expect(dangling(during, stacks.aws.accountId, EXTERNAL)).toEqual([]);
  });

  test('is deleted, and leaves what is documented as kept', () => {
    expect(failures(deleted)).toEqual([]);
    expect(deleted.status).toBe('DELETE_COMPLETE');
    expect(idsOf(deleted, 'DELETE_SKIPPED')).toEqual([...KEPT_ALWAYS, ...logs].toSorted());
    expect(added(before, after)).toEqual({ buckets: 2, keys: 2, logGroups: logs.length + 1 });
  });
});
