import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AwsCredentials } from './environment/aws-services.ts';
import { AUDITOR_GROUP } from './environment/cluster.ts';
import { BASIC_ACCESS } from './environment/cluster-role.ts';
import { type Environment, start } from './environment/environment.ts';
import { grantGroup } from './support/access.ts';
import { eksToken, type TokenOptions } from './support/eks-token.ts';

const MINUTES = 60_000;
const PODS = '/api/v1/pods?limit=1';

let environment: Environment;

beforeAll(async () => {
  environment = await start();
});

afterAll(() => environment?.stop());

function token(changes: Partial<TokenOptions> = {}): Promise<string> {
  const { aws, cluster, auditorCredentials } = environment;
  return eksToken({
    credentials: auditorCredentials,
    region: aws.region,
    cluster: cluster.name,
    ...changes,
  });
}

async function statusWith(bearer: string, path = PODS): Promise<number> {
  const { status } = await environment.cluster.connect({ token: bearer }).request('GET', path);
  return status;
}

async function whoIs(bearer: string): Promise<{ username: string; groups: string[] }> {
  const { status, body } = await environment.cluster
    .connect({ token: bearer })
    .request('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      contentType: 'application/json',
      content: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    });
  expect(status).toBe(201);
  return (body as { status: { userInfo: { username: string; groups: string[] } } }).status.userInfo;
}

/** What the webhook says about a token that it refuses. */
async function refusalOf(bearer: string): Promise<string | undefined> {
  const { body } = await environment.cluster.admin.request(
    'POST',
    '/apis/authentication.k8s.io/v1/tokenreviews',
    {
      contentType: 'application/json',
      content: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: bearer } },
    },
  );
  return (body as { status: { error?: string } }).status.error;
}

describe('Only the ClusterRole grants rights', () => {
  test('a known token may read nothing before the role is applied, and what it lists afterwards', async () => {
    const bearer = await token();
    expect(await statusWith(bearer)).toBe(403);

    await grantGroup(environment.cluster, AUDITOR_GROUP, BASIC_ACCESS);
    expect(await statusWith(bearer)).toBe(200);
    expect(await statusWith(bearer, '/apis/networking.k8s.io/v1/networkpolicies')).toBe(200);
    expect(await statusWith(bearer, '/api/v1/secrets')).toBe(403);
    expect(await statusWith(bearer, '/api/v1/configmaps')).toBe(403);

    const requests = await environment.cluster.requestsOf(AUDITOR_GROUP);
    expect(requests.filter(({ requestURI }) => requestURI === PODS).map(({ status }) => status)).toEqual([
      403, 200,
    ]);
  });

  test('nothing can be read without credentials', async () => {
    const { status } = await environment.cluster.connect('anonymous').request('GET', PODS);
    expect(status).toBe(403);
  });
});

describe('Tokens are verified as EKS does it', () => {
  test("a presigned GetCallerIdentity makes the role a member of its access entry's groups", async () => {
    const { username, groups } = await whoIs(await token());
    expect(username).toBe('arn:aws:sts::111122223333:assumed-role/eks-drift-auditor/e2e');
    expect(groups).toEqual([AUDITOR_GROUP, 'system:authenticated']);
  });

  test('the global STS endpoint and a token of 14 minutes are accepted', async () => {
    expect(await statusWith(await token({ host: 'sts.amazonaws.com' }))).not.toBe(401);
    expect(await statusWith(await token({ signedAt: new Date(Date.now() - 14 * MINUTES) }))).not.toBe(401);
  });

  const refused: ReadonlyArray<readonly [what: string, changes: Partial<TokenOptions>, reason: string]> = [
    ['without the header x-k8s-aws-id', { cluster: undefined }, 'did not sign the x-k8s-aws-id header'],
    [
      'with x-k8s-aws-id unsigned',
      { afterwards: unsignClusterHeader },
      'did not sign the x-k8s-aws-id header',
    ],
    ['for another cluster', { cluster: 'another' }, 'SignatureDoesNotMatch'],
    ['with a parameter of another API', { query: { Foo: 'bar' } }, 'non-whitelisted query parameter'],
    ['with a parameter twice', { query: { action: 'GetCallerIdentity' } }, 'duplicate query parameter'],
    ['for another action', { query: { Action: 'GetSessionToken' } }, 'unexpected action'],
    ['of 16 minutes', { signedAt: new Date(Date.now() - 16 * MINUTES) }, 'is expired'],
    ['for a host that is not STS', { host: 'sts.example.com' }, 'unexpected hostname'],
    ['with a changed signature', { afterwards: changeSignature }, 'SignatureDoesNotMatch'],
    ['with a foreign session', { afterwards: set('X-Amz-Security-Token', 'other') }, 'InvalidClientTokenId'],
    ['that wants to live a day', { afterwards: set('X-Amz-Expires', '86400') }, 'invalid X-Amz-Expires'],
    ['for another path', { afterwards: (url) => Object.assign(url, { pathname: '/x' }) }, 'unexpected path'],
    [
      'for plain HTTP',
      { afterwards: (url) => Object.assign(url, { protocol: 'http:' }) },
      'unexpected scheme',
    ],
  ];
  test.each(refused)('a token %s is refused', async (_what, changes, reason) => {
    const bearer = await token(changes);
    expect(await refusalOf(bearer)).toContain(reason);
    expect(await statusWith(bearer)).toBe(401);
  });

  test('a token with padding, or another prefix, is refused', async () => {
    const bearer = await token();
    expect(await refusalOf(`${bearer}=`)).toContain('illegal base64');
    expect(await refusalOf(bearer.replace('k8s-aws-v1.', 'k8s-aws-v2.'))).toContain('missing expected');
  });

  test('credentials that STS did not issue are refused, and a wrong secret is', async () => {
    const { auditorCredentials } = environment;
    const wrong = (changes: Partial<AwsCredentials>) =>
      token({ credentials: { ...auditorCredentials, ...changes } });
    const unknown = await wrong({ accessKeyId: 'ASIAUNKNOWN000000000' });
    expect(await refusalOf(unknown)).toContain('InvalidClientTokenId');
    expect(await refusalOf(await wrong({ secretAccessKey: 'guessed' }))).toContain('SignatureDoesNotMatch');
  });

  test('a role is let in exactly as long as it has an access entry', async () => {
    const { aws, cluster, auditorRoleArn } = environment;
    const otherRole = 'arn:aws:iam::444455556666:role/other';
    const credentials = await aws.assumeRole(otherRole);
    const entry = (principalArn: string, group: string) => ({ principalArn, kubernetesGroups: [group] });
    const auditor = entry(auditorRoleArn, AUDITOR_GROUP);

    // Every token is asked for once, so no cached answer decides.
    const other = (minutesAgo: number) =>
      token({ credentials, signedAt: new Date(Date.now() - minutesAgo * MINUTES) });
    expect(await statusWith(await other(1))).toBe(401);
    await cluster.setAccessEntries([auditor, entry(otherRole, 'readers')]);
    expect((await whoIs(await other(2))).groups).toContain('readers');
    await cluster.setAccessEntries([auditor]);
    expect(await statusWith(await other(3))).toBe(401);
  });
});

function unsignClusterHeader(url: URL): void {
  url.searchParams.set('X-Amz-SignedHeaders', 'host');
}

function set(parameter: string, value: string): (url: URL) => void {
  return (url) => url.searchParams.set(parameter, value);
}

function changeSignature(url: URL): void {
  const signature = url.searchParams.get('X-Amz-Signature') ?? '';
  url.searchParams.set(
    'X-Amz-Signature',
    signature.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
  );
}
