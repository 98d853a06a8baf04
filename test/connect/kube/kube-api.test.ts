import { getEventListeners } from 'node:events';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type KubeApi, type KubeApiOptions, openKubeApi } from '../../../lambda/connect/kube/kube-api.ts';
import { statusError } from '../../../lambda/connect/kube/status-errors.ts';
import { TransientReadError } from '../../../lambda/connect/kube/transport-errors.ts';
import { ReadError } from '../../../lambda/errors.ts';
import { type Authority, anAuthority } from '../../support/certificates.ts';
import { closedAfterEach } from '../../support/closed-after-each.ts';
import { startConnectProxy } from '../../support/connect-proxy.ts';
import { type Fault, startFaultyServer } from '../../support/faulty-server.ts';
import { type ApiServerOptions, startApiServer } from '../../support/kube-server/api-server.ts';
import { onLoopback } from '../../support/on-loopback.ts';

const pods = Array.from({ length: 3 }, (_, index) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `pod-${index}`, namespace: 'default' },
}));

let authority: Authority;
const cleanups = closedAfterEach();

beforeAll(async () => {
  authority = await anAuthority();
});

function open(server: string, options: Partial<KubeApiOptions> = {}): KubeApi {
  const api = openKubeApi({ server, credentials: async () => ({ headers: {}, tls: {} }), ...options });
  cleanups.push(() => api.close());
  return api;
}

async function serve(options: Partial<ApiServerOptions> = {}) {
  const server = await startApiServer({ objects: pods, ...options });
  cleanups.push(() => server.close());
  return server;
}

async function serveFaults(plan: (index: number) => Fault | null, options: Partial<ApiServerOptions> = {}) {
  const server = await startFaultyServer({ objects: pods, ...options }, plan);
  cleanups.push(() => server.close());
  return server;
}

const trusting = (ca: string, token?: string) => async () => ({
  headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  tls: { ca },
});

async function failureOf(api: KubeApi, path = '/version'): Promise<ReadError> {
  const error: unknown = await api.request({ path }).then(
    () => new Error('it was answered'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ReadError)) throw error;
  expect(error.message).toMatch(/^[^\n]+\.$/);
  expect(error.remedy).toMatch(/^[^\n]+\.$/);
  return error;
}

describe('a request', () => {
  test('a request returns status, headers and body', async () => {
    const { url } = await serve();
    const response = await open(url).request({ path: '/api/v1/pods', query: { limit: '2' } });
    expect(response).toMatchObject({ status: 200, contentType: 'application/json', retryAfter: null });
    expect(response.json()).toMatchObject({ kind: 'PodList', items: [{ metadata: { name: 'pod-0' } }, {}] });
    expect(response.text()).toBe(Buffer.from(response.body).toString());
  });

  test('a request names the program and its version', async () => {
    const server = await serveFaults(() => null);
    await open(server.url).request({ path: '/version' });
    expect(server.requests[0]?.headers['user-agent']).toMatch(/^eks-drift-auditor\/\d+\.\d+\.\d+/);
  });

  test('a request keeps the base path of the server', async () => {
    const server = await serveFaults(() => null);
    await open(`${server.url}/k8s/clusters/c-1/`).request({ path: '/version' });
    expect(server.requests[0]?.url).toBe('/k8s/clusters/c-1/version');
  });

  test('a request shares its connections with later requests', async () => {
    const server = await serveFaults(() => null, { tls: await authority.issue({ commonName: 'api' }) });
    const api = open(server.url, { credentials: trusting(authority.ca) });
    for (let count = 0; count < 20; count++) await api.request({ path: '/api/v1/pods' });
    // The second one may begin before the first connection is known to be free again.
    expect(new Set(server.requests.map(({ socket }) => socket.remotePort)).size).toBeLessThanOrEqual(2);
    expect(server.requests[0]?.httpVersion).toBe('1.1');
  });

  test('a request leaves neither a timer nor a listener behind', async () => {
    const { url } = await serve();
    const api = open(url);
    const { signal } = new AbortController();
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    await api.request({ path: '/version', signal });
    const before = timers();
    for (let count = 0; count < 5; count++) await api.request({ path: '/version', signal });
    expect(timers() - before).toBeLessThan(5);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('a request waits while four others are in progress, so that no server is overloaded', async () => {
    const waiting: ServerResponse[] = [];
    let most = 0;
    const server = createHttpServer((_, response) => {
      most = Math.max(most, waiting.push(response));
      // None is answered before four are there, and long enough after that for a fifth.
      if (waiting.length === 4) {
        setTimeout(() => {
          for (const one of waiting.splice(0)) one.end('{}');
        }, 20);
      }
    });
    const { url, close } = await onLoopback(server);
    cleanups.push(close);
    const api = open(url);
    const paths = Array.from({ length: 20 }, (_, index) => `/apis/group-${index}`);
    const responses = await Promise.all(paths.map((path) => api.request({ path })));
    expect(responses.map(({ status }) => status)).toEqual(paths.map(() => 200));
    expect(most).toBe(4);
  });

  test('the client requests compression only where asked to, and decompresses', async () => {
    const big = [{ ...pods[0], data: 'x'.repeat(200_000) }];
    const server = await serveFaults(() => null, { objects: big });
    const plain = await open(server.url).request({ path: '/api/v1/pods' });
    const zipped = await open(server.url, { gzip: true }).request({ path: '/api/v1/pods' });
    expect(server.requests.map(({ headers }) => headers['accept-encoding'])).toEqual(['identity', 'gzip']);
    expect(zipped.json()).toEqual(plain.json());
  });
});

describe('TLS', () => {
  test('a private CA that is given is trusted, and the bearer token arrives', async () => {
    const { url } = await serve({ tls: await authority.issue({ commonName: 'api' }), token: 'secret' });
    const api = open(url, { credentials: trusting(authority.ca, 'secret') });
    expect((await api.request({ path: '/version' })).status).toBe(200);
  });

  test('a CA that is not configured is not trusted', async () => {
    const { url } = await serve({ tls: await authority.issue({ commonName: 'api' }) });
    const error = await failureOf(open(url));
    expect(error).toMatchObject({ reason: 'unreachable' });
    expect(error.message).toMatch(/certificate that is not trusted/);
    expect(error.remedy).toMatch(/certificate-authority-data/);
  });

  test('an expired certificate is named as such', async () => {
    const tls = await authority.issue({
      commonName: 'api',
      notBefore: Date.parse('2020-01-01'),
      notAfter: Date.parse('2021-01-01'),
    });
    const { url } = await serve({ tls });
    const error = await failureOf(open(url, { credentials: trusting(authority.ca) }));
    expect(error).toMatchObject({ reason: 'unreachable' });
    expect(error.message).toMatch(/certificate that has expired/);
  });

  test('a certificate of the future is named as such', async () => {
    const { url } = await serve({
      tls: await authority.issue({ commonName: 'api', notBefore: Date.now() + 3_600_000 }),
    });
    const error = await failureOf(open(url, { credentials: trusting(authority.ca) }));
    expect(error.message).toMatch(/not valid yet/);
  });

  test('a certificate for another name is refused, unless that name is expected', async () => {
    const names = [{ type: 'dns' as const, value: 'kubernetes.default' }];
    const { url } = await serve({ tls: await authority.issue({ commonName: 'api', names }) });
    const error = await failureOf(open(url, { credentials: trusting(authority.ca) }));
    expect(error.message).toMatch(/for another name/);
    const credentials = async () => ({
      headers: {},
      tls: { ca: authority.ca, servername: 'kubernetes.default' },
    });
    expect((await open(url, { credentials }).request({ path: '/version' })).status).toBe(200);
  });

  test('a client certificate is shown to a server that asks for it', async () => {
    const tls = { ...(await authority.issue({ commonName: 'api' })), clientCa: authority.ca };
    const { url } = await serve({ tls });
    const mine = await authority.issue({ commonName: 'auditor' });
    const credentials = async () => ({ headers: {}, tls: { ca: authority.ca, ...mine } });
    expect((await open(url, { credentials }).request({ path: '/version' })).status).toBe(200);
    const anonymous = open(url, { credentials: trusting(authority.ca) });
    expect((await anonymous.request({ path: '/version' })).status).toBe(401);
  });

  test('a server of plain HTTP at an https address is named as such', async () => {
    const { url } = await serve();
    const error = await failureOf(open(url.replace('http:', 'https:')));
    expect(error).toMatchObject({ reason: 'unreachable' });
    expect(error.message).toMatch(/does not speak TLS/);
  });

  test('a TLS server at an http address is not accepted as an API server', async () => {
    const { url } = await serve({ tls: await authority.issue({ commonName: 'api' }) });
    const error = await failureOf(open(url.replace('https:', 'http:')));
    expect(error.reason).toBe('unreachable');
  });
});

describe('unreachable servers', () => {
  test('a closed port is unreachable', async () => {
    const { url, close } = await startApiServer({ objects: [] });
    await close();
    const error = await failureOf(open(url));
    expect(error).toMatchObject({ reason: 'unreachable' });
    expect(error.message).toMatch(/refused the connection/);
    expect(error).not.toBeInstanceOf(TransientReadError);
  });

  test('a name that does not resolve is unreachable', async () => {
    const error = await failureOf(open('https://no-such-host.invalid'));
    expect(error.reason).toBe('unreachable');
    expect(error.message).toMatch(/does not resolve|DNS server/);
  });

  test('a server that accepts and sends nothing is a timeout', async () => {
    const { host, close } = await onLoopback(createServer());
    cleanups.push(close);
    const plain = await failureOf(open(`http://${host}`, { limits: { headersMs: 100 } }));
    expect(plain).toMatchObject({ reason: 'timeout' });
    const secure = await failureOf(open(`https://${host}`, { limits: { connectMs: 100 } }));
    expect(secure).toMatchObject({ reason: 'timeout' });
    expect(secure.message).toMatch(/did not accept a connection/);
  });

  test('a body that stops half-way is a timeout and may be retried', async () => {
    const { url } = await serveFaults(() => ({ kind: 'stall' }));
    const error = await failureOf(open(url, { limits: { bodyMs: 100 } }), '/api/v1/pods');
    expect(error).toBeInstanceOf(TransientReadError);
    expect(error.reason).toBe('timeout');
  });

  test('a response body that never ends is cut off at the total time limit', async () => {
    const { url } = await serveFaults(() => ({ kind: 'drip', everyMs: 20 }));
    const error = await failureOf(open(url, { limits: { totalMs: 100 } }));
    expect(error).toMatchObject({ reason: 'timeout' });
    expect(error.message).toMatch(/did not complete/);
  });

  test.each<Fault['kind']>(['reset', 'reset-in-body'])('a %s may be retried', async (kind) => {
    const { url } = await serveFaults(() => ({ kind }) as Fault);
    expect(await failureOf(open(url), '/api/v1/pods')).toBeInstanceOf(TransientReadError);
  });

  test('a body above the limit is too large, compressed or not', async () => {
    const big = [{ ...pods[0], data: 'x'.repeat(300_000) }];
    const { url } = await serve({ objects: big });
    for (const gzip of [false, true]) {
      const error = await failureOf(open(url, { gzip, limits: { bodyBytes: 100_000 } }), '/api/v1/pods');
      expect(error.reason).toBe('too-large');
    }
  });

  test('a compressed body that ends early may be retried', async () => {
    const body = gzipSync('x'.repeat(1000)).subarray(0, 20).toString('latin1');
    const server = createServer((socket) => {
      socket.once('data', () => {
        socket.end(
          Buffer.from(
            `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 20\r\n\r\n${body}`,
            'latin1',
          ),
        );
      });
    });
    const { url, close } = await onLoopback(server);
    cleanups.push(close);
    expect(await failureOf(open(url))).toBeInstanceOf(TransientReadError);
  });

  test('an invalid server address is refused', () => {
    expect(() => open('10.0.0.1:6443')).toThrow(ReadError);
  });
});

describe('credentials', () => {
  test.each([
    ['a bearer token', 'Bearer s3cret-token', 's3cret-token'],
    ['a password', `Basic ${Buffer.from('admin:s3cret').toString('base64')}`, 's3cret'],
    ['an encoded password', `Basic ${Buffer.from('admin:s3cret').toString('base64')}`, 'YWRtaW46czNjcmV0'],
  ])('credentials are removed from messages of a server: %s', async (_, authorization, secret) => {
    const message = `token ${secret} is not known`;
    const body = JSON.stringify({ kind: 'Status', message });
    const { url } = await serveFaults(() => ({ kind: 'page', status: 403, type: 'application/json', body }));
    const api = open(url, { credentials: async () => ({ headers: { authorization }, tls: {} }) });
    const response = await api.request({ path: '/api/v1/pods' });
    const error = statusError(url, '/api/v1/pods', response);
    expect(error.message).toContain('token [credential] is not known');
    expect(`${response.text()}${JSON.stringify(response.json())}${response.body}`).not.toContain(secret);
  });

  const odd = 's3cr+t/"x"=&é\\';
  test.each([
    ['JSON', JSON.stringify(odd).slice(1, -1)],
    ['JSON with its slashes and letters escaped', 's3cr\\u002Bt\\/\\u0022x\\"\\u003d\\u0026\\u00e9\\\\'],
    ['a URL', encodeURIComponent(odd)],
    ['a page', 's3cr&#43;t&#x2f;&quot;x&#34;=&amp;é\\\\'],
  ])('credentials are removed as they are written in %s', async (_, written) => {
    const body = `{"kind":"Status","message":"token ${written} is not known"}`;
    const { url } = await serveFaults(() => ({ kind: 'page', status: 403, type: 'application/json', body }));
    const headers = { authorization: `Basic ${Buffer.from(`admin:${odd}`).toString('base64')}` };
    const api = open(url, { credentials: async () => ({ headers, tls: {} }) });
    const response = await api.request({ path: '/api/v1/pods' });
    expect(response.json()).toEqual({ kind: 'Status', message: 'token [credential] is not known' });
  });

  test('credentials are renewed once after a 401, and the request is repeated', async () => {
    const server = await serveFaults(() => null, { token: 'new' });
    const asked: boolean[] = [];
    let token = 'old';
    const api = open(server.url, {
      async credentials(rejected) {
        asked.push(rejected);
        if (rejected) token = 'new';
        return { headers: { authorization: `Bearer ${token}` }, tls: {} };
      },
    });
    expect((await api.request({ path: '/version' })).status).toBe(200);
    expect(asked).toEqual([false, true]);
    expect(server.requests).toHaveLength(2);
  });

  test('credentials that are refused again are reported as unauthorized, without endless retries', async () => {
    const server = await serveFaults(() => null, { token: 'other' });
    const api = open(server.url, { credentials: trusting('', 'mine') });
    const response = await api.request({ path: '/api/v1/pods' });
    expect(server.requests).toHaveLength(2);
    const error = statusError(server.url, '/api/v1/pods', response);
    expect(error).toMatchObject({ reason: 'unauthorized' });
    expect(error.message).toMatch(/did not accept the credentials \(401\)\.$/);
  });

  test('credentials that all requests lose at once are renewed once', async () => {
    const { url } = await serve({ token: 'new' });
    let renewals = 0;
    let token = 'old';
    const api = open(url, {
      async credentials(rejected) {
        if (rejected) {
          renewals++;
          token = 'new';
        }
        return { headers: { authorization: `Bearer ${token}` }, tls: {} };
      },
    });
    const responses = await Promise.all(Array.from({ length: 8 }, () => api.request({ path: '/version' })));
    expect(responses.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(renewals).toBe(1);
  });

  test('credentials that could not be renewed are requested again by the next request', async () => {
    const { url } = await serve({ token: 'new' });
    let renewals = 0;
    const api = open(url, {
      async credentials(rejected) {
        if (rejected && ++renewals === 1) throw new ReadError('unauthorized', 'No.', 'Wait.');
        return { headers: { authorization: rejected ? 'Bearer new' : 'Bearer old' }, tls: {} };
      },
    });
    await expect(api.request({ path: '/version' })).rejects.toThrow('No.');
    expect((await api.request({ path: '/version' })).status).toBe(200);
  });

  test('a new client certificate opens a new connection with it', async () => {
    const server = await serveFaults(() => null, {
      tls: { ...(await authority.issue({ commonName: 'api' })), clientCa: authority.ca },
    });
    const certificates = [
      await authority.issue({ commonName: 'one' }),
      await authority.issue({ commonName: 'two' }),
    ];
    let current = 0;
    const api = open(server.url, {
      credentials: async () => ({ headers: {}, tls: { ca: authority.ca, ...certificates[current] } }),
    });
    await api.request({ path: '/version' });
    current = 1;
    await api.request({ path: '/version' });
    expect(new Set(server.requests.map(({ socket }) => socket.remotePort)).size).toBe(2);
  });
});

describe('a proxy', () => {
  const portOf = (url: string): number => Number(new URL(url).port);

  test('the proxy that the kubeconfig names carries the connection, and TLS stays end to end', async () => {
    const names = [{ type: 'dns' as const, value: 'api.internal' }];
    const { url } = await serve({ tls: await authority.issue({ commonName: 'api', names }) });
    const proxy = await startConnectProxy(portOf(url));
    cleanups.push(() => proxy.close());
    const api = open('https://api.internal', { proxyUrl: proxy.url, credentials: trusting(authority.ca) });
    expect((await api.request({ path: '/version' })).status).toBe(200);
    expect(proxy.tunnels).toEqual(['api.internal:443']);
  });

  test('a proxy that refuses is named', async () => {
    const proxy = await startConnectProxy(1, { refuse: 407 });
    cleanups.push(() => proxy.close());
    const error = await failureOf(open('https://api.internal', { proxyUrl: proxy.url }));
    expect(error.reason).toBe('unreachable');
    expect(error.message).toMatch(/through the proxy.*407/);
  });

  test('the proxy of the environment is used for other machines, not for localhost, and NO_PROXY holds', async () => {
    const names = [
      { type: 'dns' as const, value: 'api.internal' },
      { type: 'ip' as const, value: '127.0.0.1' },
    ];
    const { url } = await serve({ tls: await authority.issue({ commonName: 'api', names }) });
    const proxy = await startConnectProxy(portOf(url));
    cleanups.push(() => proxy.close());
    const before = { ...process.env };
    cleanups.push(async () => {
      process.env = before;
    });
    process.env['HTTPS_PROXY'] = proxy.url;
    process.env['NO_PROXY'] = 'elsewhere.invalid,127.0.0.0/8';
    const credentials = trusting(authority.ca);
    expect((await open('https://api.internal', { credentials }).request({ path: '/version' })).status).toBe(
      200,
    );
    expect((await open(url, { credentials }).request({ path: '/version' })).status).toBe(200);
    await failureOf(open('https://elsewhere.invalid', { credentials }));
    expect(proxy.tunnels).toEqual(['api.internal:443']);
  });
});
