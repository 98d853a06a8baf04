import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startApiServer } from '../support/kube-server/api-server.ts';
import { run } from './run.ts';

const NOW = '2026-11-21T12:00:00Z';
const UNNAMED = 'a value that decides about no policy';

const pod = (namespace: string, name: string, spec: object, owner: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, uid: name, ownerReferences: [{ ...owner, uid: 'o', controller: true }] },
  spec: { nodeName: 'node-a', ...spec },
  status: { phase: 'Running', containerStatuses: [{ name, state: { running: { startedAt: NOW } } }] },
});

/** A deny-all policy under Cilium, whose ConfigMap enforces it. */
const CLUSTER = [
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-a' },
    status: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] },
  },
  pod(
    'kube-system',
    'cilium-agent',
    { hostNetwork: true, containers: [{ name: 'cilium-agent', image: 'quay.io/cilium/cilium:v1.18.0' }] },
    { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'cilium' },
  ),
  pod(
    'shop',
    'web',
    { containers: [{ name: 'web', image: 'web' }] },
    { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web' },
  ),
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cilium-config', namespace: 'kube-system' },
    data: { 'enable-policy': 'default' },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'deny', namespace: 'shop' },
    spec: { podSelector: {}, policyTypes: ['Egress'] },
  },
];

const nodeConfig = (defaults: unknown) => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNodeConfig',
  metadata: { name: 'migrating', namespace: 'kube-system' },
  spec: { nodeSelector: {}, defaults },
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cilium-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Document {
  readonly run: object;
  readonly notEvaluated: readonly { readonly check: string; readonly message: string }[];
}

/** The audit of a cluster, and that of a snapshot of it. */
async function auditBoth(
  objects: readonly object[],
  deny: readonly { readonly resource: string }[] = [],
): Promise<{ readonly live: Document; readonly written: Document; readonly snapshot: string }> {
  const server = await startApiServer({ objects: [...CLUSTER, ...objects], deny });
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(
    kubeconfig,
    `apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: "${server.url}"}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {}}]\n`,
  );
  const path = join(folder, 'one.snapshot');
  const audit = async (...argv: readonly string[]): Promise<Document> =>
    JSON.parse((await run(['audit', '-o', 'json', '--fail-on', 'never', ...argv])).stdout);
  try {
    const taken = await run(['snapshot', '--out', path, '--kubeconfig', kubeconfig, '--now', NOW]);
    expect(taken.code).toBe(deny.length === 0 ? 0 : 3);
    const live = await audit('--kubeconfig', kubeconfig, '--now', NOW);
    const written = await audit('--snapshot', path);
    return { live, written, snapshot: gunzipSync(readFileSync(path)).toString() };
  } finally {
    await server.close();
  }
}

const openOf = ({ notEvaluated }: Document, check: string): readonly string[] =>
  notEvaluated.filter((row) => row.check === check).map(({ message }) => message);

describe('a CiliumNodeConfig of a live cluster', () => {
  test.each<[string, readonly object[], readonly { readonly resource: string }[], RegExp | null]>([
    ['is not there', [], [], null],
    ['decides about no policy', [nodeConfig({ debug: UNNAMED })], [], null],
    [
      'disables policies',
      [nodeConfig({ 'enable-policy': 'never', debug: UNNAMED })],
      [],
      /CiliumNodeConfig kube-system\/migrating sets enable-policy on some nodes/,
    ],
    ['is not understood', [nodeConfig(UNNAMED)], [], /list of CiliumNodeConfigs cannot be understood/],
    [
      'may not be listed',
      [nodeConfig({ debug: UNNAMED })],
      [{ resource: 'ciliumnodeconfigs' }],
      /list of CiliumNodeConfigs may not be read/,
    ],
  ])(
    'a CiliumNodeConfig that %s never leads to an unproven pass, live or from a snapshot',
    async (_, objects, deny, why) => {
      const { live, written, snapshot } = await auditBoth(objects, deny);
      expect(openOf(live, 'egress-unrestricted')).toEqual(
        why === null ? [] : ['Whether Cilium enforces NetworkPolicy shop/deny is not known.'],
      );
      expect(openOf(live, 'egress-policy-not-enforced')).toEqual(
        why === null ? [] : [expect.stringMatching(why)],
      );
      expect(written).toEqual(live);
      expect(snapshot).not.toContain(UNNAMED);
    },
  );
});
