import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { httpsGet } from '../../lambda/connect/oci/https-get.ts';
import { authorize } from '../../lambda/connect/oci/login.ts';
import { openOciApi, type RegistryLogin } from '../../lambda/connect/oci/oci-api.ts';
import { type ImageFacts, imageKey } from '../../lambda/inventory/images.ts';
import { NO_MEMORY } from '../../lambda/registry/known.ts';
import { readImages } from '../../lambda/registry/read-images.ts';
import { imageOf, OCI_IMAGE } from '../support/ecr-server.ts';
import { type OciServerOptions, startOciServer } from '../support/oci-server.ts';
import { onLoopback } from '../support/on-loopback.ts';

const APP = imageOf({ mediaType: OCI_IMAGE, layers: [] }, { tags: ['1'] });
const LOGIN = /images\.registries\[\]\.secretArn/;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function serve(options: Partial<OciServerOptions> = {}) {
  const server = await startOciServer({ repositories: { 'team/app': { images: [APP] } }, ...options });
  closers.push(server.close);
  return server;
}

/** What a registry says of images that are named by these tags of `team/app`. */
async function ask(
  host: string,
  {
    login = null,
    tags = ['1'],
  }: { readonly login?: RegistryLogin | null; readonly tags?: readonly string[] } = {},
): Promise<readonly ImageFacts[]> {
  const images = tags.map((tag) => ({
    image: `${host}/team/app:${tag}`,
    imageId: `${host}/team/app@${APP.digest}`,
  }));
  const { facts } = await readImages(images, {
    level: 'metadata',
    scans: 'off',
    now: 0,
    memory: NO_MEMORY,
    openEcr: async () => null,
    openOci: async () => openOciApi({ host, login, mostRequests: 100 }),
  });
  return images.flatMap((image) => facts.get(imageKey(image)) ?? []);
}

describe('a registry that wants a login', () => {
  const wrong = { username: 'auditor', password: 'a-wrong-password' };
  const asked = async (options: Partial<OciServerOptions>, login: RegistryLogin | null = wrong) => {
    const { host } = await serve({ login: 'auditor:hunter2', ...options });
    const [facts] = await ask(host, { login });
    expect(JSON.stringify(facts)).not.toContain(wrong.password);
    return facts?.tag;
  };

  test.each<[string, Partial<OciServerOptions>, RegistryLogin | null, string]>([
    ['has none', {}, null, 'unauthorized'],
    ['has a wrong one', {}, wrong, 'unauthorized'],
    ['has one that may not pull', { tokens: { status: 403 } }, wrong, 'forbidden'],
    ['has none, by Basic', { challenge: 'Basic realm="x"' }, null, 'unauthorized'],
    ['has a wrong one, by Basic', { challenge: 'Basic realm="x"' }, wrong, 'unauthorized'],
  ])('says to give one where the audit %s', async (_, options, login, reason) => {
    expect(await asked(options, login)).toMatchObject({ reason, remedy: expect.stringMatching(LOGIN) });
  });

  test('by a method that is not known says so, and not that its network is to be checked', async () => {
    expect(await asked({ challenge: 'Negotiate' })).toMatchObject({
      reason: 'unauthorized',
      message: expect.stringContaining('Negotiate'),
      remedy: expect.stringContaining('images.registries'),
    });
  });

  test('at an address without TLS does not get it', async () => {
    const challenge = 'Bearer realm="http://tokens.example.com/token",service="x"';
    expect(await asked({ challenge })).toMatchObject({
      reason: 'unauthorized',
      message: expect.stringContaining('without TLS'),
    });
  });

  test('at an address of this machine gets nothing, unless it is there itself: in Lambda its runtime would be asked', async () => {
    let asked = 0;
    const local = createHttpServer((_, response) => {
      asked++;
      response.end('{"token":"x"}');
    });
    const { url, close } = await onLoopback(local);
    closers.push(close);
    const about = { host: 'registry.example.com', repository: 'team/app', login: wrong, signal: undefined };
    const answer = authorize(`Bearer realm="${url}/next"`, about);
    await expect(answer).rejects.toThrow(/without TLS/);
    expect(asked).toBe(0);
  });

  test('whose tokens fail is asked again later', async () => {
    expect(await asked({ tokens: { status: 503 } })).toMatchObject({
      reason: 'server-error',
      message: expect.stringContaining('503'),
      remedy: expect.stringContaining('Run again later'),
    });
  });

  test('that gives no more tokens is asked for nothing more', async () => {
    const server = await serve({ login: 'auditor:hunter2', tokens: { status: 429 } });
    const facts = await ask(server.host, { tags: ['1', '2', '3'] });
    for (const { tag } of facts) {
      expect(tag).toMatchObject({ reason: 'server-error', message: expect.stringContaining('429') });
    }
    expect(server.requests).toHaveLength(2);
  });
});

test('a registry that is silent three times in a row is asked for nothing more', async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  const { host, close } = await onLoopback(server);
  closers.push(close);
  const facts = await ask(host, { tags: Array.from({ length: 10 }, (_, at) => String(at)) });
  expect(connections).toBe(3);
  expect(facts).toHaveLength(10);
  for (const { tag } of facts) expect(tag).toMatchObject({ reason: 'unreachable' });
  expect(facts.at(-1)?.tag).toMatchObject({ message: expect.stringContaining('nothing more was asked') });
});

test('one that is silent now and then is asked on', async () => {
  const named = imageOf({ mediaType: OCI_IMAGE, layers: [] }, { tags: ['a', 'b'] });
  const { host } = await serve({
    repositories: { 'team/app': { images: [named] } },
    silent: (path) => /manifests\/x/.test(path),
  });
  const facts = await ask(host, { tags: ['x1', 'x2', 'a', 'x3', 'x4', 'b'] });
  expect(
    facts.map(({ tag }) => (tag !== undefined && 'value' in tag ? tag.value.match : tag?.reason)),
  ).toEqual([...['unreachable', 'unreachable', 'same'], ...['unreachable', 'unreachable', 'same']]);
});

test('a connection that was kept and is closed meanwhile is opened again', async () => {
  let answered = 0;
  const server = createHttpServer((request, response) => {
    // The second question on a connection finds it closed, as those of load balancers that are idle for a while.
    if (request.socket.bytesWritten > 0) {
      request.socket.destroy();
      return;
    }
    answered++;
    response.writeHead(200, { 'docker-content-digest': APP.digest, 'content-type': OCI_IMAGE }).end();
  });
  const { host, close } = await onLoopback(server);
  closers.push(close);
  const facts = await ask(host, { tags: ['1', '2', '3', '4', '5'] });
  for (const { tag } of facts) expect(tag).toMatchObject({ value: { match: 'same' } });
  expect(answered).toBe(5);
});

test('where a registry shows neither the tag nor what runs, it may hide both: the tag is not called gone', async () => {
  const { host } = await serve({ repositories: {} });
  const [facts] = await ask(host);
  expect(facts?.tag).toMatchObject({
    reason: 'not-in-registry',
    remedy: expect.stringMatching(LOGIN),
  });
});

test('an answer that comes a byte at a time ends', async () => {
  const server = createHttpServer((_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(timer));
  });
  const { url, close } = await onLoopback(server);
  closers.push(close);
  await expect(httpsGet({ url: new URL(url), mostBytes: 1_000_000, longestMs: 300 })).rejects.toMatchObject({
    code: 'ETIMEDOUT',
  });
});
