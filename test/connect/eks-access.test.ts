import { afterEach, describe, expect, test } from '@jest/globals';
import { type AwsAccess, type AwsRole, openAwsAccess } from '../../lambda/connect/aws/access.ts';
import type { CredentialsProvider } from '../../lambda/connect/aws/client.ts';
import { awsError } from '../../lambda/connect/aws/errors.ts';
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
import { startConnectProxy } from '../support/connect-proxy.ts';

const cleanups = closedAfterEach();

async function open(
  options: AwsServerOptions = {},
  credentials = hubCredentials,
): Promise<{ access: AwsAccess; server: AwsServer }> {
  const server = await startAwsServer(options);
  cleanups.push(server.close);
  const access = openAwsAccess({ region: 'eu-west-1', endpoint: server.url, credentials, maxAttempts: 1 });
  cleanups.push(access.close);
  return { access, server };
}

const member: AwsRole = { arn: `arn:aws:iam::${OTHER}:role/ops/Member`, externalId: null, tags: {} };

describe('credentials', () => {
  test('credentials of the program have the account and principal that AWS returns', async () => {
    const { access } = await open();
    expect(await access.account({ role: null, accountId: null })).toMatchObject({
      accountId: HUB,
      partition: 'aws',
      principalArn: `arn:aws:iam::${HUB}:user/auditor`,
    });
  });

  test('credentials of another account than the one to read are refused', async () => {
    const { access } = await open();
    await expect(access.account({ role: null, accountId: OTHER })).rejects.toMatchObject({
      reason: 'unauthorized',
      message: `This program's own credentials are of account ${HUB}, not of account ${OTHER}; nothing was read with them.`,
    });
  });

  test('credentials of a role have its account, and the role as principal, path included', async () => {
    const { access, server } = await open();
    const account = await access.account({ role: member, accountId: OTHER });
    expect(account).toMatchObject({ accountId: OTHER, principalArn: member.arn });
    expect(await account.credentials()).toMatchObject({ accessKeyId: 'ASIA1', sessionToken: 'session' });
    expect(server.calls.map(({ action, accountId }) => [action, accountId])).toEqual([
      ['sts:AssumeRole', HUB],
      ['sts:GetCallerIdentity', OTHER],
    ]);
  });

  test('credentials of a role that AWS says is of another account are refused', async () => {
    const { access } = await open({ pretend: () => '777788889999' });
    await expect(access.account({ role: member, accountId: null })).rejects.toMatchObject({
      reason: 'unauthorized',
      message: expect.stringContaining(`are of account 777788889999, not of account ${OTHER}`),
    });
  });

  test('credentials of a role are kept, and renewed before they expire', async () => {
    const lasting = await open();
    const kept = await lasting.access.account({ role: member, accountId: null });
    for (let use = 0; use < 3; use++) await kept.credentials();
    expect(lasting.server.count('sts:AssumeRole')).toBe(1);

    const brief = await open({ sessionMs: 30_000 });
    const renewed = await brief.access.account({ role: member, accountId: null });
    const before = brief.server.count('sts:AssumeRole');
    await renewed.credentials();
    expect(brief.server.count('sts:AssumeRole')).toBeGreaterThan(before);
  });

  test('credentials of a role are requested once, however many regions need them', async () => {
    const { access, server } = await open();
    await Promise.all(Array.from({ length: 5 }, () => access.account({ role: member, accountId: OTHER })));
    expect(server.count('sts:AssumeRole')).toBe(1);
  });

  test('credentials of a role that denies AssumeRole say what its trust policy needs', async () => {
    const { access } = await open({
      fail: ({ action }) =>
        action === 'sts:AssumeRole' ? { status: 403, code: 'AccessDenied', message: 'not authorized' } : null,
    });
    await expect(access.account({ role: member, accountId: null })).rejects.toMatchObject({
      reason: 'forbidden',
      message: `AWS denies sts:AssumeRole for the role ${member.arn} in eu-west-1 (AccessDenied: not authorized).`,
      remedy: expect.stringMatching(/trust policy names the caller and that/),
    });
    const asking = { ...member, externalId: '4711', tags: { a: 'b' } };
    await expect(access.account({ role: asking, accountId: null })).rejects.toMatchObject({
      remedy: expect.stringContaining(', with the external id of the configuration and sts:TagSession,'),
    });
  });

  test('missing credentials are reported as missing', async () => {
    const none = (async () => {
      throw Object.assign(new Error('Could not load credentials from any providers'), {
        name: 'CredentialsProviderError',
      });
    }) as unknown as CredentialsProvider;
    const { access } = await open({}, none);
    await expect(access.account({ role: null, accountId: null })).rejects.toMatchObject({
      reason: 'unauthorized',
      message: expect.stringContaining('There are no AWS credentials for sts:GetCallerIdentity'),
      remedy: expect.stringContaining('aws sso login'),
    });
  });
});

describe('the connection to AWS', () => {
  const before = process.env['HTTPS_PROXY'];
  afterEach(() => {
    if (before === undefined) delete process.env['HTTPS_PROXY'];
    else process.env['HTTPS_PROXY'] = before;
  });

  test('the connection to AWS uses the proxy of the environment and the regional STS', async () => {
    const proxy = await startConnectProxy(1, { refuse: 503 });
    cleanups.push(proxy.close);
    process.env['HTTPS_PROXY'] = proxy.url;
    const access = openAwsAccess({ region: 'eu-west-1', credentials: hubCredentials, maxAttempts: 1 });
    cleanups.push(access.close);
    await expect(access.account({ role: null, accountId: null })).rejects.toBeInstanceOf(ReadError);
    expect(proxy.tunnels).toEqual(['sts.eu-west-1.amazonaws.com:443']);
  });
});

const EXPIRED =
  'Signature expired: 20261129T100000Z is now earlier than 20261129T101000Z (20261129T101500Z - 5 min.)';
const FUTURE =
  'Signature not yet current: 20261129T103000Z is still later than 20261129T102000Z (20261129T101500Z + 5 min.)';

describe('errors of AWS', () => {
  const call = { action: 'eks:ListClusters', what: `account ${HUB}`, region: 'af-south-1', verified: true };
  const failed = (name: string, message = 'words of the service', more: object = {}) =>
    Object.assign(new Error(message), { name }, more);

  test.each([
    [failed('AccessDeniedException'), 'forbidden', 'AWS denies eks:ListClusters'],
    [failed('ExpiredTokenException'), 'unauthorized', 'did not accept the credentials'],
    [failed('InvalidSignatureException'), 'unauthorized', 'did not accept the signature'],
    [failed('RequestTimeTooSkewed'), 'unauthorized', 'the clock of this machine'],
    [failed('InvalidSignatureException', EXPIRED), 'unauthorized', 'the clock of this machine'],
    [failed('SignatureDoesNotMatch', FUTURE), 'unauthorized', 'the clock of this machine'],
    [failed('UnrecognizedClientException'), 'unreachable', 'The region af-south-1 is not enabled'],
    [failed('TooManyRequestsException'), 'server-error', 'throttled'],
    [failed('ServerException'), 'server-error', 'failed (ServerException: words of the service)'],
    [failed('TimeoutError'), 'timeout', 'no answer in time'],
    [failed('Error', 'getaddrinfo', { code: 'ENOTFOUND' }), 'unreachable', 'does not resolve'],
    [failed('AggregateError', '', { code: 'ECONNREFUSED' }), 'unreachable', '(ECONNREFUSED)'],
    [failed('Error', 'AWS SDK error wrapper for Error: read ECONNRESET'), 'unreachable', 'read ECONNRESET'],
    ['thrown text', 'server-error', 'failed (unknown error)'],
    [undefined, 'server-error', 'failed (unknown error)'],
  ])('the AWS error %s becomes one sentence', (error, reason, words) => {
    const said = awsError(error, call);
    expect(said).toMatchObject({ reason, message: expect.stringContaining(words) });
    expect(said.message).toMatch(/^[^\n]+\.$/);
    expect(said.remedy).toMatch(/^[^\n]+\.$/);
  });

  test('an unknown caller is not blamed on the region while the credentials are not confirmed', () => {
    expect(awsError(failed('InvalidClientTokenId'), { ...call, verified: false })).toMatchObject({
      reason: 'unauthorized',
    });
  });

  test('an error that already is a sentence stays as it is', () => {
    const said = new ReadError('timeout', 'It took too long.', 'Wait.');
    expect(awsError(said, call)).toBe(said);
  });
});
