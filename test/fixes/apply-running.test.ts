import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../lambda/findings/finding.ts';
import { aPodOf, audited, type Fields } from './audited.ts';

const HARDENED: Fields = {
  containers: [
    { name: 'app', image: 'registry.example.com/app:1', securityContext: { readOnlyRootFilesystem: true } },
  ],
};

const running = (spec: Fields, startTime: string, status: Fields = {}): Fields => {
  const pod = aPodOf({ kind: 'StatefulSet', spec: { nodeName: 'n', ...HARDENED, ...spec }, startTime });
  const state = { running: { startedAt: startTime } };
  return {
    ...pod,
    status: { ...(pod['status'] as Fields), containerStatuses: [{ name: 'app', state, ...status }] },
  };
};

const NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n', uid: 'n', labels: { 'kubernetes.io/os': 'linux' } },
};
/** Its controller is on; whether each node enforces policies is a matter of its agent. */
const SETTINGS = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'amazon-vpc-cni', namespace: 'kube-system', uid: 's' },
  data: { 'enable-network-policy-controller': 'true' },
};

const LONG_AGO = '2026-01-01T00:00:00Z';
const TODAY = '2026-11-21T11:00:00Z';

async function of(kind: string, objects: readonly Fields[]): Promise<readonly Finding[]> {
  return (await audited([NODE, SETTINGS, ...objects], ['--complete'])).filter(
    ({ cause }) => cause?.kind === kind,
  );
}

/** What the command does of a pod: the pods go, and the controller makes others from its template. */
const replaced = (spec: Fields, status?: Fields): Fields => running(spec, TODAY, status);

const folder = mkdtempSync(join(tmpdir(), 'fixes-'));
const measuring = join(folder, 'audit.config.yaml');
beforeAll(() => writeFileSync(measuring, 'measure: { writableLayer: kubelet }\n'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a command of a fix, carried out, removes what it was made for', () => {
  test('a restart removes the age of pods and of containers', async () => {
    const before = await of('not-restarted', [running({}, LONG_AGO)]);
    expect(before.map(({ check }) => check).toSorted()).toEqual(['container-too-old', 'pod-too-old']);
    expect(new Set(before.map(({ fix }) => fix?.command))).toEqual(
      new Set(['kubectl -n shop rollout restart statefulsets.apps/web']),
    );
    expect(await of('not-restarted', [replaced({})])).toEqual([]);
  });

  test('a pod that is deleted takes its debug container with it', async () => {
    const attached = { ephemeralContainers: [{ name: 'debugger', image: 'busybox:1.36' }] };
    const before = await of('debug-left', [running(attached, TODAY)]);
    expect(before.map(({ check }) => check)).toContain('debug-container-attached');
    expect(before[0]?.fix?.command).toBe('kubectl -n shop delete pod web-0');
    expect(await of('debug-left', [replaced({})])).toEqual([]);
  });

  test('an image that is pinned to what runs is no longer mutable', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const image = (name: string): Fields => ({
      containers: [{ ...(HARDENED['containers'] as Fields[])[0], image: name }],
    });
    const status = { imageID: `registry.example.com/app@${digest}` };
    const [before] = await of('image-behind', [
      running(image('registry.example.com/app:latest'), TODAY, status),
    ]);
    const pinned = /registry\.example\.com\/app(?::latest)?@sha256:a{64}/.exec(before?.fix?.text ?? '')?.[0];
    expect(pinned).toBeDefined();
    expect(await of('image-behind', [replaced(image(pinned ?? ''), status)])).toEqual([]);
  });

  test('an agent that enforces policies removes what was open although it was closed', async () => {
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'closed', namespace: 'shop', uid: 'c' },
      spec: { podSelector: {}, policyTypes: ['Egress'], egress: [] },
    };
    const agent = (enabled: boolean): Fields => ({
      ...aPodOf({
        kind: 'DaemonSet',
        name: 'aws-node',
        namespace: 'kube-system',
        spec: {
          nodeName: 'n',
          hostNetwork: true,
          containers: [
            { name: 'aws-node', image: 'x/amazon-k8s-cni:v1.21.1' },
            {
              name: 'aws-eks-nodeagent',
              image: 'x/amazon/aws-network-policy-agent:v1.2.7',
              args: [`--enable-network-policy=${enabled}`],
            },
          ],
        },
      }),
    });
    const before = await of('policy-not-enforced', [policy, agent(false), running({}, TODAY)]);
    expect(before.map(({ check }) => check)).toContain('egress-policy-not-enforced');
    expect(before[0]?.fix?.text).toMatch(/enable/i);
    expect(await of('policy-not-enforced', [policy, agent(true), replaced({})])).toEqual([]);
  });

  test('a pod that is replaced has the layer of its image again', async () => {
    const layer = (usedBytes: number, time: string): Fields => ({
      node: { nodeName: 'n' },
      pods: [
        {
          podRef: { namespace: 'shop', name: 'web-0' },
          containers: [{ name: 'app', rootfs: { time, usedBytes, inodesUsed: 412 } }],
        },
      ],
    });
    const measured = async (objects: readonly Fields[]) =>
      (await audited([NODE, SETTINGS, ...objects], ['--complete', '--config', measuring])).filter(
        ({ cause }) => cause?.kind === 'drifted',
      );
    const before = await measured([running({}, LONG_AGO), layer(50_331_648, '2026-11-21T11:30:00Z')]);
    expect(before.map(({ check }) => check)).toEqual(['writable-layer-drifted']);
    expect(before[0]?.fix?.command).toBe('kubectl -n shop delete pod web-0');
    expect(await measured([replaced({}), layer(8192, '2026-11-21T11:30:00Z')])).toEqual([]);
  });

  test('a Sidecar that registers its destinations closes what the mesh let out', async () => {
    const sidecar = (mode: string): Fields => ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'Sidecar',
      metadata: { name: 'default', namespace: 'shop', uid: 's' },
      spec: { outboundTrafficPolicy: { mode } },
    });
    const proxied = {
      containers: [
        ...(HARDENED['containers'] as Fields[]),
        { name: 'istio-proxy', image: 'istio/proxyv2:1.30' },
      ],
    };
    const before = await of('mesh-open', [running(proxied, TODAY), sidecar('ALLOW_ANY')]);
    expect(before.map(({ check }) => check)).toEqual(['mesh-allows-any']);
    expect(before[0]?.fix?.text).toContain('REGISTRY_ONLY');
    expect(await of('mesh-open', [replaced(proxied), sidecar('REGISTRY_ONLY')])).toEqual([]);
  });
});
