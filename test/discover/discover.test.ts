import { describe, expect, test } from '@jest/globals';
import type { AccountConfig, ClusterSelection } from '../../lambda/config/config.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import { openAwsAccess } from '../../lambda/connect/aws/access.ts';
import { DISCOVERY_ACTIONS } from '../../lambda/discover/actions.ts';
import { type DiscoverOptions, type Discovery, discoverClusters } from '../../lambda/discover/discover.ts';
import { parseClusterTarget } from '../../lambda/discover/target.ts';
import { ReadError } from '../../lambda/errors.ts';
import {
  type AwsCallSeen,
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

interface Wanted extends Omit<DiscoverOptions, 'access' | 'config'> {
  readonly accounts?: readonly AccountConfig[];
  readonly clusters?: Partial<ClusterSelection>;
  readonly maxAttempts?: number;
}

async function discover(server: { readonly url: string }, wanted: Wanted = {}): Promise<Discovery> {
  const { accounts = [], clusters, maxAttempts = 1, ...rest } = wanted;
  const access = openAwsAccess({
    region: 'eu-west-1',
    endpoint: server.url,
    credentials: hubCredentials,
    maxAttempts,
  });
  cleanups.push(access.close);
  const config = { accounts, organization: null, clusters: { ...defaultConfig().clusters, ...clusters } };
  return discoverClusters({ config, access, ...rest });
}

const account = (id: string, ...regions: string[]): AccountConfig => ({
  id,
  roleName: 'EksDriftAuditorMember',
  externalId: 'drift-4711',
  regions,
});

const arns = ({ targets }: Discovery): readonly string[] => targets.map(({ identity }) => identity.arn);
const named = (...names: string[]) => names.map((name) => ({ name }));

describe('discovery of clusters', () => {
  test('a region that the configuration names twice is asked once, and its clusters count once', async () => {
    const server = await serve({ clusters: [{ name: 'prod' }, { name: 'batch', accountId: OTHER }] });
    const twice = [account(HUB, 'eu-west-1', 'eu-west-1'), account(OTHER, 'eu-west-1', 'eu-west-1')];
    expect(arns(await discover(server, { accounts: twice }))).toEqual([
      'arn:aws:eks:eu-west-1:111122223333:cluster/prod',
      'arn:aws:eks:eu-west-1:444455556666:cluster/batch',
    ]);
  });

  test('clusters are found in two regions of two accounts, each with the credentials of its account', async () => {
    const server = await serve({
      clusters: [
        { name: 'prod' },
        { name: 'prod', region: 'us-east-1' },
        { name: 'prod', accountId: OTHER },
        { name: 'batch', accountId: OTHER, region: 'us-east-1' },
      ],
    });
    const found = await discover(server, {
      accounts: [account(HUB, 'eu-west-1', 'us-east-1'), account(OTHER, 'eu-west-1', 'us-east-1')],
    });
    expect(arns(found)).toEqual([
      'arn:aws:eks:eu-west-1:111122223333:cluster/prod',
      'arn:aws:eks:eu-west-1:444455556666:cluster/prod',
      'arn:aws:eks:us-east-1:111122223333:cluster/prod',
      'arn:aws:eks:us-east-1:444455556666:cluster/batch',
    ]);
    expect(found.gaps).toEqual([]);
    expect(found.targets.map(({ role }) => role?.arn ?? null)).toEqual([
      null,
      'arn:aws:iam::444455556666:role/EksDriftAuditorMember',
      null,
      'arn:aws:iam::444455556666:role/EksDriftAuditorMember',
    ]);
    expect(server.calls.filter(({ action }) => action === 'eks:ListClusters')).toHaveLength(4);
  });

  test('clusters are found by a role that is assumed once, with external id, session name and tags', async () => {
    const server = await serve({ clusters: [{ name: 'prod', accountId: OTHER }] });
    await discover(server, { accounts: [account(OTHER, 'eu-west-1', 'us-east-1', 'ap-south-1')] });
    const [assumed, ...more] = server.calls.filter(({ action }) => action === 'sts:AssumeRole');
    expect(more).toEqual([]);
    expect(Object.fromEntries(assumed?.parameters ?? [])).toMatchObject({
      RoleArn: 'arn:aws:iam::444455556666:role/EksDriftAuditorMember',
      ExternalId: 'drift-4711',
      RoleSessionName: 'eks-drift-auditor',
      'Tags.member.1.Key': 'application',
      'Tags.member.1.Value': 'eks-drift-auditor',
    });
    expect(assumed?.userAgent).toContain('eks-drift-auditor/');
  });

  test('clusters are found on every page of the list', async () => {
    const names = Array.from({ length: 250 }, (_, index) => ({ name: `c${String(index).padStart(3, '0')}` }));
    const server = await serve({ clusters: names });
    const found = await discover(server);
    expect(found.targets.map(({ identity }) => identity.name)).toEqual(names.map(({ name }) => name));
    expect(server.count('eks:ListClusters')).toBe(3);
  });

  test("clusters are found in the program's own account and region, when the configuration names no accounts", async () => {
    const server = await serve({ clusters: [{ name: 'here' }, { name: 'there', region: 'us-east-1' }] });
    const found = await discover(server);
    expect(arns(found)).toEqual(['arn:aws:eks:eu-west-1:111122223333:cluster/here']);
    expect(server.count('sts:AssumeRole')).toBe(0);
  });

  test('clusters are discovered in the requested regions and with the requested role instead of the configured ones', async () => {
    const clusters = ['eu-west-1', 'us-east-1'].flatMap((region) =>
      [HUB, OTHER].map((accountId) => ({ name: 'prod', accountId, region })),
    );
    const server = await serve({ clusters });
    const accounts = [account(HUB, 'eu-west-1')];
    expect(arns(await discover(server, { accounts, regions: ['us-east-1', 'us-east-1'] }))).toEqual([
      'arn:aws:eks:us-east-1:111122223333:cluster/prod',
    ]);
    const roleArn = `arn:aws:iam::${OTHER}:role/path/Reader`;
    const found = await discover(server, { accounts, roleArn });
    expect(found.targets.map(({ identity, role }) => [identity.arn, role])).toEqual([
      ['arn:aws:eks:eu-west-1:444455556666:cluster/prod', { arn: roleArn, externalId: null, tags: {} }],
    ]);
  });

  test('clusters are found although AWS throttles the first requests', async () => {
    let refused = 0;
    const server = await serve({
      clusters: named('prod'),
      fail: ({ action }) =>
        action === 'eks:DescribeCluster' && refused++ < 2
          ? { status: 429, code: 'TooManyRequestsException' }
          : null,
    });
    const found = await discover(server, { maxAttempts: 6 });
    expect(found.targets).toHaveLength(1);
    expect(server.count('eks:DescribeCluster')).toBe(3);
  });
});

describe('selection by the configuration', () => {
  const clusters = [
    { name: 'prod-a', cluster: { tags: { env: 'prod' } } },
    { name: 'prod-b', cluster: { tags: { env: 'prod', audit: 'off' } } },
    { name: 'prod-c', cluster: { tags: undefined } },
    { name: 'sandbox-a', cluster: { tags: { env: 'prod' } } },
  ];
  const names = (found: Discovery) => found.targets.map(({ identity }) => identity.name);

  test('clusters are chosen by name, without describing what the configuration excludes', async () => {
    const server = await serve({ clusters });
    const found = await discover(server, { clusters: { include: ['*-a'], exclude: ['sandbox-*'] } });
    expect(names(found)).toEqual(['prod-a']);
    expect(found.excluded.map(({ name }) => name)).toEqual(['prod-b', 'prod-c', 'sandbox-a']);
    expect(server.count('eks:DescribeCluster')).toBe(1);
  });

  test('clusters are chosen by tag', async () => {
    const server = await serve({ clusters });
    const found = await discover(server, {
      clusters: { includeTags: { env: 'pr*' }, excludeTags: { audit: 'off' } },
    });
    expect(names(found)).toEqual(['prod-a', 'sandbox-a']);
    expect(found.excluded.map(({ name }) => name)).toEqual(['prod-b', 'prod-c']);
  });

  test('single clusters are chosen by their names, and then need not be listed', async () => {
    const server = await serve({
      clusters: [...clusters, { name: 'prod-a', region: 'us-east-1' }],
      fail: ({ action }) =>
        action === 'eks:ListClusters' ? { status: 403, code: 'AccessDeniedException' } : null,
    });
    const found = await discover(server, {
      names: ['prod-a', 'prod-a', 'nowhere'],
      regions: ['eu-west-1', 'us-east-1'],
    });
    expect(arns(found)).toEqual([
      'arn:aws:eks:eu-west-1:111122223333:cluster/prod-a',
      'arn:aws:eks:us-east-1:111122223333:cluster/prod-a',
    ]);
    expect(found.absent).toEqual(['nowhere']);
    expect(found.gaps).toEqual([]);
  });
});

describe('gaps of discovery', () => {
  const everywhere = [{ name: 'a' }, { name: 'b', region: 'af-south-1' }, { name: 'c', accountId: OTHER }];
  const accounts = [account(HUB, 'af-south-1', 'eu-west-1'), account(OTHER, 'eu-west-1')];
  const failing = (fail: (call: AwsCallSeen) => boolean, status: number, code: string) =>
    serve({ clusters: everywhere, fail: (call) => (fail(call) ? { status, code } : null) });

  test.each([
    'UnrecognizedClientException',
    'InvalidClientTokenId',
    'AuthFailure',
    'RegionDisabledException',
  ])('a region that is not enabled is a gap (%s)', async (code) => {
    const server = await failing(
      ({ action, region }) => action === 'eks:ListClusters' && region === 'af-south-1',
      403,
      code,
    );
    const found = await discover(server, { accounts });
    expect(found.targets.map(({ identity }) => identity.name)).toEqual(['a', 'c']);
    expect(found.gaps).toEqual([
      {
        cluster: {
          name: '(all clusters of 111122223333 in af-south-1)',
          arn: null,
          accountId: HUB,
          region: 'af-south-1',
        },
        scope: 'place',
        reason: 'unreachable',
        message: `The region af-south-1 is not enabled for account 111122223333 (eks:ListClusters: ${code}).`,
        remedy: expect.stringContaining('aws account enable-region --region-name af-south-1'),
      },
    ]);
  });

  test('an account whose clusters may not be listed is a gap', async () => {
    const server = await failing(
      ({ action, accountId }) => action === 'eks:ListClusters' && accountId === OTHER,
      403,
      'AccessDeniedException',
    );
    const { targets, gaps } = await discover(server, { accounts });
    expect(targets.map(({ identity }) => identity.name)).toEqual(['b', 'a']);
    expect(gaps).toMatchObject([
      {
        cluster: { name: '(all clusters of 444455556666 in eu-west-1)', accountId: OTHER },
        scope: 'place',
        reason: 'forbidden',
        message: expect.stringContaining('AWS denies eks:ListClusters for account 444455556666 in eu-west-1'),
        remedy: 'Allow it in the IAM policy of this role.',
      },
    ]);
  });

  test('an account whose role cannot be assumed is a gap in each of its regions', async () => {
    const server = await failing(({ action }) => action === 'sts:AssumeRole', 403, 'AccessDenied');
    const { targets, gaps } = await discover(server, {
      accounts: [account(OTHER, 'eu-west-1', 'us-east-1'), account(HUB, 'eu-west-1')],
    });
    expect(targets.map(({ identity }) => identity.name)).toEqual(['a']);
    expect(gaps.map(({ cluster }) => cluster.name)).toEqual([
      '(all clusters of 444455556666 in eu-west-1)',
      '(all clusters of 444455556666 in us-east-1)',
    ]);
    expect(gaps[0]?.remedy).toMatch(/external id of the configuration and sts:TagSession/);
  });

  test('an account with credentials of another account is a gap', async () => {
    const server = await serve({ clusters: everywhere, pretend: () => '777788889999' });
    const { targets, gaps } = await discover(server, { accounts });
    expect(targets.map(({ identity }) => identity.name)).toEqual(['b', 'a']);
    expect(gaps).toMatchObject([
      {
        scope: 'place',
        reason: 'unauthorized',
        message:
          'The credentials of the role arn:aws:iam::444455556666:role/EksDriftAuditorMember are of account 777788889999, not of account 444455556666; nothing was read with them.',
      },
    ]);
    expect(
      server.calls.some(({ accountId, action }) => accountId === OTHER && action.startsWith('eks:')),
    ).toBe(false);
  });

  test('all clusters are a gap when there are no valid credentials', async () => {
    const server = await failing(
      ({ action }) => action === 'sts:GetCallerIdentity',
      403,
      'InvalidClientTokenId',
    );
    expect(await discover(server)).toMatchObject({
      targets: [],
      gaps: [
        {
          cluster: { name: '(all clusters of this account in eu-west-1)', accountId: null },
          reason: 'unauthorized',
          remedy: expect.stringContaining('aws sts get-caller-identity'),
        },
      ],
    });
    expect((await discover(server, { accounts })).gaps).toHaveLength(3);
  });

  test('all clusters are a gap when AWS cannot be reached', async () => {
    const gone = await startAwsServer();
    await gone.close();
    const { gaps } = await discover(gone, { accounts: [account(HUB, 'eu-west-1')] });

    expect(gaps).toMatchObject([{ scope: 'place', reason: 'unreachable' }]);
  });

  test('the rest of a list that breaks off is a gap, and the clusters listed before are audited', async () => {
    const server = await serve({
      clusters: named('a', 'b', 'c'),
      pageSize: 2,
      fail: ({ parameters }) =>
        parameters.has('nextToken') ? { status: 500, code: 'ServerException' } : null,
    });
    const { targets, gaps } = await discover(server);
    expect(targets.map(({ identity }) => identity.name)).toEqual(['a', 'b']);
    expect(gaps).toMatchObject([{ scope: 'place', reason: 'server-error' }]);
  });

  test('a region whose answer holds no list is a gap, which is not an empty list', async () => {
    const server = await serve({
      replace: ({ action }) => (action === 'eks:ListClusters' ? {} : undefined),
    });
    expect(await discover(server)).toMatchObject({
      targets: [],
      gaps: [
        { scope: 'place', reason: 'server-error', message: expect.stringContaining('no list of clusters') },
      ],
    });
  });

  test('a region whose list has no end is a gap', async () => {
    const server = await serve({
      replace: ({ action }) =>
        action === 'eks:ListClusters' ? { clusters: [], nextToken: 'again' } : undefined,
    });
    expect((await discover(server)).gaps).toMatchObject([{ scope: 'place', reason: 'list-incomplete' }]);
    // A token that comes again is not followed.
    expect(server.count('eks:ListClusters')).toBe(2);
  });

  test('a cluster that may not be described is a gap', async () => {
    const server = await failing(
      ({ action, cluster }) => action === 'eks:DescribeCluster' && cluster === 'a',
      403,
      'AccessDeniedException',
    );
    const { targets, gaps } = await discover(server, { accounts });
    expect(targets.map(({ identity }) => identity.name)).toEqual(['b', 'c']);
    expect(gaps).toMatchObject([
      {
        cluster: { name: 'a', arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/a' },
        scope: 'cluster',
        reason: 'forbidden',
      },
    ]);
  });

  test('a cluster that EKS describes under another ARN is a gap', async () => {
    const arn = 'arn:aws:eks:eu-west-1:777788889999:cluster/prod';
    const server = await serve({ clusters: [{ name: 'prod', cluster: { arn } }] });
    const { targets, gaps } = await discover(server);
    expect(targets).toEqual([]);
    expect(gaps).toMatchObject([
      { cluster: { name: 'prod' }, reason: 'unauthorized', message: expect.stringContaining(arn) },
    ]);
  });

  test.each([
    ['CREATING', 'aws eks wait cluster-active --region eu-west-1 --name prod'],
    ['UPDATING', 'aws eks wait cluster-active --region eu-west-1 --name prod'],
    ['DELETING', 'No action is needed'],
    ['FAILED', 'aws eks describe-cluster --region eu-west-1 --name prod --query cluster.health'],
    [undefined, 'aws eks wait cluster-active'],
  ])('a cluster that is %s and has no endpoint is a gap', async (status, remedy) => {
    const server = await serve({ clusters: [{ name: 'prod', cluster: { status, endpoint: undefined } }] });
    const { targets, gaps } = await discover(server);
    expect(targets).toEqual([]);
    expect(gaps).toMatchObject([
      {
        scope: 'cluster',
        message: expect.stringContaining(`is ${status ?? 'in an unknown state'} and has no endpoint`),
        remedy: expect.stringContaining(remedy),
      },
    ]);
  });

  test.each([
    ['an endpoint', { endpoint: undefined }],
    ['a certificate authority', { certificateAuthority: {} }],
  ])('a cluster without %s is a gap', async (_what, cluster) => {
    const server = await serve({ clusters: [{ name: 'prod', cluster }] });
    const { targets, gaps } = await discover(server);
    expect(targets).toEqual([]);
    expect(gaps).toMatchObject([{ cluster: { name: 'prod' }, reason: 'field-missing' }]);
  });

  test('a cluster that was deleted after it was listed is no gap', async () => {
    const server = await serve({
      clusters: named('a', 'b'),
      fail: ({ action, cluster }) =>
        action === 'eks:DescribeCluster' && cluster === 'a'
          ? { status: 404, code: 'ResourceNotFoundException' }
          : null,
    });
    expect(await discover(server)).toMatchObject({
      targets: [{ identity: { name: 'b' } }],
      gaps: [],
      absent: [],
    });
  });
});

describe('a cluster that has an endpoint', () => {
  test.each(['UPDATING', 'DELETING', 'FAILED', 'PENDING', undefined])(
    'a cluster with an endpoint is a target when it is %s',
    async (status) => {
      const server = await serve({ clusters: [{ name: 'prod', cluster: { status } }] });
      const { targets, gaps } = await discover(server);
      expect(gaps).toEqual([]);
      expect(targets).toMatchObject([{ identity: { name: 'prod' }, facts: { status: status ?? null } }]);
    },
  );

  test('a cluster is identified by its id when it is local to an Outpost, and only then', async () => {
    const id = '3c7e1f0a-5d2b-4e8f-9a6c-1b2d3e4f5a6b';
    const outpostConfig = { outpostArns: ['arn:aws:outposts:eu-west-1:111122223333:outpost/op-1'] };
    const server = await serve({
      clusters: [
        { name: 'local', cluster: { id, outpostConfig } },
        { name: 'prod', cluster: { id } },
      ],
    });
    const { targets } = await discover(server);
    expect(targets.map(({ clusterId }) => clusterId ?? null)).toEqual([id, null]);
    const [local] = targets;
    expect(parseClusterTarget(JSON.parse(JSON.stringify(local)))).toEqual(local);
  });

  test('a cluster that is local to an Outpost is not evaluated when EKS does not return its id', async () => {
    const server = await serve({ clusters: [{ name: 'local', cluster: { outpostConfig: {} } }] });
    const { targets, gaps } = await discover(server);
    expect(targets).toEqual([]);
    expect(gaps).toMatchObject([
      {
        reason: 'field-missing',
        remedy: expect.stringContaining('aws eks describe-cluster --region eu-west-1 --name local --query'),
      },
    ]);
  });
});

describe('a target', () => {
  test('a target holds what a connection needs, and the facts that enforcement depends on', async () => {
    const server = await serve({
      clusters: [
        {
          name: 'prod',
          cluster: {
            endpoint: 'https://EXAMPLE.gr7.eu-west-1.eks.amazonaws.com',
            resourcesVpcConfig: { endpointPublicAccess: false, endpointPrivateAccess: true, vpcId: 'vpc-9' },
            kubernetesNetworkConfig: { ipFamily: 'ipv6', serviceIpv6Cidr: 'fd30:1c53:5f8a::/108' },
            accessConfig: { authenticationMode: 'CONFIG_MAP' },
            computeConfig: { enabled: true },
          },
          vpcCni: {
            addonVersion: 'v1.21.1-eksbuild.1',
            status: 'ACTIVE',
            configurationValues:
              '{"enableNetworkPolicy":"true","env":{"NETWORK_POLICY_ENFORCING_MODE":"strict"}}',
          },
          fargateProfiles: {
            serverless: {
              status: 'ACTIVE',
              selectors: [{ namespace: 'batch-*', labels: { run: 'fargate' } }],
            },
          },
        },
      ],
    });
    const [target] = (await discover(server)).targets;
    expect(target).toEqual({
      identity: {
        name: 'prod',
        arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/prod',
        accountId: HUB,
        region: 'eu-west-1',
        createdAt: '2023-11-14T22:13:20.000Z',
      },
      endpoint: 'https://EXAMPLE.gr7.eu-west-1.eks.amazonaws.com',
      certificateAuthority: 'LS0t',
      role: null,
      authenticationMode: 'CONFIG_MAP',
      access: { public: false, private: true, publicCidrs: [] },
      vpcId: 'vpc-9',
      facts: {
        version: '1.36',
        platformVersion: 'eks.7',
        createdAt: '2023-11-14T22:13:20.000Z',
        status: 'ACTIVE',
        ipFamily: 'ipv6',
        serviceRanges: ['fd30:1c53:5f8a::/108'],
        autoMode: true,
        vpcCni: {
          version: 'v1.21.1-eksbuild.1',
          status: 'ACTIVE',
          networkPolicy: true,
          enforcingMode: 'strict',
        },
        fargateProfiles: [
          {
            name: 'serverless',
            status: 'ACTIVE',
            selectors: [{ namespace: 'batch-*', labels: { run: 'fargate' } }],
          },
        ],
        unread: [],
      },
    });
    expect(parseClusterTarget(JSON.parse(JSON.stringify(target)))).toEqual(target);
  });

  const refuseFacts: NonNullable<AwsServerOptions['fail']> = ({ action }) =>
    action === 'eks:DescribeAddon' || action === 'eks:ListFargateProfiles'
      ? { status: 403, code: 'AccessDeniedException' }
      : null;

  test('a target says which facts could not be read, and is audited all the same', async () => {
    const server = await serve({
      clusters: named('prod'),
      fail: refuseFacts,
    });
    const [target] = (await discover(server)).targets;
    expect(target?.facts).toMatchObject({ vpcCni: null, fargateProfiles: null });
    expect(target?.facts.unread).toMatchObject([
      {
        fact: 'vpcCni',
        reason: 'forbidden',
        message: expect.stringContaining('eks:DescribeAddon'),
      },
      { fact: 'fargateProfiles', reason: 'forbidden' },
    ]);
  });

  test.each(['eks:DescribeAddon', 'eks:ListFargateProfiles'])(
    'facts that could not be read are named in one order, also where the answer about %s comes last',
    async (late) => {
      const server = await serve({
        clusters: named('prod'),
        fail: refuseFacts,
        delayMs: ({ action }) => (action === late ? 100 : 0),
      });
      const [target] = (await discover(server)).targets;
      expect(target?.facts.unread.map(({ fact }) => fact)).toEqual(['vpcCni', 'fargateProfiles']);
    },
  );

  test('an answer without the requested field is unread, not empty', async () => {
    const server = await serve({
      clusters: [{ name: 'prod', fargateProfiles: { serverless: {} } }],
      replace: ({ action }) => (action === 'eks:DescribeAddon' ? {} : undefined),
    });
    const [target] = (await discover(server)).targets;
    expect(target?.facts).toMatchObject({ vpcCni: null, fargateProfiles: null });
    expect(target?.facts.unread.map(({ fact, reason }) => [fact, reason]).sort()).toEqual([
      ['fargateProfiles', 'server-error'],
      ['vpcCni', 'server-error'],
    ]);
  });

  test('discovery needs no more permissions than are listed', async () => {
    const server = await serve({
      clusters: [{ name: 'prod', fargateProfiles: { serverless: { selectors: [] } }, vpcCni: {} }],
    });
    await discover(server);
    const asked = new Set(
      server.calls.map(({ action }) => action).filter((action) => action.startsWith('eks:')),
    );
    expect([...asked].sort()).toEqual([...DISCOVERY_ACTIONS].sort());
  });

  test('a target with a CNI that is no add-on differs from one whose add-ons could not be read', async () => {
    const server = await serve({ clusters: named('prod') });
    const [target] = (await discover(server)).targets;
    expect(target?.facts).toMatchObject({ vpcCni: 'none', fargateProfiles: [], unread: [] });
  });

  test('a target without an ARN, as another program may write it, is refused', () => {
    expect(() => parseClusterTarget({ identity: { name: 'prod' } })).toThrow(
      'An item of the list of clusters cannot be read: identity.arn is required: a text.',
    );
  });
});

describe('a service that gives no answer', () => {
  for (const [action, name] of [
    ['sts:GetCallerIdentity', '(all clusters of this account in eu-west-1)'],
    ['eks:ListClusters', `(all clusters of ${HUB} in eu-west-1)`],
    ['eks:DescribeCluster', 'prod'],
  ] as const) {
    test(`a request to ${action} without an answer takes no more than the time for reading, and is a gap`, async () => {
      const clusters = named('prod');
      const stop = new AbortController();
      const outOfTime = new ReadError('out-of-time', 'The time is up.', 'Use fleet mode.');
      const server = await serve({
        clusters,
        silent(call) {
          const isSilent = call.action === action;
          if (isSilent) stop.abort(outOfTime);
          return isSilent;
        },
      });
      const access = openAwsAccess({
        region: 'eu-west-1',
        endpoint: server.url,
        credentials: hubCredentials,
        signal: stop.signal,
      });
      cleanups.push(access.close);
      const config = { accounts: [], organization: null, clusters: defaultConfig().clusters };
      expect(await discoverClusters({ config, access })).toMatchObject({
        targets: [],
        gaps: [{ cluster: { name }, reason: 'out-of-time', message: 'The time is up.' }],
      });
    });
  }
});
