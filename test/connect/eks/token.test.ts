import { afterEach, describe, expect, test } from '@jest/globals';
import type { CredentialsProvider } from '../../../lambda/connect/aws/client.ts';
import { eksTokenSource, mintEksToken } from '../../../lambda/connect/eks/token.ts';

const MINUTE = 60_000;
const NOW = Date.parse('2026-11-21T12:00:00Z');

interface Issued {
  readonly accessKeyId?: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** Counts how often credentials were asked for. */
function issuing(issued: Issued | (() => Issued) = {}) {
  let asked = 0;
  const credentials = (async () => {
    asked++;
    return {
      accessKeyId: 'ASIAEXAMPLE',
      secretAccessKey: 'secret',
      sessionToken: 'session+/=',
      ...(typeof issued === 'function' ? issued() : issued),
    };
  }) as unknown as CredentialsProvider;
  return { credentials, asked: () => asked };
}

const urlOf = (token: string): URL =>
  new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString());

const endpoint = process.env['AWS_ENDPOINT_URL'];

afterEach(() => {
  if (endpoint === undefined) delete process.env['AWS_ENDPOINT_URL'];
  else process.env['AWS_ENDPOINT_URL'] = endpoint;
});

describe('a token', () => {
  test('a token is a presigned GetCallerIdentity that names the cluster in a signed header', async () => {
    const { token, renewAt } = await mintEksToken({
      cluster: 'prod',
      region: 'eu-west-1',
      credentials: issuing().credentials,
      now: () => NOW,
    });
    expect(token).toMatch(/^k8s-aws-v1\.[\w-]+$/);
    const url = urlOf(token);
    expect([url.protocol, url.host, url.pathname]).toEqual(['https:', 'sts.eu-west-1.amazonaws.com', '/']);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      Action: 'GetCallerIdentity',
      Version: '2011-06-15',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'ASIAEXAMPLE/20261121/eu-west-1/sts/aws4_request',
      'X-Amz-Date': '20261121T120000Z',
      'X-Amz-Expires': '60',
      'X-Amz-Security-Token': 'session+/=',
      'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
      'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(renewAt).toBe(NOW + 14 * MINUTE);
  });

  test('a token is signed for its cluster: another name gives another signature', async () => {
    const { credentials } = issuing();
    const signature = async (cluster: string) =>
      urlOf(
        (await mintEksToken({ cluster, region: 'eu-west-1', credentials, now: () => NOW })).token,
      ).searchParams.get('X-Amz-Signature');
    expect(await signature('prod')).not.toBe(await signature('test'));
    expect(await signature('prod')).toBe(await signature('prod'));
  });

  test.each([
    ['us-east-1', 'sts.us-east-1.amazonaws.com'],
    ['ap-northeast-1', 'sts.ap-northeast-1.amazonaws.com'],
    ['cn-north-1', 'sts.cn-north-1.amazonaws.com.cn'],
    ['us-gov-west-1', 'sts.us-gov-west-1.amazonaws.com'],
    ['us-iso-east-1', 'sts.us-iso-east-1.c2s.ic.gov'],
    ['eusc-de-east-1', 'sts.eusc-de-east-1.amazonaws.eu'],
  ])('a token of %s is for the public %s, whatever AWS_ENDPOINT_URL says', async (region, host) => {
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:9';
    const { token } = await mintEksToken({ cluster: 'prod', region, credentials: issuing().credentials });
    const url = urlOf(token);
    expect(url.host).toBe(host);
    expect(url.searchParams.get('X-Amz-Credential')).toContain(`/${region}/sts/`);
  });
});

describe('a source of tokens', () => {
  function sourceWith(issued: Issued | (() => Issued) = {}) {
    const clock = { now: NOW };
    const { credentials, asked } = issuing(issued);
    const source = eksTokenSource({
      cluster: 'prod',
      region: 'eu-west-1',
      credentials,
      now: () => clock.now,
    });
    return { source, clock, asked };
  }

  test('a source of tokens returns one token until 14 minutes have passed', async () => {
    const { source, clock } = sourceWith();
    const first = await source(false);
    clock.now += 14 * MINUTE - 1;
    expect(await source(false)).toBe(first);
    clock.now += 1;
    const second = await source(false);
    expect(second).not.toBe(first);
    expect(await source(false)).toBe(second);
  });

  test('a source of tokens makes a new one when the cluster has refused it', async () => {
    const { source, clock } = sourceWith();
    const first = await source(false);
    clock.now += 1000;
    const second = await source(true);
    expect(second).not.toBe(first);
    expect(await source(false)).toBe(second);
  });

  test('a source of tokens makes a new one before the credentials that signed it expire', async () => {
    const { source, clock } = sourceWith({ expiration: new Date(NOW + 6 * MINUTE) });
    const first = await source(false);
    clock.now += 5 * MINUTE - 1;
    expect(await source(false)).toBe(first);
    clock.now += 1;
    expect(await source(false)).not.toBe(first);
  });

  test('a source of tokens makes one token for many requests at once', async () => {
    const { source, asked } = sourceWith();
    const tokens = await Promise.all([source(false), source(false), source(false)]);
    expect(new Set(tokens).size).toBe(1);
    expect(asked()).toBe(1);
  });

  test('a source of tokens requests credentials again after a failure', async () => {
    let failures = 1;
    const { source } = sourceWith(() => {
      if (failures-- > 0) throw new Error('not now');
      return {};
    });
    await expect(source(false)).rejects.toThrow('not now');
    expect(await source(false)).toMatch(/^k8s-aws-v1\./);
  });
});
