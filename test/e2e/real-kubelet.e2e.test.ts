import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Environment, start } from './environment/environment.ts';
import { whyNoRealNode, withoutRealNode } from './environment/real-node-machine.ts';
import { REAL_NODE } from './seed/nodes.ts';
import { RUNNING_CONTAINERS, realStaticPods, STATIC_POD, startsLate } from './seed/real-pods.ts';
import { askKubelet, openSocket } from './support/kubelet-request.ts';
import {
  isSettled,
  type NodeClient,
  openNodeClient,
  readingsIn,
  startRealPods,
} from './support/real-node.ts';
import { NOT_SAMPLED, ROOTFS_FIELDS, type Rootfs, rootfsOf, type Summary } from './support/summary.ts';

/** What a real kubelet and containerd answer: everything that the product relies on. */
const reason = await whyNoRealNode();
if (reason !== undefined) {
  process.stderr.write(withoutRealNode(reason));
}
const onRealNode = reason === undefined ? describe : describe.skip;

const SUMMARY = '/stats/summary';

onRealNode('A real kubelet', () => {
  let environment: Environment;
  let node: NodeClient;

  beforeAll(async () => {
    environment = await start({ realNode: { staticPods: realStaticPods() } });
    process.stderr.write(`Real node: ready ${environment.timings['real node']} ms after its start.\n`);
    node = await openNodeClient(environment);
    await startRealPods(environment);
  }, 1_800_000);

  afterAll(() => environment?.stop());

  describe('lets the token that measures', () => {
    test('in only by name, and read nothing without a right', async () => {
      expect(await askKubelet(node.target, { path: SUMMARY })).toEqual({ status: 401, body: 'Unauthorized' });
      expect((await askKubelet(node.target, { path: SUMMARY, token: 'k8s-aws-v1.x' })).status).toBe(401);
      const { status, body } = await askKubelet(node.target, { path: SUMMARY, token: node.token });
      expect(status).toBe(403);
      expect(body).toMatch(/user=arn:aws:sts::\d+:assumed-role\/EksDriftAuditorMeasure\//);
      expect(body).toContain('resource=nodes, subresource(s)=[stats]');
    });

    test('read statistics with nodes/stats, and nothing else', async () => {
      await node.grant('stats');
      expect(JSON.parse(await node.answerOnce(SUMMARY, 200)).node.nodeName).toBe(REAL_NODE);

      const pod = '/real/idle/main';
      const refused = [
        ...[
          '/pods',
          '/runningpods/',
          '/metrics',
          '/metrics/cadvisor',
          '/metrics/probes',
          '/metrics/resource',
        ],
        ...['/logs/', '/healthz', '/configz', '/flagz', '/statusz', '/debug/pprof/heap'],
        ...[`/containerLogs${pod}`, `/exec${pod}?command=id&output=1`, `/attach${pod}?output=1`],
        '/portForward/real/idle?port=80',
      ].map((path) => ({ path }));
      const changes = [`/run${pod}?cmd=id`, `/exec${pod}?command=id&output=1`, `/checkpoint${pod}`].map(
        (path) => ({
          path,
          method: 'POST',
        }),
      );
      for (const ask of [...refused, ...changes]) {
        const { status } = await askKubelet(node.target, { ...ask, token: node.token });
        expect([ask.path, status]).toEqual([ask.path, 403]);
      }
      // A WebSocket is asked for by GET, and refused the same.
      const exec = await openSocket(node.target, { path: EXEC, token: node.token }, SAID);
      expect(exec.status).toBe(403);
    });
  });

  describe('measures', () => {
    test('what each container really wrote into its layer', async () => {
      const settled = await node.summaryThat(isSettled);
      const measured = Object.fromEntries(
        RUNNING_CONTAINERS.map(({ pod, container }) => [
          `${pod}/${container}`,
          rootfsOf(settled, pod, container),
        ]),
      );
      process.stderr.write(`Layers on the real node: ${JSON.stringify(readingsIn(settled))}\n`);
      for (const { pod, container, bytes, inodes } of RUNNING_CONTAINERS) {
        const { usedBytes = Number.NaN, inodesUsed = Number.NaN } = measured[`${pod}/${container}`] ?? {};
        expect([
          pod,
          usedBytes >= bytes[0],
          usedBytes <= bytes[1],
          inodesUsed >= inodes[0],
          inodesUsed <= inodes[1],
        ]).toEqual([pod, true, true, true, true]);
      }
    });

    test('nothing of a container that has ended', async () => {
      expect(rootfsOf(await node.summaryThat(isFinished), 'completes')).toBeUndefined();
    });

    test('the new layer of a container that started again, without what the old one held', async () => {
      const { admin } = environment.cluster;
      const { body } = await admin.request('GET', '/api/v1/namespaces/real/pods/restarts');
      const [status] = (body as PodView).status.containerStatuses;
      expect(status?.restartCount).toBe(1);
      expect(rootfsOf(await node.summary(), 'restarts')?.usedBytes).toBeLessThan(1024 * 1024);
    });

    test('a static pod under a UID that the API server does not know', async () => {
      const { body } = await environment.cluster.admin.request(
        'GET',
        `/api/v1/namespaces/real/pods/${STATIC_POD}`,
      );
      const { pods } = await node.summary();
      const ours = pods.find(({ podRef }) => podRef.name === STATIC_POD);
      expect(ours?.podRef.namespace).toBe('real');
      expect(ours?.podRef.uid).toMatch(/^[0-9a-f]{32}$/);
      expect(ours?.podRef.uid).not.toBe((body as PodView).metadata.uid);
    });

    test('zeros since 1970 of a container that has just started', async () => {
      // Layers are measured every two seconds. A container that starts just before that has been measured in the
      // first answer that shows it; then the next pod is another chance.
      let first: Rootfs | undefined;
      for (let chance = 1; chance <= 20 && first?.inodesUsed !== 0; chance++) {
        const name = `starts-late-${chance}`;
        await environment.cluster.admin.apply(startsLate(name));
        first = rootfsOf(await node.summaryThat((each) => rootfsOf(each, name) !== undefined), name);
      }
      expect(first).toMatchObject(NOT_SAMPLED);
    });

    test('zeros since 1970 where files vanish while they are counted', async () => {
      const answer = await node.summaryThat((each) => rootfsOf(each, 'rotates-files')?.inodesUsed === 0);
      expect(rootfsOf(answer, 'rotates-files')).toMatchObject(NOT_SAMPLED);
      for (const pod of ['rotates-files', 'idle']) {
        expect(Object.keys(rootfsOf(answer, pod) ?? {})).toEqual(ROOTFS_FIELDS);
      }
    });
  });

  test('is read through the API server with nodes/proxy, which is also the right to run commands', async () => {
    const auditor = environment.cluster.connect({ token: node.token });
    const path = `/api/v1/nodes/${REAL_NODE}/proxy${SUMMARY}`;
    expect((await auditor.request('GET', path)).status).toBe(403);

    await node.grant('proxy');
    await node.answerOnce('/pods', 200);
    const { status, body } = await auditor.request('GET', path);
    expect([status, (body as Summary).node.nodeName]).toEqual([200, REAL_NODE]);
    const exec = await openSocket(node.target, { path: EXEC, token: node.token }, SAID);
    expect(exec.status).toBe(101);
    expect(exec.body).toContain(SAID);
  });
});

onRealNode('A real node', () => {
  test('leaves no process, no file, no mount and no control group when the test process is killed', async () => {
    const place = { folder: '', controlGroup: '' };
    const child = spawn(process.execPath, [LEAVE_NODE], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(child, 'exit');
    try {
      const [line] = await once(createInterface({ input: child.stdout }), 'line');
      Object.assign(place, JSON.parse(line));
      const before = await leftOf(place);
      // unshare, the script, containerd and kubelet, besides the pods that they start.
      expect(before.processes.length).toBeGreaterThanOrEqual(4);
      expect([before.controlGroups.length > 0, before.files]).toEqual([true, true]);
      // Mounts are in a namespace of the node's own from the beginning.
      expect(before.mounts).toEqual([]);
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
    const nothing = { processes: [], controlGroups: [], mounts: [], files: false };
    let left: object = await leftOf(place);
    for (let attempt = 0; attempt < 600 && JSON.stringify(left) !== JSON.stringify(nothing); attempt++) {
      await sleep(100);
      left = await leftOf(place);
    }
    expect(left).toEqual(nothing);
  });
});

const LEAVE_NODE = fileURLToPath(new URL('support/leave-node.ts', import.meta.url));

/** What there is of a node on this machine. */
async function leftOf({ folder, controlGroup }: { folder: string; controlGroup: string }) {
  const processes: string[] = [];
  for await (const file of glob('/proc/[0-9]*/cmdline')) {
    const command = await readFile(file, 'utf8').catch(() => '');
    if (command.includes(folder)) {
      processes.push(command.replaceAll('\0', ' '));
    }
  }
  const controlGroups: string[] = [];
  for await (const found of glob([`/sys/fs/cgroup/${controlGroup}`, `/sys/fs/cgroup/*/${controlGroup}`])) {
    controlGroups.push(found);
  }
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .filter((line) => line.includes(folder));
  return { processes, controlGroups, mounts, files: existsSync(folder) };
}

const SAID = 'from a GET';
const EXEC = `/exec/real/idle/main?command=/pod-program&command=${encodeURIComponent(`say:${SAID}`)}&output=1`;

interface PodView {
  readonly metadata: { readonly uid: string };
  readonly status: { readonly containerStatuses: ReadonlyArray<{ readonly restartCount: number }> };
}

function isFinished({ pods }: Summary): boolean {
  return !pods.some(({ podRef, containers = [] }) => podRef.name === 'completes' && containers.length > 0);
}
