import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../lambda/config/config.ts';
import { configHash } from '../../lambda/config/hash.ts';
import { openAwsAccess } from '../../lambda/connect/aws/access.ts';
import { beginPlan, DISCOVERY_ITEM, discoverPlace, joinPlaces } from '../../lambda/fleet/discover-parts.ts';
import { type FleetPlan, type PlanOptions, readPlan } from '../../lambda/fleet/plan.ts';
import type { ReportStore } from '../../lambda/store/store.ts';
import { type MemoryStore, memoryStore } from '../store/memory-store.ts';
import { type AwsServerOptions, HUB, hubCredentials, OTHER, startAwsServer } from '../support/aws-server.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { config as defaults, runOf } from './recording.ts';

const { now: _, ...run } = runOf(8);
const REGIONS = ['eu-west-1', 'us-east-1'] as const;
const UNIT = 'ou-ab12-11111111';
const SUSPENDED = '777788889999';

const account = (id: string) => ({
  id,
  roleName: 'EksDriftAuditorMember',
  externalId: 'drift-4711',
  regions: REGIONS,
});

const listed: Config = { ...defaults, accounts: [account(HUB), account(OTHER)] };
const organized: Config = {
  ...defaults,
  organization: { ...account(''), units: [UNIT], exclude: [] },
};

const clusters = [
  { name: 'prod' },
  { name: 'skipped', region: 'us-east-1' },
  { name: 'batch', accountId: OTHER, region: 'us-east-1' },
  { name: 'web', accountId: OTHER },
];
const selected: Config = { ...listed, clusters: { ...defaults.clusters, exclude: ['skipped'] } };

const cleanups = closedAfterEach();

async function open(server: AwsServerOptions, config: Config) {
  const aws = await startAwsServer({ clusters, ...server });
  const access = openAwsAccess({
    region: 'eu-west-1',
    endpoint: aws.url,
    credentials: hubCredentials,
    maxAttempts: 1,
  });
  cleanups.push(aws.close, access.close);
  const store = memoryStore();
  const options: PlanOptions = { store, config, access, run, start: 'scheduled' };
  return { aws, store, options };
}

const itemsIn = (store: MemoryStore, key: string) =>
  DISCOVERY_ITEM.array().parse(JSON.parse(Buffer.from(store.objects.get(key) ?? []).toString('utf8')));

/** Each account and region by itself, as the state machine does it; `lose` ends a function without a result. */
async function inParts(
  server: AwsServerOptions,
  config: Config,
  lose: (place: { readonly id: string; readonly region: string }) => boolean = () => false,
) {
  const { aws, store, options } = await open(server, config);
  const begun = await beginPlan({ ...options, mostPlaces: 1 });
  if ('plan' in begun) throw new Error('Its places are few.');
  const items = itemsIn(store, begun.placesKey);
  expect(items).toHaveLength(begun.places);
  for (const item of items) {
    if (!lose({ id: item.account.id, region: item.region })) await discoverPlace(item, options);
  }
  const { plan } = await joinPlaces(options);
  return { aws, store, options, items, plan };
}

async function atOnce(server: AwsServerOptions, config: Config): Promise<FleetPlan> {
  const { options } = await open(server, config);
  const begun = await beginPlan(options);
  if (!('plan' in begun)) throw new Error('Its places are many.');
  return begun.plan;
}

const placesOf = ({ gaps }: FleetPlan) =>
  gaps.map(({ cluster, scope, reason }) => [cluster.accountId, cluster.region, scope, reason]);

describe('discovery in parts', () => {
  test('finds what one function finds, with what is excluded and what cannot be looked at', async () => {
    const fail: AwsServerOptions['fail'] = ({ action, accountId, region }) =>
      action === 'eks:ListClusters' && accountId === OTHER && region === 'eu-west-1'
        ? { status: 403, code: 'AccessDeniedException' }
        : null;
    const expected = await atOnce({ fail }, selected);
    expect(expected.targets.map(({ identity }) => identity.name)).toEqual(['prod', 'batch']);
    expect(expected.excluded.map(({ name }) => name)).toEqual(['skipped']);
    expect(placesOf(expected)).toEqual([[OTHER, 'eu-west-1', 'place', 'forbidden']]);
    const { plan, store } = await inParts({ fail }, selected);
    expect(plan).toEqual(expected);
    expect(await readPlan(store, run.id)).toEqual(expected);
  });

  test('asks for the accounts of an organization once, and says who is left out and who has no role yet', async () => {
    const organization = {
      [UNIT]: {
        accounts: [
          { Id: HUB, State: 'ACTIVE' },
          { Id: OTHER, State: 'ACTIVE' },
          { Id: SUSPENDED, State: 'SUSPENDED' },
        ],
      },
    };
    const fail: AwsServerOptions['fail'] = ({ action }) =>
      action === 'sts:AssumeRole' ? { status: 403, code: 'AccessDenied' } : null;
    const expected = await atOnce({ organization, fail }, organized);
    const { plan, aws } = await inParts({ organization, fail }, organized);
    expect(plan).toEqual(expected);
    expect(aws.count('organizations:ListAccountsForParent')).toBe(1);
    expect(plan.leftOutAccounts).toEqual([{ accountId: SUSPENDED, reason: 'account-suspended' }]);
    expect(plan.gaps[0]?.remedy).toContain('aws cloudformation create-stack-instances');
  });

  test('a unit that cannot be listed is a gap however few accounts are left', async () => {
    const plan = await atOnce({ organization: {} }, organized);
    expect(plan.targets).toEqual([]);
    expect(placesOf(plan)).toEqual(REGIONS.map((region) => [null, region, 'place', expect.any(String)]));
  });

  test('a unit that cannot be listed is a gap beside the accounts of the others, whichever way they are asked', async () => {
    const organization = { [UNIT]: { accounts: [{ Id: OTHER, State: 'ACTIVE' }] } };
    const two: Config = {
      ...organized,
      organization: { ...account(''), units: [UNIT, 'ou-ab12-22222222'], exclude: [] },
    };
    const plan = await atOnce({ organization }, two);
    expect(plan.targets.map(({ identity }) => identity.name)).toEqual(['web', 'batch']);
    expect(placesOf(plan)).toEqual(REGIONS.map((region) => [null, region, 'place', expect.any(String)]));
    expect((await inParts({ organization }, two)).plan).toEqual(plan);
  });

  test('begins in parts where there is one place more than a function asks', async () => {
    const { options } = await open({}, listed);
    expect(await beginPlan({ ...options, store: memoryStore(), mostPlaces: 4 })).toHaveProperty('plan');
    expect(await beginPlan({ ...options, store: memoryStore(), mostPlaces: 3 })).toMatchObject({ places: 4 });
  });

  test('a store that does not answer fails the join, which is repeated: no place is taken for one without a result', async () => {
    const { store, options } = await inParts({}, listed);
    const objects = new Map(store.objects);
    objects.delete(`runs/${run.id}/discovery.json`);
    const silent: ReportStore = {
      ...memoryStore({ objects }),
      get: async (key) => {
        if (key.endsWith('/clusters.json')) throw new Error('the store gives no answer');
        return objects.get(key) ?? null;
      },
    };
    await expect(joinPlaces({ ...options, store: silent })).rejects.toThrow('the store gives no answer');
  });

  test('an account and region whose function left nothing is not evaluated, and none of its clusters counts as gone', async () => {
    const { plan } = await inParts({}, listed, ({ id, region }) => id === OTHER && region === 'us-east-1');
    expect(plan.targets.map(({ identity }) => identity.name)).toEqual(['prod', 'web', 'skipped']);
    expect(placesOf(plan)).toEqual([[OTHER, 'us-east-1', 'place', 'not-finished']]);
    expect(plan.gaps[0]?.message).toContain('ended without a result');
  });

  test('a list that cannot be read costs its own place alone', async () => {
    const { store, options, items } = await inParts({}, listed);
    const [damaged = ''] = [...store.objects.keys()].filter((key) =>
      key.endsWith(`${HUB}/region=eu-west-1/clusters.json`),
    );
    const plan = `runs/${run.id}/discovery.json`;
    const objects = new Map([...store.objects, [damaged, Buffer.from('{"targets":')]]);
    objects.delete(plan);
    const again = await joinPlaces({ ...options, store: memoryStore({ objects }) });
    expect(items).toHaveLength(4);
    expect(placesOf(again.plan)).toEqual([[HUB, 'eu-west-1', 'place', 'malformed-object']]);
  });

  test('does not ask a place again that has been asked, and goes on with the accounts that it began with', async () => {
    const { aws, store, options, items } = await inParts({}, listed);
    const before = aws.calls.length;
    for (const item of items) await discoverPlace(item, options);
    expect(aws.calls).toHaveLength(before);
    // Joined already, so that nothing is left to be asked.
    expect(await beginPlan({ ...options, mostPlaces: 1 })).toMatchObject({ items: 4 });
    const objects = new Map(store.objects);
    objects.delete(`runs/${run.id}/discovery.json`);
    const other = { ...options, config: { ...listed, accounts: [account(HUB)] } };
    expect(await beginPlan({ ...other, store: memoryStore({ objects }) })).toMatchObject({ places: 4 });
  });

  test('a configuration that changed meanwhile is said and not mixed in', async () => {
    const { store, options } = await open({}, listed);
    const begun = await beginPlan({ ...options, mostPlaces: 1 });
    if ('plan' in begun) throw new Error('Its places are few.');
    const [item] = itemsIn(store, begun.placesKey);
    if (item === undefined) throw new Error('There are places.');
    const { targets, gaps } = await discoverPlace(item, { ...options, config: selected });
    expect(targets).toEqual([]);
    expect(gaps).toMatchObject([
      { scope: 'place', reason: 'not-finished', message: /configuration changed/ },
    ]);
  });

  test('a run that is begun again or joined after its configuration changed is one of the first configuration', async () => {
    const { store, options } = await open({}, listed);
    const begun = await beginPlan({ ...options, mostPlaces: 1 });
    if ('plan' in begun) throw new Error('Its places are few.');
    const changed = { ...options, config: { ...listed, accounts: [account(HUB)] } };
    await beginPlan({ ...changed, mostPlaces: 1 });
    const items = itemsIn(store, begun.placesKey);
    expect(new Set(items.map((item) => item.config))).toEqual(new Set([configHash(listed)]));
    for (const item of items) await discoverPlace(item, changed);
    const { plan } = await joinPlaces(changed);
    expect(plan.config).toBe(configHash(listed));
    expect(placesOf(plan)).toHaveLength(4);
  });

  test('without a begun run there is nothing to join', async () => {
    const { options } = await open({}, listed);
    await expect(joinPlaces(options)).rejects.toThrow('start it with discover-clusters');
  });
});
