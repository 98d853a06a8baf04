import { beforeAll, describe, expect, test } from '@jest/globals';
import { listAll } from '../../../lambda/collect/http/list.ts';
import { openAwsAccess } from '../../../lambda/connect/aws/access.ts';
import { connectEks, type EksOptions } from '../../../lambda/connect/eks/eks.ts';
import type { EksEndpoint } from '../../../lambda/connect/eks/endpoint.ts';
import { explainConnection } from '../../../lambda/connect/eks/errors.ts';
import { mintEksToken } from '../../../lambda/connect/eks/token.ts';
import type { KubeApi } from '../../../lambda/connect/kube/kube-api.ts';
import { ReadError } from '../../../lambda/errors.ts';
import {
  type AwsServerOptions,
  HUB,
  hubCredentials,
  OTHER,
  startAwsServer,
} from '../../support/aws-server.ts';
import { type Authority, anAuthority, type KeyAndCertificate } from '../../support/certificates.ts';
import { closedAfterEach } from '../../support/closed-after-each.ts';
import { type Fault, startFaultyServer } from '../../support/faulty-server.ts';

const pods = Array.from({ length: 6 }, (_, index) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `pod-${index}`, namespace: 'default' },
}));

let authority: Authority;
let another: Authority;
let serving: KeyAndCertificate;
const cleanups = closedAfterEach();

beforeAll(async () => {
  authority = await anAuthority('prod');
  another = await anAuthority('another cluster');
  serving = await authority.issue({ commonName: 'kube-apiserver' });
});

async function serve(plan: (index: number) => Fault | null = () => null, tls = serving) {
  const server = await startFaultyServer({ objects: pods, tls }, plan);
  cleanups.push(server.close);
  return { ...server, bearers: () => server.requests.map(({ headers }) => headers.authorization ?? '') };
}

function targetAt(endpoint: string, changes: Partial<EksEndpoint> = {}): EksEndpoint {
  return {
    identity: {
      name: 'prod',
      arn: `arn:aws:eks:eu-west-1:${HUB}:cluster/prod`,
      accountId: HUB,
      region: 'eu-west-1',
    },
    endpoint,
    certificateAuthority: Buffer.from(authority.ca).toString('base64'),
    role: null,
    authenticationMode: 'API',
    access: { public: true, private: false, publicCidrs: ['0.0.0.0/0'] },
    vpcId: 'vpc-9',
    ...changes,
  };
}

interface Connection {
  readonly aws?: AwsServerOptions;
  readonly options?: EksOptions;
}

async function connect(target: EksEndpoint, { aws = {}, options = {} }: Connection = {}): Promise<KubeApi> {
  const server = await startAwsServer(aws);
  cleanups.push(server.close);
  const access = openAwsAccess({ region: 'eu-west-1', endpoint: server.url, credentials: hubCredentials });
  cleanups.push(access.close);
  const api = connectEks(target, access, options);
  cleanups.push(api.close);
  return api;
}

async function failureOf(api: KubeApi): Promise<ReadError> {
  const error: unknown = await api.request({ path: '/api/v1/pods' }).then(
    () => new Error('it was answered'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ReadError)) throw error;
  expect(error.message).toMatch(/^[^\n]+\.$/);
  expect(error.remedy).toMatch(/^[^\n]+\.$/);
  return error;
}

const clusterOf = (bearer: string): URL =>
  new URL(Buffer.from(bearer.replace('Bearer k8s-aws-v1.', ''), 'base64url').toString());

describe('a connection to an EKS cluster', () => {
  test("a connection sends a token of the target's region, and keeps it", async () => {
    const server = await serve();
    const api = await connect(targetAt(server.url));
    expect((await api.request({ path: '/api/v1/pods' })).status).toBe(200);
    expect((await api.request({ path: '/version' })).status).toBe(200);
    const [first = '', second] = server.bearers();
    expect(clusterOf(first).host).toBe('sts.eu-west-1.amazonaws.com');
    expect(second).toBe(first);
  });

  test('a local cluster on an Outpost gets a token for its id instead of its name', async () => {
    const server = await serve();
    const now = () => Date.parse('2026-11-21T23:00:00Z');
    const clusterId = '3c7e1f0a-5d2b-4e8f-9a6c-1b2d3e4f5a6b';
    const target = targetAt(server.url, { clusterId });
    await (await connect(target, { options: { now } })).request({ path: '/version' });
    const signedFor = async (cluster: string) =>
      `Bearer ${(await mintEksToken({ cluster, region: 'eu-west-1', credentials: hubCredentials, now })).token}`;
    expect(server.bearers()).toEqual([await signedFor(clusterId)]);
    expect(server.bearers()).not.toEqual([await signedFor('prod')]);
  });

  test('a connection signs as the role of the target', async () => {
    const server = await serve();
    const identity = {
      name: 'prod',
      arn: `arn:aws:eks:eu-west-1:${OTHER}:cluster/prod`,
      accountId: OTHER,
      region: 'eu-west-1',
    };
    const role = { arn: `arn:aws:iam::${OTHER}:role/Member`, externalId: null, tags: {} };
    await (await connect(targetAt(server.url, { identity, role }))).request({ path: '/version' });
    expect(clusterOf(server.bearers()[0] ?? '').searchParams.get('X-Amz-Credential')).toMatch(/^ASIA1\//);
  });

  test('a connection gets a new token when one is refused in the middle of a list, and loses nothing', async () => {
    let now = Date.now();
    // The third page is refused as long as the first token comes.
    const server = await serve((index) => {
      if (index !== 2) return null;
      now += 1000;
      return { kind: 'status', status: 401 };
    });
    const api = await connect(targetAt(server.url), { options: { now: () => now } });
    const names: string[] = [];
    const result = await listAll<{ metadata: { name: string } }>(
      api,
      { path: '/api/v1/pods', kind: 'Pod', limit: 2, bounds: { restarts: 0 } },
      {
        onPage: (items) => {
          names.push(...items.map(({ metadata }) => metadata.name));
        },
        onRestart: () => {
          throw new Error('the list began anew');
        },
      },
    );
    expect(result).toMatchObject({ pages: 3, items: 6 });
    expect(names).toEqual(pods.map(({ metadata }) => metadata.name));
    const [first, second, refused, renewed] = server.bearers();
    expect([second, refused]).toEqual([first, first]);
    expect(renewed).not.toBe(first);
    expect(server.requests).toHaveLength(4);
  });

  test('a connection gets a new token after 14 minutes, before the cluster refuses', async () => {
    const server = await serve();
    let now = Date.now();
    const api = await connect(targetAt(server.url), { options: { now: () => now } });
    await api.request({ path: '/version' });
    now += 14 * 60_000;
    await api.request({ path: '/version' });
    const [first, second] = server.bearers();
    expect(second).not.toBe(first);
  });
});

describe('a cluster that does not let the program in', () => {
  const refuse = (): Fault => ({ kind: 'status', status: 401 });

  test('a cluster that refuses access is named with the principal and the command that grants access', async () => {
    const server = await serve(refuse);
    const api = await connect(targetAt(server.url));
    expect(await failureOf(api)).toMatchObject({
      reason: 'unauthorized',
      message: `The cluster prod (account ${HUB}, eu-west-1) does not accept arn:aws:iam::${HUB}:user/auditor (401).`,
      remedy: expect.stringContaining(
        `aws eks create-access-entry --region eu-west-1 --cluster-name prod --principal-arn arn:aws:iam::${HUB}:user/auditor --kubernetes-groups eks-drift-auditor`,
      ),
    });
  });

  test('a refused connection mentions that the clock of the machine may be wrong', async () => {
    const server = await serve(refuse);
    const api = await connect(targetAt(server.url));
    expect((await failureOf(api)).remedy).toContain('clock of this machine');
  });

  test('a cluster that uses only aws-auth has to enable access entries first', async () => {
    const server = await serve(refuse);
    const api = await connect(targetAt(server.url, { authenticationMode: 'CONFIG_MAP' }));
    expect((await failureOf(api)).remedy).toContain(
      'aws eks update-cluster-config --region eu-west-1 --name prod --access-config authenticationMode=API_AND_CONFIG_MAP, then create one with aws eks create-access-entry',
    );
  });
});

describe('protection against another cluster behind the endpoint', () => {
  test('a server with a certificate of another authority is refused and does not see the token', async () => {
    const server = await serve(() => null, await another.issue({ commonName: 'kube-apiserver' }));
    expect(await failureOf(await connect(targetAt(server.url)))).toMatchObject({
      reason: 'unreachable',
      message: expect.stringContaining(
        `cannot prove that it is the cluster arn:aws:eks:eu-west-1:${HUB}:cluster/prod.`,
      ),
    });
    expect(server.requests).toEqual([]);
  });

  test('a server with a certificate for another host is refused', async () => {
    const names = [{ type: 'dns' as const, value: 'elsewhere.example.com' }];
    const server = await serve(() => null, await authority.issue({ commonName: 'x', names }));
    expect((await failureOf(await connect(targetAt(server.url)))).message).toContain('cannot prove');
    expect(server.requests).toEqual([]);
  });

  test.each([
    ['no certificate authority', ''],
    ['an authority that is no certificate', Buffer.from('-----BEGIN CERTIFICATE-----').toString('base64')],
  ])('a cluster for which EKS returned %s is refused', async (_what, certificateAuthority) => {
    const server = await serve();
    await expect(connect(targetAt(server.url, { certificateAuthority }))).rejects.toMatchObject({
      reason: 'field-missing',
      message: expect.stringContaining('the identity of its API server cannot be verified'),
    });
    expect(server.requests).toEqual([]);
  });

  test('credentials of another account are refused', async () => {
    const server = await serve();
    const identity = {
      name: 'prod',
      arn: `arn:aws:eks:eu-west-1:${OTHER}:cluster/prod`,
      accountId: OTHER,
      region: 'eu-west-1',
    };
    expect(await failureOf(await connect(targetAt(server.url, { identity })))).toMatchObject({
      reason: 'unauthorized',
      message: `This program's own credentials are of account ${HUB}, not of account ${OTHER}; nothing was read with them.`,
    });
    expect(server.requests).toEqual([]);
  });

  test('a role that AWS says is of another account is refused', async () => {
    const server = await serve();
    const role = { arn: `arn:aws:iam::${HUB}:role/Member`, externalId: null, tags: {} };
    const api = await connect(targetAt(server.url, { role }), { aws: { pretend: () => OTHER } });
    expect((await failureOf(api)).message).toContain(`are of account ${OTHER}, not of account ${HUB}`);
    expect(server.requests).toEqual([]);
  });

  const identity = {
    name: 'prod',
    arn: `arn:aws:eks:eu-west-1:${HUB}:cluster/prod`,
    accountId: HUB,
    region: 'eu-west-1',
  };
  test.each<[string, Partial<EksEndpoint>]>([
    ['an ARN of another name', { identity: { ...identity, name: 'test' } }],
    ['an ARN of another account', { identity: { ...identity, accountId: OTHER } }],
    ['an ARN of another region', { identity: { ...identity, region: 'us-east-1' } }],
    ['an ARN that is none', { identity: { ...identity, arn: 'prod' } }],
    [
      'a role of another account',
      { role: { arn: `arn:aws:iam::${OTHER}:role/Member`, externalId: null, tags: {} } },
    ],
    ['an endpoint without TLS', { endpoint: 'http://127.0.0.1:1' }],
  ])('a target with %s is refused', async (_what, changes) => {
    await expect(connect({ ...targetAt('https://127.0.0.1:1'), ...changes })).rejects.toMatchObject({
      reason: 'unauthorized',
      message: expect.stringMatching(/^The target \w+ contradicts itself: .*; nothing was read\.$/),
    });
  });
});

describe('a cluster that cannot be reached', () => {
  // Nothing listens at port 1.
  const GONE = 'https://127.0.0.1:1';

  test('a cluster with a private endpoint is reported with what to do', async () => {
    const api = await connect(targetAt(GONE, { access: { public: false, private: true, publicCidrs: [] } }));
    expect(await failureOf(api)).toMatchObject({
      reason: 'unreachable',
      message: expect.stringContaining(
        'The cluster prod has a private endpoint, which cannot be reached from here.',
      ),
      remedy: expect.stringContaining('Run the audit in its VPC vpc-9'),
    });
  });

  test('a public endpoint that only some addresses may use is reported with these addresses', async () => {
    const publicCidrs = ['203.0.113.0/24', '198.51.100.7/32'];
    const api = await connect(targetAt(GONE, { access: { public: true, private: true, publicCidrs } }));
    expect(await failureOf(api)).toMatchObject({
      message: expect.stringContaining(
        'allows only 203.0.113.0/24, 198.51.100.7/32 to reach its public endpoint.',
      ),
      remedy: expect.stringMatching(/publicAccessCidrs of prod, or run it in the cluster's VPC\./),
    });
  });

  test('a public endpoint that is open to all addresses is reported like any server', async () => {
    expect((await failureOf(await connect(targetAt(GONE)))).message).toMatch(/^The API server https:\/\/127/);
  });

  test('a cluster that has answered is not reported as private', () => {
    const target = targetAt(GONE, { access: { public: false, private: true, publicCidrs: [] } });
    const error = new ReadError('unreachable', 'AWS cannot be reached.', 'Wait.');
    expect(explainConnection(target, error, true)).toBe(error);
    expect(explainConnection(target, error, false)).not.toBe(error);
  });

  test('the cluster is not blamed when credentials cannot be renewed', async () => {
    const identity = {
      name: 'prod',
      arn: `arn:aws:eks:eu-west-1:${OTHER}:cluster/prod`,
      accountId: OTHER,
      region: 'eu-west-1',
    };
    const role = { arn: `arn:aws:iam::${OTHER}:role/Member`, externalId: null, tags: {} };
    const access = { public: false, private: true, publicCidrs: [] };
    let identified = false;
    const api = await connect(targetAt(GONE, { identity, role, access }), {
      aws: {
        // Good enough to tell whose they are, then renewed at once.
        sessionMs: 30_000,
        fail: ({ action }) => {
          identified ||= action === 'sts:GetCallerIdentity';
          return identified && action === 'sts:AssumeRole'
            ? { status: 403, code: 'RegionDisabledException' }
            : null;
        },
      },
    });
    expect((await failureOf(api)).message).toMatch(/^The region eu-west-1 is not enabled for the role/);
  });

  test('the cluster is not blamed when AWS cannot be reached', async () => {
    const server = await serve();
    const aws = await startAwsServer();
    await aws.close();
    const access = openAwsAccess({
      region: 'eu-west-1',
      endpoint: aws.url,
      credentials: hubCredentials,
      maxAttempts: 1,
    });
    const api = connectEks(
      targetAt(server.url, { access: { public: false, private: true, publicCidrs: [] } }),
      access,
    );
    cleanups.push(api.close, access.close);
    expect((await failureOf(api)).message).toMatch(/^AWS cannot be reached for sts:GetCallerIdentity/);
  });
});
