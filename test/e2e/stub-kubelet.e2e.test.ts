import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MEASURE_GROUP } from './environment/cluster.ts';
import { type Environment, start } from './environment/environment.ts';
import type { Kubelet, KubeletBehaviour } from './environment/kubelet.ts';
import type { WritableLayerUsage } from './environment/kubelet-summary.ts';
import { LINUX_NODE, WINDOWS_NODE } from './seed/nodes.ts';
import { grantGroup } from './support/access.ts';
import { eksToken } from './support/eks-token.ts';
import { askKubelet, type KubeletAnswer } from './support/kubelet-request.ts';
import { NOT_SAMPLED, type PodStats, ROOTFS_FIELDS, rootfsOf, type Summary } from './support/summary.ts';

/** The kubelets of the seeded nodes answer as a real one does: see real-kubelet.e2e.test.ts. */
let environment: Environment;

const MIB = 1024 * 1024;
const usage: WritableLayerUsage = ({ pod, container }) => {
  if (container === 'aws-node') {
    return 'unsampled';
  }
  if (container === 'aws-eks-nodeagent') {
    return 'absent';
  }
  return pod === 'erp' ? { bytes: 80 * MIB, inodes: 4_000 } : { bytes: 4_096, inodes: 3 };
};

beforeAll(async () => {
  environment = await start({ usage });
});

afterAll(() => environment?.stop());

function token(): Promise<string> {
  const { aws, cluster, measureCredentials } = environment;
  return eksToken({ credentials: measureCredentials, region: aws.region, cluster: cluster.name });
}

function kubeletOf(node: string): Kubelet {
  const kubelet = environment.kubelets.find(({ nodeName }) => nodeName === node);
  if (kubelet === undefined) {
    throw new Error(`${node} has no kubelet.`);
  }
  return kubelet;
}

function ask(node: string, bearer: string | undefined): Promise<KubeletAnswer> {
  const target = { port: kubeletOf(node).port, ca: environment.cluster.ca };
  return askKubelet(target, { path: '/stats/summary', token: bearer });
}

const grant = (subresource: 'stats' | 'proxy'): Promise<void> =>
  grantGroup(environment.cluster, MEASURE_GROUP, [
    { group: '', resource: `nodes/${subresource}`, verbs: ['get'] },
  ]);

async function summaryOf(node: string): Promise<Summary> {
  const { status, body } = await ask(node, await token());
  expect(status).toBe(200);
  return JSON.parse(body) as Summary;
}

describe('A stub kubelet', () => {
  test('measures writable layers only for identities that may get nodes/stats', async () => {
    expect((await ask(LINUX_NODE, undefined)).status).toBe(401);
    expect((await ask(LINUX_NODE, 'k8s-aws-v1.x')).status).toBe(401);
    expect((await ask(LINUX_NODE, await token())).status).toBe(403);
    await grant('stats');
    expect((await ask(LINUX_NODE, await token())).status).toBe(200);
  });

  test('gives sizes, or zeros since 1970, or nothing at all', async () => {
    const summary = await summaryOf(LINUX_NODE);
    expect(rootfsOf(summary, 'erp', 'erp')).toMatchObject({ usedBytes: 80 * MIB, inodesUsed: 4_000 });
    const sampledAt = Date.parse(rootfsOf(summary, 'erp', 'erp')?.time ?? '');
    expect(Math.abs(Date.now() - sampledAt)).toBeLessThan(60_000);
    expect(rootfsOf(summary, 'erp', 'debugger-x1')?.usedBytes).toBe(80 * MIB);
    expect(rootfsOf(summary, 'aws-node-nnnnn', 'aws-node')).toMatchObject(NOT_SAMPLED);
    for (const [pod, container] of [
      ['erp', 'erp'],
      ['aws-node-nnnnn', 'aws-node'],
    ] as const) {
      expect(Object.keys(rootfsOf(summary, pod, container) ?? {})).toEqual(ROOTFS_FIELDS);
    }
    const agent = podIn(summary, 'aws-node-nnnnn')?.containers?.find(
      ({ name }) => name === 'aws-eks-nodeagent',
    );
    expect([agent !== undefined, agent?.rootfs]).toEqual([true, undefined]);
    // It runs on another node.
    expect(podIn(summary, 'frontend-7d4b9c6f5d-bbbbb')).toBeUndefined();
  });

  test('knows a static pod by the hash of its configuration', async () => {
    const { pods } = await summaryOf(LINUX_NODE);
    const { body } = await environment.cluster.admin.request('GET', '/api/v1/pods');
    const mirror = (body as PodList).items.find(
      ({ metadata }) => metadata.annotations?.[MIRROR] !== undefined,
    );
    const ours = pods.find(({ podRef }) => podRef.name === mirror?.metadata.name);
    expect(ours?.podRef.uid).toBe(mirror?.metadata.annotations?.[MIRROR]);
    expect(ours?.podRef.uid).not.toBe(mirror?.metadata.uid);
  });

  test('counts no files on Windows', async () => {
    const layers = (await summaryOf(WINDOWS_NODE)).pods.flatMap(({ containers = [] }) => containers);
    expect(layers.length).toBeGreaterThan(0);
    for (const { rootfs } of layers) {
      expect(rootfs).toHaveProperty('usedBytes');
      expect(rootfs).not.toHaveProperty('inodesUsed');
    }
  });

  test('prints its answer for people, as a real one does', async () => {
    const { body } = await ask(LINUX_NODE, await token());
    expect(body).toMatch(/^\{\n "node": \{\n {2}"nodeName"/);
  });

  test('is reached through the API server by who may get nodes/proxy', async () => {
    const path = `/api/v1/nodes/${LINUX_NODE}/proxy/stats/summary`;
    const caller = environment.cluster.connect({ token: await token() });
    expect((await caller.request('GET', path)).status).toBe(403);
    await grant('proxy');
    const { status, body } = await caller.request('GET', path);
    expect([status, (body as Summary).node.nodeName]).toEqual([200, LINUX_NODE]);
    await grant('stats');
  });
});

describe('A stub kubelet that misbehaves', () => {
  afterAll(() => kubeletOf(LINUX_NODE).behave('usual'));

  /** A status, or the code of what broke the request; `waiting` when there is no end in this time. */
  const outcome = async (behaviour: KubeletBehaviour, withinMs: number): Promise<number | string> => {
    await kubeletOf(LINUX_NODE).behave(behaviour);
    const bearer = await token();
    let timer: NodeJS.Timeout | undefined;
    const waiting = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve('waiting'), withinMs);
    });
    const answered = ask(LINUX_NODE, bearer).then(
      ({ status }) => status,
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    );
    const first = await Promise.race([answered, waiting]);
    clearTimeout(timer);
    return first;
  };

  test.each<[KubeletBehaviour, number | string]>([
    ['slow', 'waiting'],
    ['trickling', 'waiting'],
    ['cut', 'ECONNRESET'],
    ['unauthorized', 401],
    ['forbidden', 403],
    ['failing', 500],
    ['strange-authority', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['strange-address', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['gone', 'ECONNREFUSED'],
    ['usual', 200],
  ])('%s: %s', async (behaviour, expected) => {
    // What ends may be late on a busy machine.
    expect(await outcome(behaviour, expected === 'waiting' ? 2_000 : 60_000)).toBe(expected);
  });

  test('answers more than any node has to say, or something else', async () => {
    await kubeletOf(LINUX_NODE).behave('huge');
    expect((await ask(LINUX_NODE, await token())).body.length).toBeGreaterThan(16 * MIB);
    await kubeletOf(LINUX_NODE).behave('nonsense');
    expect(JSON.parse((await ask(LINUX_NODE, await token())).body)).not.toHaveProperty('pods');
  });

  test('counts what it is asked, and answers again when it comes back', async () => {
    const kubelet = kubeletOf(LINUX_NODE);
    await kubelet.behave('gone');
    await kubelet.behave('usual');
    const before = kubelet.requests();
    expect((await ask(LINUX_NODE, await token())).status).toBe(200);
    expect(kubelet.requests()).toBe(before + 1);
  });
});

const MIRROR = 'kubernetes.io/config.mirror';

interface PodList {
  readonly items: ReadonlyArray<{
    readonly metadata: {
      readonly name: string;
      readonly uid: string;
      readonly annotations?: Readonly<Record<string, string>>;
    };
  }>;
}

function podIn({ pods }: Summary, name: string): PodStats | undefined {
  return pods.find(({ podRef }) => podRef.name === name);
}
