import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { memberTemplate } from '../../lib/member-template.ts';
import { EVERYTHING, FLEET, hub, MEASURING, withEndpoints } from '../lib/deployed.ts';
import { comparable } from './support/comparable.ts';
import { createKey } from './support/create-key.ts';
import {
  type Deployments,
  EXTERNAL,
  failures,
  fresh,
  idsOf,
  openDeployments,
} from './support/deployments.ts';
import { dangling } from './support/references.ts';
import type { Inventory, Outcome } from './support/stacks.ts';

/** Stacks that are changed: from the last release, from mode to mode, to other keys, and by updates that fail. */
let deployments: Deployments;
/** Of a stack of the default configuration that was never anything else. */
let neverChanged: unknown;

beforeAll(async () => {
  deployments = await openDeployments('deployment-updates');
  const before = await deployments.stacks.inventory();
  await succeeds(deployments.create('default', DEFAULT));
  neverChanged = comparable(fresh(before, await deployments.stacks.inventory()));
  await succeeds(deployments.delete('default'));
});

afterAll(async () => {
  await deployments?.close();
});

const DEFAULT = hub('').toJSON();
/** Object Lock would replace the bucket (docs/runbook.md). */
const LOCK = '  objectLock: { mode: compliance, period: 365d }\n';
const ALL = withEndpoints(`${MEASURING}  mode: fleet\n`).replace(LOCK, '');

/** As the last release wrote it; see docs/contributing.md for when it is renewed. */
const textOf = (file: string): string =>
  readFileSync(new URL(`../templates/released/${file}`, import.meta.url), 'utf8');
const released = (name: string): object => JSON.parse(textOf(`hub-${name}.template.json`));

async function succeeds(operation: Promise<Outcome>): Promise<Outcome> {
  const outcome = await operation;
  expect(failures(outcome)).toEqual([]);
  expect(outcome.status).toMatch(/^(?:CREATE|UPDATE|DELETE)_COMPLETE$/);
  return outcome;
}

/** Of what holds evidence, messages, names and subscriptions. */
const lasting = (inventory: Inventory): readonly string[] =>
  ['buckets', 'keys', 'queues', 'topics'].flatMap((kind) => Object.keys(inventory[kind] ?? {})).toSorted();

describe('a stack of the last release', () => {
  let before: Inventory;
  let first: Inventory;
  const outcomes: Outcome[] = [];
  const now = async (): Promise<Inventory> => fresh(before, await deployments.stacks.inventory());
  const update = async (title: string, template: object): Promise<Outcome> => {
    const outcome = await succeeds(deployments.update(title, template));
    outcomes.push(outcome);
    return outcome;
  };
  const names = async (): Promise<readonly string[]> => {
    const all = await deployments.stacks.inventory();
    const known = Object.values(all).flatMap((ofKind) => Object.keys(ofKind));
    return dangling(await now(), deployments.stacks.aws.accountId, [...known, ...EXTERNAL]);
  };

  test('becomes what a new one of this release is', async () => {
    before = await deployments.stacks.inventory();
    await succeeds(deployments.create('the last release', released('default')));
    const was = await now();
    const updated = await update('to this release', DEFAULT);
    first = await now();
    expect(idsOf(updated, 'DELETE_SKIPPED')).toEqual([]);
    expect(comparable(first)).toEqual(neverChanged);
    expect(lasting(first)).toEqual(expect.arrayContaining([...lasting(was)]));
  });

  test('becomes a fleet with its own functions, and nothing names what has gone', async () => {
    const updated = await update('to a fleet with all options', hub(ALL).toJSON());
    expect(idsOf(updated, 'DELETE_SKIPPED')).toEqual(['AuditorRunAuditLogs']);
    expect(await names()).toEqual([]);
    expect(lasting(await now())).toEqual(expect.arrayContaining([...lasting(first)]));
  });

  test('is single again as it was, with the logs of the fleet beside it', async () => {
    const updated = await update('to single again', DEFAULT);
    expect(idsOf(updated, 'DELETE_SKIPPED')).toEqual([
      'AuditorRunAuditClusterLogs',
      'AuditorRunDiscoverLogs',
      'AuditorRunSendDigestLogs',
    ]);
    expect(comparable(await now(), outcomes)).toEqual(neverChanged);
    expect(lasting(await now())).toEqual(lasting(first));
  });

  test('is as it was after an update that fails', async () => {
    const was = await now();
    const yaml = ALL.replace('[prod-1]', '[old-1]');
    const failed = await deployments.update('to a fleet, with a cluster of CONFIG_MAP', hub(yaml).toJSON());
    expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(failures(failed)).toEqual([
      expect.stringMatching(/^(?:Auditor\w*Access\w*old1\w*): .*authentication mode must be set/),
    ]);
    expect(comparable(await now())).toEqual(comparable(was));
    expect(lasting(await now())).toEqual(lasting(was));
  });

  test('takes other keys everywhere, and keeps those it had', async () => {
    const { aws } = deployments.stacks;
    const [encryption, signing] = [
      await createKey(aws, {}, aws.accountId),
      await createKey(aws, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }, aws.accountId),
    ];
    const yaml = `deployment: { kmsKeyArn: "${encryption}", signing: "${signing}" }`;
    const updated = await update('to other keys', hub(yaml).toJSON());
    expect(idsOf(updated, 'DELETE_SKIPPED')).toEqual(['AuditorKey', 'AuditorRunSigningKey']);
    expect(await names()).toEqual([]);
    const old = Object.entries(first['keys'] ?? {}).map(([id]) => id);
    const after = await now();
    expect(Object.keys(after['keys'] ?? {})).toEqual(expect.arrayContaining(old));
    // Logs of the fleet that has gone keep the key that they are encrypted with.
    const { keys: _, ...others } = after;
    const left = new Set(outcomes.flatMap(({ events }) => events.map(skipped)));
    const inUse = Object.fromEntries(
      Object.entries(others).map(([kind, ofKind]) => [
        kind,
        Object.fromEntries(Object.entries(ofKind).filter(([name]) => !left.has(name))),
      ]),
    );
    for (const id of old) expect(JSON.stringify(inUse)).not.toContain(id);
    expect(JSON.stringify(inUse)).toContain(encryption);
    await succeeds(deployments.delete('with other keys'));
  });
});

describe('a stack of the last release with all options', () => {
  /** moto keeps saved queries that were deleted. */
  const withoutQueries = (inventory: Inventory): unknown =>
    JSON.parse(
      JSON.stringify(comparable(inventory), (name, value) => (name === 'queries' ? undefined : value)),
    );

  test('becomes what a new one of this release is, and keeps what holds evidence', async () => {
    const before = await deployments.stacks.inventory();
    const template = hub(EVERYTHING).toJSON();
    await succeeds(deployments.create('a new one with all options', template));
    const expected = withoutQueries(fresh(before, await deployments.stacks.inventory()));
    await succeeds(deployments.delete('it'));
    const left = await deployments.stacks.inventory();
    const now = async (): Promise<Inventory> => fresh(left, await deployments.stacks.inventory());
    await succeeds(deployments.create('all options of the last release', released('everything')));
    const was = await now();
    const updated = await succeeds(deployments.update('all options to this release', template));
    const after = await now();
    await succeeds(deployments.delete('all options'));
    expect(idsOf(updated, 'DELETE_SKIPPED')).toEqual([]);
    expect(lasting(after)).toEqual(expect.arrayContaining([...lasting(was)]));
    expect(withoutQueries(after)).toEqual(expected);
    const known = Object.values(left).flatMap((ofKind) => Object.keys(ofKind));
    expect(dangling(after, deployments.stacks.aws.accountId, [...known, ...EXTERNAL])).toEqual([]);
  }, 120_000);
});

describe('a fleet of the last release', () => {
  test('becomes one of this release, whose state machine writes its log into a group of its own', async () => {
    const before = await deployments.stacks.inventory();
    await succeeds(deployments.create('a fleet of the last release', released('fleet')));
    const first = fresh(before, await deployments.stacks.inventory());
    const updated = await succeeds(deployments.update('the fleet to this release', hub(FLEET).toJSON()));
    expect(idsOf(updated, 'DELETE_SKIPPED')).toEqual(['AuditorRunFleetLogs']);
    const now = fresh(before, await deployments.stacks.inventory());
    expect(
      dangling(now, deployments.stacks.aws.accountId, [
        ...EXTERNAL,
        ...Object.keys(before['securityGroups'] ?? {}),
      ]),
    ).toEqual([]);
    expect(lasting(now)).toEqual(expect.arrayContaining([...lasting(first)]));
    await succeeds(deployments.delete('the fleet'));
  });
});

describe('a member of the last release', () => {
  test('becomes what a new one of this release is', async () => {
    const parameters = { HubAccountId: '444455556666', ExternalId: 'audit-7', Regions: 'eu-west-1' };
    const before = await deployments.stacks.inventory();
    const now = async (): Promise<unknown> => comparable(fresh(before, await deployments.stacks.inventory()));
    const current = parse(memberTemplate(), { version: '1.1' });
    await succeeds(deployments.create('a member', current, parameters));
    const unchanged = await now();
    await succeeds(deployments.delete('a member'));
    const old = parse(textOf('member.template.yaml'), { version: '1.1' });
    await succeeds(deployments.create('a member of the last release', old, parameters));
    // CloudFormation refuses an update that changes nothing.
    if (JSON.stringify(old) !== JSON.stringify(current)) {
      await succeeds(deployments.update('the member to this release', current, parameters));
    }
    expect(await now()).toEqual(unchanged);
    await succeeds(deployments.delete('a member'));
  });
});

const skipped = (event: { readonly ResourceStatus: string; readonly PhysicalResourceId: string }): string =>
  event.ResourceStatus === 'DELETE_SKIPPED' ? event.PhysicalResourceId : '';
