import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectKubeconfig, type KubeconfigOptions } from '../../../lambda/connect/kube/kubeconfig.ts';
import { ReadError, UsageError } from '../../../lambda/errors.ts';
import { anAuthority } from '../../support/certificates.ts';
import { startConnectProxy } from '../../support/connect-proxy.ts';
import { startFaultyServer } from '../../support/faulty-server.ts';
import { type ApiServerOptions, startApiServer } from '../../support/kube-server/api-server.ts';
import { withPatience } from '../../support/patience.ts';

const ARN = 'arn:aws:eks:eu-west-1:111122223333:cluster/production';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

let folder: string;
let environment: NodeJS.ProcessEnv;
const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  environment = { ...process.env };
  // The tests must not see the kubeconfig of whoever runs them.
  process.env['HOME'] = folder;
  delete process.env['KUBECONFIG'];
  delete process.env['KUBERNETES_SERVICE_HOST'];
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  process.env = environment;
  await rm(folder, { recursive: true });
});

interface Entries {
  readonly cluster?: object;
  readonly user?: object | null;
  readonly name?: string;
  readonly clusterName?: string;
}

/** The contents of a kubeconfig with one context, `test` if not named otherwise. JSON is YAML. */
function aKubeconfig({ cluster = {}, user = {}, name = 'test', clusterName = 'c' }: Entries = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: clusterName, cluster: { server: 'https://127.0.0.1:1', ...cluster } }],
    users: user === null ? [] : [{ name: 'u', user }],
    contexts: [{ name, context: { cluster: clusterName, ...(user === null ? {} : { user: 'u' }) } }],
    'current-context': name,
  };
}

async function write(content: unknown, name = 'config'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function serve(options: Partial<ApiServerOptions> = {}) {
  const server = await startFaultyServer({ objects: [], ...options }, () => null);
  cleanups.push(() => server.close());
  return server;
}

async function connect(options: KubeconfigOptions) {
  const connection = await connectKubeconfig(options);
  cleanups.push(() => connection.api.close());
  return connection;
}

async function statusWith(entries: Entries): Promise<number> {
  const { api } = await connect({ kubeconfig: await write(aKubeconfig(entries)) });
  return (await api.request({ path: '/version' })).status;
}

async function usageError(options: KubeconfigOptions): Promise<string> {
  const error: unknown = await connectKubeconfig(options).catch((thrown: unknown) => thrown);
  if (!(error instanceof UsageError)) throw error;
  return error.message;
}

/** Whether the process ends; one that nobody waited for counts as ended. */
async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 600; tries++) {
    try {
      if (/^State:\s+Z/m.test(await readFile(`/proc/${pid}/status`, 'utf8'))) return true;
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

async function executable(name: string, script: string): Promise<string> {
  const path = await write(`#!/bin/sh\n${script}\n`, name);
  await chmod(path, 0o755);
  return path;
}

describe('connection settings', () => {
  test('a cluster is reached over plain HTTP, as kubectl proxy serves it', async () => {
    const { url } = await serve();
    expect(await statusWith({ cluster: { server: url }, user: null })).toBe(200);
  });

  test('plain HTTP never carries a token', async () => {
    const server = await serve();
    expect(await statusWith({ cluster: { server: server.url }, user: { token: 'secret' } })).toBe(200);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test('a cluster is reached over TLS with a private CA and a bearer token', async () => {
    const authority = await anAuthority();
    const { url } = await serve({ tls: await authority.issue({ commonName: 'api' }), token: 'secret' });
    const cluster = { server: url, 'certificate-authority-data': base64(authority.ca) };
    expect(await statusWith({ cluster, user: { token: 'secret' } })).toBe(200);
    expect(await statusWith({ cluster, user: { token: 'wrong' } })).toBe(401);
  });

  test('the CA is used for a context without a user too', async () => {
    const authority = await anAuthority();
    const { url } = await serve({ tls: await authority.issue({ commonName: 'api' }) });
    const cluster = { server: url, 'certificate-authority-data': base64(authority.ca) };
    expect(await statusWith({ cluster, user: null })).toBe(200);
  });

  test('a CA file is resolved relative to the kubeconfig', async () => {
    const authority = await anAuthority();
    const { url } = await serve({ tls: await authority.issue({ commonName: 'api' }) });
    await write(authority.ca, 'ca.crt');
    expect(await statusWith({ cluster: { server: url, 'certificate-authority': 'ca.crt' } })).toBe(200);
  });

  test('a missing CA file is named', async () => {
    const kubeconfig = await write(aKubeconfig({ cluster: { 'certificate-authority': 'gone.crt' } }));
    const { api } = await connect({ kubeconfig });
    await expect(api.request({ path: '/version' })).rejects.toThrow(
      /cannot be read from the kubeconfig .*gone\.crt/,
    );
  });

  test('the settings tls-server-name and insecure-skip-tls-verify are used', async () => {
    const authority = await anAuthority();
    const names = [{ type: 'dns' as const, value: 'kubernetes.default' }];
    const { url } = await serve({ tls: await authority.issue({ commonName: 'api', names }) });
    const cluster = { server: url, 'certificate-authority-data': base64(authority.ca) };
    expect(await statusWith({ cluster: { ...cluster, 'tls-server-name': 'kubernetes.default' } })).toBe(200);
    expect(await statusWith({ cluster: { server: url, 'insecure-skip-tls-verify': true } })).toBe(200);
    await expect(statusWith({ cluster })).rejects.toThrow(/another name/);
  });

  test('a client certificate in the kubeconfig is used', async () => {
    const authority = await anAuthority();
    const tls = { ...(await authority.issue({ commonName: 'api' })), clientCa: authority.ca };
    const { url } = await serve({ tls });
    const mine = await authority.issue({ commonName: 'auditor' });
    const cluster = { server: url, 'certificate-authority-data': base64(authority.ca) };
    const user = { 'client-certificate-data': base64(mine.cert), 'client-key-data': base64(mine.key) };
    expect(await statusWith({ cluster, user })).toBe(200);
    expect(await statusWith({ cluster })).toBe(401);
  });

  test('the proxy of the cluster entry is used', async () => {
    const authority = await anAuthority();
    const names = [{ type: 'dns' as const, value: 'api.internal' }];
    const { url } = await serve({ tls: await authority.issue({ commonName: 'api', names }) });
    const proxy = await startConnectProxy(Number(new URL(url).port));
    cleanups.push(() => proxy.close());
    const cluster = {
      server: 'https://api.internal:6443',
      'certificate-authority-data': base64(authority.ca),
      'proxy-url': proxy.url,
    };
    expect(await statusWith({ cluster })).toBe(200);
    expect(proxy.tunnels).toEqual(['api.internal:6443']);
  });

  test('a user name and password are used', async () => {
    const server = await serve();
    const authority = await anAuthority();
    const secure = await serve({ tls: await authority.issue({ commonName: 'api' }) });
    const cluster = { server: secure.url, 'certificate-authority-data': base64(authority.ca) };
    await statusWith({ cluster, user: { username: 'me', password: 'it is' } });
    expect(secure.requests[0]?.headers.authorization).toBe(`Basic ${base64('me:it is')}`);
    expect(server.requests).toEqual([]);
  });
});

describe('tokens that change', () => {
  async function secured(token: string) {
    const authority = await anAuthority();
    const tls = await authority.issue({ commonName: 'api' });
    const server = await startApiServer({ objects: [], tls, token });
    cleanups.push(() => server.close());
    return { server: server.url, 'certificate-authority-data': base64(authority.ca) };
  }

  test('a plugin is run once for many requests, and again when the server refuses its token', async () => {
    const cluster = await secured('second');
    const runs = join(folder, 'runs');
    const command = await executable(
      'plugin',
      `echo run >> ${runs}
       test -n "$KUBERNETES_EXEC_INFO" || exit 3
       if [ "$(wc -l < ${runs})" -gt 1 ]; then token=second; else token=first; fi
       echo '{"kind":"ExecCredential","status":{"token":"'$token'","expirationTimestamp":"2099-01-01T00:00:00Z"}}'`,
    );
    const user = { exec: { apiVersion: 'client.authentication.k8s.io/v1', command } };
    const { api } = await connect({ kubeconfig: await write(aKubeconfig({ cluster, user })) });
    for (let count = 0; count < 3; count++)
      expect((await api.request({ path: '/version' })).status).toBe(200);
    expect(await readFile(runs, 'utf8')).toBe('run\nrun\n');
  });

  test('a token beyond its expiry is replaced before it is refused', async () => {
    const cluster = await secured('fresh');
    const runs = join(folder, 'runs');
    const command = await executable(
      'plugin',
      `echo run >> ${runs}
       echo '{"kind":"ExecCredential","status":{"token":"fresh","expirationTimestamp":"2020-01-01T00:00:00Z"}}'`,
    );
    const { api } = await connect({
      kubeconfig: await write(aKubeconfig({ cluster, user: { exec: { command } } })),
    });
    await api.request({ path: '/version' });
    await api.request({ path: '/version' });
    expect(await readFile(runs, 'utf8')).toBe('run\nrun\n');
  });

  test('a token file is read, and read again when its token is refused', async () => {
    const cluster = await secured('new');
    await write('old\n', 'token');
    const { api } = await connect({
      kubeconfig: await write(aKubeconfig({ cluster, user: { tokenFile: 'token' } })),
    });
    expect((await api.request({ path: '/version' })).status).toBe(401);
    await write('new\n', 'token');
    expect((await api.request({ path: '/version' })).status).toBe(200);
  });

  test('a kubeconfig that was renewed meanwhile is read again', async () => {
    const cluster = await secured('new');
    const kubeconfig = await write(aKubeconfig({ cluster, user: { token: 'old' } }));
    const { api } = await connect({ kubeconfig });
    await write(aKubeconfig({ cluster, user: { token: 'new' } }));
    expect((await api.request({ path: '/version' })).status).toBe(200);
  });

  test('a kubeconfig that breaks during the run gives a sentence', async () => {
    const cluster = await secured('new');
    const kubeconfig = await write(aKubeconfig({ cluster, user: { token: 'old' } }));
    const { api } = await connect({ kubeconfig });
    await write('[');
    await expect(api.request({ path: '/version' })).rejects.toMatchObject({ reason: 'unauthorized' });
  });

  test('a failed plugin is named; its output goes to the output handler, not into the error', async () => {
    const cluster = await secured('any');
    const command = await executable('plugin', 'echo "the token s3cret has expired" >&2; exit 1');
    const printed: string[] = [];
    const { api } = await connect({
      kubeconfig: await write(aKubeconfig({ cluster, user: { exec: { command } } })),
      onPluginOutput: (text) => printed.push(text),
    });
    const error: unknown = await api.request({ path: '/version' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ReadError);
    expect(error).toMatchObject({ reason: 'unauthorized' });
    expect((error as ReadError).message).toMatch(/plugin" gave no credentials .*\(exit code 1\)\.$/);
    expect((error as ReadError).remedy).toContain('--verbose');
    expect(printed.join('')).toBe('the token s3cret has expired\n');
  });

  test.each([
    ['nothing', ''],
    ['no JSON', 'echo hello'],
    ['a credential without token and certificate', `echo '{"kind":"ExecCredential","status":{}}'`],
  ])('a plugin that prints %s gives no credentials, and no request is sent without', async (_, script) => {
    const server = await serve();
    const cluster = await secured('any');
    const command = await executable('plugin', script);
    const { api } = await connect({
      kubeconfig: await write(aKubeconfig({ cluster, user: { exec: { command } } })),
    });
    await expect(api.request({ path: '/version' })).rejects.toMatchObject({ reason: 'unauthorized' });
    expect(server.requests).toEqual([]);
  });

  test('a plugin that hangs is run once for all requests, and ended with its children', () =>
    // It must have begun before its time is over.
    withPatience(async (pluginTimeoutMs) => {
      const cluster = await secured('any');
      const runs = join(folder, `runs-${pluginTimeoutMs}`);
      const command = await executable(
        'plugin',
        `sleep 600 & echo $! >> ${runs}
       wait`,
      );
      const { api } = await connect({
        kubeconfig: await write(aKubeconfig({ cluster, user: { exec: { command } } })),
        pluginTimeoutMs,
      });
      const ask = () => api.request({ path: '/version' });
      const asked = await Promise.allSettled([ask(), ask(), ask()]);
      asked.push(...(await Promise.allSettled([ask()])));
      expect(asked.map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
      expect(String((asked[0] as PromiseRejectedResult).reason)).toContain(
        `no answer within ${pluginTimeoutMs / 1000} s`,
      );
      const [child, ...others] = (await readFile(runs, 'utf8')).trim().split('\n');
      expect(others).toEqual([]);
      expect(await isGone(Number(child))).toBe(true);
    }));

  test('a plugin that is not installed is named', async () => {
    const cluster = await secured('any');
    const user = { exec: { command: 'no-such-plugin' } };
    const { api } = await connect({ kubeconfig: await write(aKubeconfig({ cluster, user })) });
    await expect(api.request({ path: '/version' })).rejects.toThrow(/"no-such-plugin".* is not installed/);
  });
});

describe('the choice of kubeconfig and context', () => {
  test('the given file is used with its current context or another', async () => {
    const kubeconfig = await write({
      ...aKubeconfig(),
      contexts: [
        { name: 'one', context: { cluster: 'c', user: 'u' } },
        { name: 'two', context: { cluster: 'c', user: 'u' } },
      ],
      'current-context': 'two',
    });
    expect((await connect({ kubeconfig })).identity.name).toBe('two');
    expect((await connect({ kubeconfig, context: 'one' })).identity.name).toBe('one');
    expect(await usageError({ kubeconfig, context: 'three' })).toBe(
      'The kubeconfig has no context "three". Its contexts are: one, two.',
    );
  });

  test('the first of the files of KUBECONFIG to name something wins, and missing ones are skipped', async () => {
    const first = await write(
      aKubeconfig({ name: 'a', cluster: { server: 'https://first.invalid' } }),
      'first',
    );
    const second = await write(
      aKubeconfig({ name: 'b', cluster: { server: 'https://second.invalid' } }),
      'second',
    );
    process.env['KUBECONFIG'] = [join(folder, 'missing'), first, '', second].join(delimiter);
    const { identity } = await connect({});
    expect(identity.name).toBe('a');
    expect((await connect({ context: 'b' })).api.server).toBe('https://first.invalid');
  });

  test('the file ~/.kube/config is the default', async () => {
    expect(await usageError({})).toMatch(/^There is no kubeconfig: .*aws eks update-kubeconfig/);
    const { mkdir } = await import('node:fs/promises');
    await mkdir(join(folder, '.kube'));
    await write(aKubeconfig({ name: 'home' }), '.kube/config');
    expect((await connect({})).identity.name).toBe('home');
  });

  test('missing and invalid files are named, with what is wrong', async () => {
    const missing = join(folder, 'missing');
    expect(await usageError({ kubeconfig: missing })).toBe(`There is no kubeconfig file "${missing}".`);
    process.env['KUBECONFIG'] = missing;
    expect(await usageError({})).toMatch(/KUBECONFIG names no file that exists/);
    const broken = await write('clusters: [\nusers: token: secret');
    const message = await usageError({ kubeconfig: broken });
    expect(message).toMatch(/is not valid: .* at line \d+, column \d+\.$/);
    expect(message).not.toMatch(/secret/);
    expect(await usageError({ kubeconfig: await write('just text') })).toMatch(/not a mapping/);
    expect(await usageError({ kubeconfig: await write('clusters: [{name: c}]') })).toMatch(
      /clusters\[0\].cluster is missing/,
    );
    expect(await usageError({ kubeconfig: await write('{}') })).toMatch(
      /no current context.*It holds no contexts/,
    );
  });

  test('a context that refers to a missing cluster or user is an error', async () => {
    const config = aKubeconfig();
    const noCluster = await write({ ...config, clusters: [] });
    expect(await usageError({ kubeconfig: noCluster })).toMatch(
      /names the cluster "c", which the kubeconfig does not contain/,
    );
    const noUser = await write({ ...config, users: [] });
    expect(await usageError({ kubeconfig: noUser })).toMatch(/names the user "u"/);
  });
});

describe('the identity of a cluster', () => {
  test('the ARN that aws eks update-kubeconfig writes gives name, account and region', async () => {
    const expected = { name: 'production', arn: ARN, accountId: '111122223333', region: 'eu-west-1' };
    const unnamed = await write(aKubeconfig({ name: ARN, clusterName: ARN }));
    expect((await connect({ kubeconfig: unnamed })).identity).toEqual(expected);
    const alias = await write(aKubeconfig({ name: 'prod', clusterName: ARN }));
    expect((await connect({ kubeconfig: alias })).identity).toEqual(expected);
  });

  test.each(['aws-cn', 'aws-us-gov', 'aws-iso-b'])(
    'the ARN in the partition %s gives name, account and region too',
    async (partition) => {
      const arn = ARN.replace('aws', partition);
      const kubeconfig = await write(aKubeconfig({ clusterName: arn }));
      expect((await connect({ kubeconfig })).identity).toMatchObject({ arn, region: 'eu-west-1' });
    },
  );

  test.each([
    'kind-local',
    `${ARN}/x`,
    'arn:aws:eks:eu-west-1:42:cluster/short',
    'arn:aws:ecs:eu-west-1:111122223333:cluster/x',
  ])(
    'the cluster name %s is no EKS ARN, and the cluster is identified by its context',
    async (clusterName) => {
      const kubeconfig = await write(aKubeconfig({ clusterName }));
      expect((await connect({ kubeconfig })).identity).toEqual({
        name: 'test',
        arn: null,
        accountId: null,
        region: null,
      });
    },
  );
});
