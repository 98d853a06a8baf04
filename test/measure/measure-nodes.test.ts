import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Credentials, KubeApi } from '../../lambda/connect/kube/kube-api.ts';
import { openKubelets } from '../../lambda/connect/kube/kubelets.ts';
import { ReadError } from '../../lambda/errors.ts';
import type { MeasurableNode } from '../../lambda/inventory/measurable-node.ts';
import { type MeasureOptions, measureNodes } from '../../lambda/measure/measure-nodes.ts';
import { directly } from '../../lambda/measure/ways.ts';
import { type Authority, anAuthority } from '../support/certificates.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import {
  aSummary,
  type KubeletServerOptions,
  startKubeletServer,
  withJson,
} from '../support/kubelet-server.ts';
import { withPatience } from '../support/patience.ts';

let authority: Authority;
const cleanups = closedAfterEach();

beforeAll(async () => {
  authority = await anAuthority();
});

async function kubelet(options: Omit<KubeletServerOptions, 'authority'> & { authority?: Authority }) {
  const server = await startKubeletServer({ authority, ...options });
  cleanups.push(() => server.close());
  return server;
}

const aNode = (name: string, port: number | null, more: Partial<MeasurableNode> = {}): MeasurableNode => ({
  name,
  os: 'linux',
  compute: 'ec2',
  ready: true,
  address: '127.0.0.1',
  port,
  ...more,
});

/** Fails whoever asks it: kubelets are asked directly here. */
const NO_SERVER: KubeApi = {
  server: 'https://cluster',
  request: () => Promise.reject(new Error('the API server was asked')),
  close: async () => {},
};

interface Asked extends Partial<MeasureOptions> {
  readonly credentials?: (rejected: boolean) => Promise<Credentials>;
}

const measure = (nodes: readonly MeasurableNode[], { credentials, ...options }: Asked = {}) => {
  const kubelets = openKubelets({
    credentials: credentials ?? (async () => withToken('measuring')),
    // As in production but for what a busy machine may need: tests of silence set their own for a node or for all.
    limits: { connectMs: 30_000, headersMs: 30_000, bodyMs: 30_000, totalMs: 30_000 },
  });
  return measureNodes(nodes, directly(kubelets)(NO_SERVER, nodes), {
    withinMs: 60_000,
    nodeMs: 30_000,
    ...options,
  });
};

const withToken = (token: string): Credentials => ({
  headers: { authorization: `Bearer ${token}` },
  tls: { ca: authority.ca },
});

const WEB = { namespace: 'shop', pod: 'web', container: 'app' };

describe('measured nodes', () => {
  test('a kubelet is asked for its summary with the token of the measuring role, and what it says is kept by node', async () => {
    const a = await kubelet({ answer: withJson(aSummary('a', { bytes: 50_331_648, inodes: 412 })) });
    const b = await kubelet({ answer: withJson(aSummary('b')) });
    const { readings, unreadOf } = await measure([aNode('a', a.port), aNode('b', b.port)]);
    expect(readings.find({ node: 'a', ...WEB })).toMatchObject({ bytes: 50_331_648, inodes: 412 });
    expect(readings.find({ node: 'b', ...WEB })).toMatchObject({ bytes: 8192, inodes: 5 });
    expect([unreadOf('a'), unreadOf('b')]).toEqual([null, null]);
    expect(a.requests.map(({ method, url, headers }) => [method, url, headers.authorization])).toEqual([
      ['GET', '/stats/summary', 'Bearer measuring'],
    ]);
  });

  test('nothing is sent to a kubelet whose certificate is of another authority', async () => {
    const impostor = await kubelet({
      authority: await anAuthority('another cluster'),
      answer: withJson(aSummary('a')),
    });
    const { unreadOf, readings } = await measure([aNode('a', impostor.port)]);
    expect(unreadOf('a')).toMatchObject({
      reason: 'unreachable',
      message:
        'The kubelet presents a certificate that is not signed by the certificate authority of the cluster (node a).',
    });
    expect([readings.size, impostor.requests]).toEqual([0, []]);
  });

  test('nothing is sent to a kubelet whose certificate is for the address of another node', async () => {
    const other = await kubelet({ address: '10.0.0.7', answer: withJson(aSummary('a')) });
    const { unreadOf } = await measure([aNode('a', other.port)]);
    expect(unreadOf('a')).toMatchObject({
      reason: 'unreachable',
      message: 'The kubelet presents a certificate that is for another address (node a).',
    });
    expect(other.requests).toEqual([]);
  });

  test('a kubeconfig that skips verification does not skip it for kubelets, nor renames them', async () => {
    const impostor = await kubelet({ authority: await anAuthority(), answer: withJson(aSummary('a')) });
    const careless = { ...withToken('t').tls, rejectUnauthorized: false, servername: 'kubernetes' };
    const { unreadOf } = await measure([aNode('a', impostor.port)], {
      credentials: async () => ({ headers: {}, tls: careless }),
    });
    expect(unreadOf('a')?.reason).toBe('unreachable');
    expect(impostor.requests).toEqual([]);
  });

  test('without the authority of the cluster no kubelet is asked', async () => {
    const a = await kubelet({ answer: withJson(aSummary('a')) });
    const { unreadOf } = await measure([aNode('a', a.port)], {
      credentials: async () => ({ headers: { authorization: 'Bearer t' }, tls: {} }),
    });
    expect(unreadOf('a')?.message).toContain('no kubelet could be verified');
    expect(a.requests).toEqual([]);
  });

  test('nodes that cannot be measured are not asked', async () => {
    const never = await kubelet({ answer: withJson({}) });
    const { unreadOf } = await measure([
      aNode('fargate', never.port, { compute: 'fargate' }),
      aNode('windows', never.port, { os: 'windows' }),
      aNode('not-ready', never.port, { ready: false }),
      aNode('no-address', never.port, { address: null }),
      aNode('name-for-address', never.port, { address: 'metadata.internal' }),
      aNode('no-port', null),
    ]);
    const reasons = ['fargate', 'windows', 'not-ready', 'no-address', 'name-for-address', 'no-port'].map(
      (name) => unreadOf(name)?.reason,
    );
    expect(reasons).toEqual([
      'platform',
      'platform',
      'unreachable',
      'field-missing',
      'field-missing',
      'field-missing',
    ]);
    expect(never.requests).toEqual([]);
  });

  test.each([
    [401, 'unauthorized', 2],
    [403, 'forbidden', 1],
    [404, 'server-error', 1],
    [500, 'server-error', 2],
  ])('an answer of %i is %s, and no reading', async (status, reason, requests) => {
    const a = await kubelet({ answer: withJson(aSummary('a'), status) });
    const { unreadOf, readings } = await measure([aNode('a', a.port)]);
    expect(unreadOf('a')?.reason).toBe(reason);
    expect([readings.size, a.requests.length]).toEqual([0, requests]);
  });

  test('refused credentials are renewed once for all nodes, not once for each', async () => {
    const renewed: boolean[] = [];
    const refusing = await Promise.all([1, 2, 3].map(() => kubelet({ answer: withJson({}, 401) })));
    const { unreadOf } = await measure(
      refusing.map(({ port }, index) => aNode(`n${index}`, port)),
      {
        credentials: async (rejected) => {
          if (rejected) renewed.push(rejected);
          return withToken('t');
        },
      },
    );
    expect(renewed).toEqual([true]);
    expect(unreadOf('n2')?.message).toBe(
      'The kubelet did not accept the credentials (401) (3 nodes: n0, n1, n2).',
    );
  });

  test('what may pass is tried a second time', async () => {
    const a = await kubelet({
      answer: (request, response, before) =>
        before === 0 ? void request.socket.destroy() : withJson(aSummary('a'))(request, response),
    });
    const { unreadOf, readings } = await measure([aNode('a', a.port)]);
    expect(unreadOf('a')).toBeNull();
    expect([readings.size, a.requests.length]).toEqual([1, 2]);
  });

  test('an answer that is cut off, no JSON, of another kind or of another node gives no reading', async () => {
    const half = JSON.stringify(aSummary('cut')).slice(0, 100);
    const bodies: Readonly<Record<string, unknown>> = {
      html: '<html>login</html>',
      cut: half,
      other: JSON.stringify(aSummary('the-neighbour')),
      list: '[]',
    };
    const nodes = await Promise.all(
      Object.entries(bodies).map(async ([name, body]) => {
        const server = await kubelet({ answer: (_, response) => void response.end(body) });
        return aNode(name, server.port);
      }),
    );
    const { readings, unreadOf } = await measure(nodes);
    expect(nodes.map(({ name }) => unreadOf(name)?.reason)).toEqual(Array(4).fill('malformed-object'));
    expect(readings.size).toBe(0);
  });

  test('a kubelet that gives no answer is a timeout after two attempts', () =>
    withPatience(async (nodeMs) => {
      const silent = await kubelet({ answer: () => {} });
      const { unreadOf } = await measure([aNode('a', silent.port)], { nodeMs });
      expect(unreadOf('a')).toMatchObject({
        reason: 'timeout',
        message: 'The kubelet did not complete its answer in time. 2 attempts were made (node a).',
      });
      expect(silent.requests).toHaveLength(2);
    }));

  test('an answer of more than 16 MiB is not read', async () => {
    const endless = await kubelet({
      answer: (_, response) => {
        const part = Buffer.alloc(1 << 20, ' ');
        const more = (): void => {
          while (!response.destroyed && response.write(part));
          response.once('drain', more);
        };
        more();
      },
    });
    const { unreadOf } = await measure([aNode('a', endless.port)]);
    expect(unreadOf('a')?.reason).toBe('too-large');
  });

  test('when the time is over, nodes that are left are out of time, and what was measured stays', () =>
    withPatience(async (withinMs) => {
      const quick = await kubelet({ answer: withJson(aSummary('quick')) });
      const silent = await kubelet({ answer: () => {} });
      const nodes = [
        aNode('quick', quick.port),
        ...Array.from({ length: 100 }, (_, index) => aNode(`s${index}`, silent.port)),
      ];
      const { unreadOf, readings } = await measure(nodes, { withinMs });
      expect(readings.find({ node: 'quick', ...WEB })).toMatchObject({ bytes: 8192 });
      expect([unreadOf('quick'), unreadOf('s0')?.reason, unreadOf('s99')?.reason]).toEqual([
        null,
        'out-of-time',
        'out-of-time',
      ]);
      expect(unreadOf('s99')?.message).toContain('(100 nodes, such as s0, s1, s10)');
      expect(silent.requests.length).toBeLessThanOrEqual(64);
    }));

  test('credentials that cannot be had are the reason of every node, and no kubelet is asked', async () => {
    const a = await kubelet({ answer: withJson(aSummary('a')) });
    const denied = new ReadError('forbidden', 'The role cannot be assumed.', 'Create it.');
    const { unreadOf } = await measure([aNode('a', a.port)], {
      credentials: () => Promise.reject(denied),
    });
    expect(unreadOf('a')).toMatchObject({ reason: 'forbidden', remedy: 'Create it.' });
    expect(a.requests).toEqual([]);
  });
});
