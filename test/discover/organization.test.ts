import { describe, expect, test } from '@jest/globals';
import type { AccountConfig, OrganizationConfig } from '../../lambda/config/config.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import { openAwsAccess } from '../../lambda/connect/aws/access.ts';
import { ORGANIZATION_ACTIONS } from '../../lambda/discover/actions.ts';
import { type Discovery, discoverClusters } from '../../lambda/discover/discover.ts';
import { ReadError } from '../../lambda/errors.ts';
import {
  type AwsServer,
  type AwsServerOptions,
  HUB,
  hubCredentials,
  OTHER,
  startAwsServer,
} from '../support/aws-server.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';

const cleanups = closedAfterEach();

async function serve(options: AwsServerOptions): Promise<AwsServer> {
  const server = await startAwsServer(options);
  cleanups.push(server.close);
  return server;
}

const TOP = 'ou-ab12-11111111';
const BELOW = 'ou-ab12-22222222';
const NEW = '777788889999';

interface Wanted {
  readonly roleArn?: string;
  readonly organization?: Partial<OrganizationConfig>;
  readonly accounts?: readonly AccountConfig[];
}

async function discover(
  server: AwsServer,
  { organization, accounts = [], ...rest }: Wanted = {},
): Promise<Discovery> {
  const access = openAwsAccess({
    region: 'eu-west-1',
    endpoint: server.url,
    credentials: hubCredentials,
    maxAttempts: 1,
  });
  cleanups.push(access.close);
  return discoverClusters({
    access,
    ...rest,
    config: {
      accounts,
      clusters: defaultConfig().clusters,
      organization: {
        units: [TOP],
        exclude: [],
        roleName: 'EksDriftAuditorMember',
        externalId: 'drift-4711',
        regions: ['eu-west-1'],
        ...organization,
      },
    },
  });
}

const active = (...ids: readonly string[]) => ids.map((Id) => ({ Id, Name: 'n', State: 'ACTIVE' }));
const found = ({ targets }: Discovery): readonly string[] =>
  targets.map(({ identity }) => `${identity.accountId}/${identity.name}`);

const clusters = [{ name: 'hub' }, { name: 'a', accountId: OTHER }, { name: 'b', accountId: NEW }];

describe('accounts of an organization', () => {
  test('clusters are found in the accounts of a unit and of the units below it, each by its member role', async () => {
    const server = await serve({
      clusters,
      organization: {
        [TOP]: { accounts: active(OTHER), units: [BELOW] },
        [BELOW]: { accounts: active(NEW) },
      },
    });
    const all = await discover(server);
    expect(found(all)).toEqual([`${OTHER}/a`, `${NEW}/b`]);
    expect(all.gaps).toEqual([]);
    expect(all.targets.map(({ role }) => role)).toEqual(
      [OTHER, NEW].map((id) => ({
        arn: `arn:aws:iam::${id}:role/EksDriftAuditorMember`,
        externalId: 'drift-4711',
        tags: { application: 'eks-drift-auditor' },
      })),
    );
    const asked = new Set(
      server.calls.map(({ action }) => action).filter((action) => action.startsWith('organizations:')),
    );
    expect([...asked].sort()).toEqual([...ORGANIZATION_ACTIONS].sort());
  });

  test('an account that joins a unit is audited by the next run', async () => {
    const organization = { [TOP]: { accounts: active(OTHER) } };
    const server = await serve({ clusters, organization });
    expect(found(await discover(server))).toEqual([`${OTHER}/a`]);
    organization[TOP].accounts.push(...active(NEW));
    expect(found(await discover(server))).toEqual([`${OTHER}/a`, `${NEW}/b`]);
  });

  test('accounts are found on every page, and the account of the hub needs no role', async () => {
    const many = Array.from({ length: 45 }, (_, index) => String(100_000_000_000 + index));
    const server = await serve({ clusters, organization: { [TOP]: { accounts: active(...many, HUB) } } });
    const all = await discover(server);
    expect(found(all)).toEqual([`${HUB}/hub`]);
    expect(server.count('organizations:ListAccountsForParent')).toBe(3);
    expect(server.count('sts:AssumeRole')).toBe(45);
  });

  test('units below more levels than AWS has are a gap, and what was listed counts', async () => {
    const unit = (level: number): string => (level === 0 ? TOP : `ou-ab12-${String(level).padStart(8, '0')}`);
    const organization = Object.fromEntries(
      Array.from({ length: 14 }, (_, level) => [
        unit(level),
        { accounts: level === 3 ? active(OTHER) : level === 13 ? active(NEW) : [], units: [unit(level + 1)] },
      ]),
    );
    const one = await discover(await serve({ clusters, organization }));
    expect(found(one)).toEqual([`${OTHER}/a`]);
    expect(one.gaps).toMatchObject([
      { scope: 'place', cluster: { name: `(all clusters of ${unit(11)} in eu-west-1)`, accountId: null } },
    ]);
    expect(one.gaps[0]?.message).toContain('more than 10 levels');
  });

  test('the organization is asked in the region that its API has, and signed for it', async () => {
    const server = await serve({ organization: { [TOP]: {} } });
    await discover(server);
    const regions = server.calls.flatMap(({ action, region }) =>
      action.startsWith('organizations:') ? [region] : [],
    );
    expect(new Set(regions)).toEqual(new Set(['us-east-1']));
  });

  test('with a role of its own the program asks the account of that role, and no organization', async () => {
    const server = await serve({ clusters, organization: { [TOP]: { accounts: active(OTHER) } } });
    const all = await discover(server, { roleArn: `arn:aws:iam::${NEW}:role/EksDriftAuditorMember` });
    expect(found(all)).toEqual([`${NEW}/b`]);
    expect(server.count('organizations:ListAccountsForParent')).toBe(0);
  });

  test('an account that is also listed is entered as it is listed', async () => {
    const server = await serve({ clusters, organization: { [TOP]: { accounts: active(OTHER) } } });
    const accounts = [{ id: OTHER, roleName: 'Own', externalId: 'own', regions: ['eu-west-1'] }];
    const all = await discover(server, { accounts });
    expect(all.targets.map(({ role }) => role?.arn)).toEqual([`arn:aws:iam::${OTHER}:role/Own`]);
  });

  test('excluded accounts and units are left out, and of accounts it is said', async () => {
    const server = await serve({
      clusters,
      organization: {
        [TOP]: { accounts: active(OTHER), units: [BELOW] },
        [BELOW]: { accounts: active(NEW) },
      },
    });
    const one = await discover(server, { organization: { exclude: [OTHER] } });
    expect(found(one)).toEqual([`${NEW}/b`]);
    expect(one.leftOutAccounts).toEqual([{ accountId: OTHER, reason: 'account-excluded' }]);
    expect(found(await discover(server, { organization: { exclude: [BELOW] } }))).toEqual([`${OTHER}/a`]);
  });

  test.each([
    { State: 'SUSPENDED' },
    { State: 'CLOSED' },
    { State: 'PENDING_ACTIVATION' },
    { Status: 'SUSPENDED' },
  ])('an account that lets nobody in is not asked, and it is said (%o)', async (state) => {
    const server = await serve({
      clusters,
      organization: { [TOP]: { accounts: [{ Id: NEW, ...state }, ...active(OTHER)] } },
    });
    const all = await discover(server);
    expect(found(all)).toEqual([`${OTHER}/a`]);
    expect(all.leftOutAccounts).toEqual([{ accountId: NEW, reason: 'account-suspended' }]);
    expect(all.gaps).toEqual([]);
  });

  test.each([
    {},
    { State: 'PENDING_CLOSURE' },
    { State: 'OF_A_LATER_API' },
    { State: 'ACTIVE', Status: 'SUSPENDED' },
  ])('an account whose workloads may run is asked (%o)', async (state) => {
    const server = await serve({ clusters, organization: { [TOP]: { accounts: [{ Id: NEW, ...state }] } } });
    expect(found(await discover(server))).toEqual([`${NEW}/b`]);
  });

  test('an account without the member role is not evaluated, with the StackSet command that adds the role', async () => {
    const server = await serve({
      clusters,
      organization: {
        [TOP]: { units: [BELOW], accounts: active(OTHER) },
        [BELOW]: { accounts: active(NEW) },
      },
      fail: ({ action, parameters }) =>
        action === 'sts:AssumeRole' && parameters.get('RoleArn')?.includes(NEW)
          ? { status: 403, code: 'AccessDenied' }
          : null,
    });
    const all = await discover(server);
    expect(found(all)).toEqual([`${OTHER}/a`]);
    expect(all.gaps).toMatchObject([
      {
        cluster: { name: `(all clusters of ${NEW} in eu-west-1)`, accountId: NEW, region: 'eu-west-1' },
        scope: 'place',
        reason: 'forbidden',
        remedy: expect.stringContaining(
          `aws cloudformation create-stack-instances --stack-set-name EksDriftAuditorMember --regions eu-west-1 --deployment-targets Accounts=${NEW},OrganizationalUnitIds=${BELOW},AccountFilterType=INTERSECTION`,
        ),
      },
    ]);
  });
});

describe('an organization that cannot be listed', () => {
  const organization = {
    [TOP]: { accounts: active(OTHER), units: [BELOW] },
    [BELOW]: { accounts: active(NEW) },
  };

  test.each([
    ['organizations:ListAccountsForParent', [`${NEW}/b`]],
    ['organizations:ListChildren', [`${OTHER}/a`]],
  ])(
    'a unit that may not be listed is a gap of unknown accounts in each region, and the rest counts (%s)',
    async (denied, rest) => {
      const server = await serve({
        clusters,
        organization,
        fail: ({ action, question }) =>
          action === denied && question['ParentId'] === TOP
            ? { status: 400, code: 'AccessDeniedException', message: 'You do not have permission.' }
            : null,
      });
      const all = await discover(server, { organization: { regions: ['eu-west-1', 'us-east-1'] } });
      expect(found(all)).toEqual(rest);
      expect(all.gaps).toMatchObject(
        ['eu-west-1', 'us-east-1'].map((region) => ({
          cluster: { name: `(all clusters of ${TOP} in ${region})`, accountId: null, region },
          scope: 'place',
          reason: 'forbidden',
          message: expect.stringContaining(`AWS denies ${denied} for the organizational unit ${TOP}`),
          remedy: expect.stringContaining('aws organizations put-resource-policy'),
        })),
      );
    },
  );

  test('a unit that does not exist is a gap that says how units are listed', async () => {
    const server = await serve({ clusters, organization: {} });
    const { targets, gaps } = await discover(server);
    expect(targets).toEqual([]);
    expect(gaps).toMatchObject([
      { scope: 'place', remedy: expect.stringContaining('list-organizational-units-for-parent') },
    ]);
  });

  test('an account outside of any organization is a gap', async () => {
    const server = await serve({
      clusters,
      organization,
      fail: ({ action }) =>
        action.startsWith('organizations:')
          ? { status: 400, code: 'AWSOrganizationsNotInUseException' }
          : null,
    });
    expect((await discover(server)).gaps).toMatchObject([{ scope: 'place', reason: 'forbidden' }]);
  });

  test('a list that breaks off after its first page is a gap, never a shorter list', async () => {
    const server = await serve({
      clusters,
      organization: { [TOP]: { accounts: active(OTHER, NEW) } },
      pageSize: 1,
      fail: ({ action, question }) =>
        action === 'organizations:ListAccountsForParent' && question['NextToken'] !== undefined
          ? { status: 500, code: 'ServiceException' }
          : null,
    });
    expect((await discover(server)).gaps).toMatchObject([{ scope: 'place', reason: 'server-error' }]);
  });

  test('units that contain each other end', async () => {
    const server = await serve({
      clusters,
      organization: { [TOP]: { units: [BELOW] }, [BELOW]: { units: [TOP], accounts: active(OTHER) } },
    });
    expect(found(await discover(server))).toEqual([`${OTHER}/a`]);
  });

  test.each([TOP, BELOW])(
    'units that are denied are named in one order, also where the answer about %s comes last',
    async (late) => {
      const server = await serve({
        organization,
        fail: ({ action }) =>
          action === 'organizations:ListAccountsForParent'
            ? { status: 400, code: 'AccessDeniedException' }
            : null,
        delayMs: ({ question }) => (question['ParentId'] === late ? 100 : 0),
      });
      const { gaps } = await discover(server, { organization: { units: [TOP, BELOW] } });
      expect(gaps.map(({ cluster }) => cluster.name)).toEqual(
        [TOP, BELOW].map((unit) => `(all clusters of ${unit} in eu-west-1)`),
      );
    },
  );

  test('an API that gives no answer ends with the run', async () => {
    const stop = new AbortController();
    const outOfTime = new ReadError('out-of-time', 'The time is up.', 'Use fleet mode.');
    const server = await serve({
      organization,
      silent({ action }) {
        const isSilent = action.startsWith('organizations:');
        if (isSilent) stop.abort(outOfTime);
        return isSilent;
      },
    });
    const access = openAwsAccess({
      region: 'eu-west-1',
      endpoint: server.url,
      credentials: hubCredentials,
      maxAttempts: 1,
      signal: stop.signal,
    });
    cleanups.push(access.close);
    const { accounts, clusters: all } = defaultConfig();
    const config = {
      accounts,
      clusters: all,
      organization: { units: [TOP], exclude: [], roleName: 'R', externalId: null, regions: ['eu-west-1'] },
    };
    const { gaps } = await discoverClusters({ access, config });
    expect(gaps).toMatchObject([{ scope: 'place', reason: 'out-of-time', message: 'The time is up.' }]);
  });
});
