import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { memberTemplate } from '../../lib/member-template.ts';
import { FLEET, hub, ORGANIZATION, withEndpoints } from '../lib/deployed.ts';
import {
  added,
  type Deployments,
  EXTERNAL,
  failures,
  fresh,
  idsOf,
  openDeployments,
} from './support/deployments.ts';
import { dangling } from './support/references.ts';
import type { Described, Inventory, Outcome } from './support/stacks.ts';

/**
 * The templates as they are synthesised, created and deleted in an engine that does what CloudFormation does
 * (aws/stacks.py), in one account: what a deployment leaves is there when the next one begins.
 */
let deployments: Deployments;

beforeAll(async () => {
  deployments = await openDeployments('deployment');
});

afterAll(async () => {
  await deployments?.close();
});

/** With all options. */
const ALL = withEndpoints(
  FLEET.replace(
    'measure: { writableLayer: off }',
    `images: { registry: sbom-collect }\n${ORGANIZATION.trim()}`,
  ),
);

/** What docs/operations.md says that a removal keeps, by logical ids. */
const KEPT = [
  'AuditorKey',
  'AuditorReportsAccessLogs',
  'AuditorReportsAccessLogsPolicy',
  'AuditorReportsBucket',
  'AuditorReportsBucketPolicy',
  'AuditorRunSigningKey',
  'AuditorWatchLogs',
];
const LOGS = {
  single: ['AuditorRunAuditLogs'],
  fleet: ['AuditorRunAuditClusterLogs', 'AuditorRunDiscoverLogs', 'AuditorRunSendDigestLogs'],
};

/** How many of each kind are made. */
const MADE = {
  single: {
    ...{ alarms: 10, buckets: 2, dashboards: 1, functions: 2, keys: 2, logGroups: 2, queues: 1, roles: 4 },
    ...{ scheduleGroups: 2, schedules: 2, topics: 1 },
  },
  fleet: {
    ...{ alarms: 12, buckets: 2, dashboards: 1, functions: 4, keys: 2, logGroups: 5, queues: 1, roles: 9 },
    ...{ scheduleGroups: 2, schedules: 2, topics: 3, databases: 1, endpoints: 5, securityGroups: 2 },
    ...{ stateMachines: 1, workGroups: 1 },
  },
};

const only = (ofKind: Readonly<Record<string, Described>> | undefined, mark: RegExp): Described => {
  const found = Object.entries(ofKind ?? {}).filter(([name]) => mark.test(name));
  expect(found.map(([name]) => name)).toHaveLength(1);
  return found[0]?.[1] ?? {};
};

describe('a first deployment that fails', () => {
  let before: Inventory;

  beforeAll(async () => {
    before = await deployments.stacks.inventory();
  });

  test('for a cluster that takes no access entries is rolled back, and leaves nothing', async () => {
    const yaml = ALL.replace('[prod-1]', '[old-1]');
    const created = await deployments.create('all options, with a cluster of CONFIG_MAP', hub(yaml).toJSON());
    expect(created.status).toBe('ROLLBACK_COMPLETE');
    expect(failures(created)).toEqual([
      expect.stringMatching(/^AuditorAccessold1.*authentication mode must be set to one of/),
    ]);
    expect(idsOf(created, 'DELETE_SKIPPED')).toEqual([]);
    expect(added(before, await deployments.stacks.inventory())).toEqual({});
  });

  test('is in the way of the next one until it is deleted', async () => {
    await expect(deployments.create('again', hub('').toJSON())).rejects.toThrow('already exists');
    expect(await deployments.delete('what was rolled back')).toMatchObject({ status: 'DELETE_COMPLETE' });
  });
});

describe.each([
  ['single', ''],
  ['fleet', ALL],
] as const)('a deployment of the mode %s', (mode, yaml) => {
  let before: Inventory;
  let during: Inventory;
  let created: Outcome;
  let made: Inventory;

  beforeAll(async () => {
    before = await deployments.stacks.inventory();
    created = await deployments.create(mode, hub(yaml).toJSON());
    during = await deployments.stacks.inventory();
    made = fresh(before, during);
  });

  test('is created', () => {
    expect(failures(created)).toEqual([]);
    expect(created.status).toBe('CREATE_COMPLETE');
    expect(added(before, during)).toEqual(MADE[mode]);
  });

  test('names nothing that does not exist', () => {
    expect(dangling(made, deployments.stacks.aws.accountId, [...identitiesOf(during), ...EXTERNAL])).toEqual(
      [],
    );
  });

  test('starts what it is for, and keeps what could not be delivered', () => {
    const target = only(made['schedules'], /-AuditorSchedule/)['Target'] as Described;
    const [queue] = Object.values(made['queues'] ?? {});
    const audit =
      mode === 'fleet'
        ? made['stateMachines']?.['EksDriftAuditor']?.['stateMachineArn']
        : only(made['functions'], /RunAudit/)['FunctionArn'];
    expect(target['Arn']).toBe(audit);
    expect(target['DeadLetterConfig']).toEqual({ Arn: queue?.['QueueArn'] });
    const watch = only(made['schedules'], /-AuditorWatchSchedule/)['Target'] as Described;
    expect(watch['Arn']).toBe(only(made['functions'], /WatchFunction/)['FunctionArn']);
  });

  test('has a bucket for evidence that is encrypted, versioned, logged and closed', () => {
    const bucket = only(made['buckets'], /auditorreportsbucket/);
    const [reportsKey] = Object.values(made['keys'] ?? {}).filter(
      ({ KeySpec }) => KeySpec === 'SYMMETRIC_DEFAULT',
    );
    expect(bucket).toMatchObject({
      encryption: {
        Rules: [
          {
            ApplyServerSideEncryptionByDefault: {
              SSEAlgorithm: 'aws:kms',
              KMSMasterKeyID: reportsKey?.['Arn'],
            },
          },
        ],
      },
      logging: { TargetPrefix: 'reports/' },
      ownership: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      publicAccess: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      versioning: 'Enabled',
      objectLock:
        mode === 'fleet'
          ? { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 365 } } }
          : null,
    });
    expect(reportsKey).toMatchObject({ rotates: true, Enabled: true });
  });

  test('has functions that run as it says', () => {
    for (const [name, described] of Object.entries(made['functions'] ?? {})) {
      expect({ name, ...described }).toMatchObject({
        name,
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
        Environment: {
          Variables: { REPORT_BUCKET: expect.stringMatching(/^eksdriftauditor-auditorreports/) },
        },
      });
      expect(made['roles']).toHaveProperty([String(described['Role']).replace(/^.*\//, '')]);
    }
    expect(Object.values(made['functions'] ?? {}).map(({ reserved }) => reserved)).toContain(
      mode === 'fleet' ? 25 : 1,
    );
  });

  test('sends its mail and its alarms to the topics of the configuration', () => {
    const topics = Object.values(made['topics'] ?? {});
    const addresses = topics.flatMap(({ subscriptions }) => subscriptions as readonly Described[]);
    expect(addresses.map(({ Endpoint }) => Endpoint).toSorted()).toEqual(
      mode === 'fleet' ? ['on-call@example.com', 'security@example.com'] : [],
    );
    for (const [name, alarm] of Object.entries(made['alarms'] ?? {})) {
      // Alarms on a topic that has no reader go elsewhere, if there is another one.
      const actions = alarm['AlarmActions'] as readonly string[];
      expect({ name, actions: actions.length > 0 || /Unread$/.test(name) }).toEqual({ name, actions: true });
    }
  });

  test('is deleted, and leaves what is documented as kept', async () => {
    const deleted = await deployments.delete(mode);
    const after = await deployments.stacks.inventory();
    expect(failures(deleted)).toEqual([]);
    expect(deleted.status).toBe('DELETE_COMPLETE');
    expect(idsOf(deleted, 'DELETE_SKIPPED')).toEqual([...KEPT, ...LOGS[mode]].toSorted());
    expect(added(before, after)).toEqual({ buckets: 2, keys: 2, logGroups: LOGS[mode].length + 1 });
    for (const bucket of Object.values(fresh(before, after)['buckets'] ?? {})) {
      expect(bucket['policy']).not.toBeNull();
    }
  });
});

describe('the template for members', () => {
  const parameters = {
    HubAccountId: '444455556666',
    ExternalId: 'audit-7',
    Regions: 'eu-west-1,us-east-1',
  };
  const everything = { SecurityHub: 'on', Measure: 'kubelet', Registry: 'sbom-collect' };
  const policiesOf = (inventory: Inventory): readonly string[] =>
    Object.values(inventory['roles'] ?? {})
      .flatMap(({ policies }) => Object.keys(policies as object))
      .map((name) => name.replace(/[0-9A-F]{8}$/, ''))
      .toSorted();

  test('is created, updated to all options and back, and leaves nothing', async () => {
    const template = parse(memberTemplate(), { version: '1.1' });
    const before = await deployments.stacks.inventory();
    const made = async (): Promise<Inventory> => fresh(before, await deployments.stacks.inventory());
    expect(failures(await deployments.create('member', template, parameters))).toEqual([]);
    const least = await made();
    expect(Object.keys(least['roles'] ?? {})).toEqual(['EksDriftAuditorMember']);
    expect(policiesOf(least)).toEqual(['Discover', 'Images', 'Network']);

    const more = { ...parameters, ...everything };
    expect(failures(await deployments.update('member with all options', template, more))).toEqual([]);
    const most = await made();
    expect(Object.keys(most['roles'] ?? {}).toSorted()).toEqual([
      'EksDriftAuditorMeasure',
      'EksDriftAuditorMember',
    ]);
    expect(policiesOf(most)).toEqual([
      'Discover',
      'ImageContents',
      'Images',
      'Import',
      'Manifests',
      'Network',
    ]);

    const off = { ...parameters, Routing: 'off', Registry: 'off' };
    expect(failures(await deployments.update('member with the least', template, off))).toEqual([]);
    expect(policiesOf(await made())).toEqual(['Discover']);
    expect(await deployments.delete('member')).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(added(before, await deployments.stacks.inventory())).toEqual({});
  });
});

/** Of what was there before as well. */
const identitiesOf = (inventory: Inventory): readonly string[] =>
  Object.values(inventory).flatMap((ofKind) => Object.keys(ofKind));
