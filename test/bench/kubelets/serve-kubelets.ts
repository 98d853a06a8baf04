import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Authority } from '../../support/certificates.ts';
import { syntheticPods } from '../data/cluster.ts';
import { NOW, nodeCount, nodeName } from '../data/values.ts';
import type { JsonObject } from '../encoding/encode.ts';
import stats from './pod-stats.json' with { type: 'json' };

/** Nodes whose addresses are in one certificate. */
const GROUP = 25;

interface OwnPod {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly nodeName: string; readonly containers: readonly { readonly name: string }[] };
}

export interface Kubelets {
  /** What the node's object says besides its metadata. */
  statusOf(node: number): JsonObject;
}

/** Kubelets of all nodes, each at its own address of loopback, with certificates of the cluster. */
export async function serveKubelets(authority: Authority, pods: number): Promise<Kubelets> {
  const summaries = summariesOf(pods);
  const ports: number[] = [];
  const groups = Math.ceil(nodeCount(pods) / GROUP);
  for (let group = 0; group < groups; group++) {
    const addresses = Array.from({ length: GROUP }, (_, index) => addressOf(group * GROUP + index));
    const issued = await authority.issue({
      commonName: 'system:node',
      names: addresses.map((value) => ({ type: 'ip' as const, value })),
    });
    const server = createServer(issued, (request, response) => {
      answer(request, response, summaries);
    });
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    ports.push((server.address() as AddressInfo).port);
  }
  return {
    statusOf: (node) => ({
      status: {
        addresses: [{ type: 'InternalIP', address: addressOf(node) }],
        conditions: [{ type: 'Ready', status: 'True' }],
        daemonEndpoints: { kubeletEndpoint: { Port: ports[Math.floor(node / GROUP)] as number } },
        // As many as kubelets report (nodeStatusMaxImages).
        images: Array.from({ length: 50 }, (_, index) => ({
          names: [
            `111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/service-${index}@sha256:${'0'.repeat(64)}`,
          ],
          sizeBytes: 100_000_000 + index,
        })),
      },
    }),
  };
}

const addressOf = (node: number): string => `127.1.${1 + Math.floor(node / GROUP)}.${1 + (node % GROUP)}`;

function nodeAt(address: string): number {
  const [, , group = 1, index = 1] = address.replace('::ffff:', '').split('.').map(Number);
  return (group - 1) * GROUP + index - 1;
}

function answer(
  { socket }: IncomingMessage,
  response: ServerResponse,
  summaries: ReadonlyMap<string, readonly string[]>,
): void {
  const name = nodeName(nodeAt(socket.localAddress ?? ''));
  const pods = summaries.get(name) ?? [];
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(`{\n "node": {\n  "nodeName": "${name}"\n },\n "pods": [\n${pods.join(',\n')}\n ]\n}`);
}

/** By name of the node, as a kubelet v1.36 told of one pod with one container, indented as kubelets do. One container in two thousand has drifted. */
function summariesOf(pods: number): ReadonlyMap<string, readonly string[]> {
  const byNode = new Map<string, string[]>();
  const source = syntheticPods('json', pods);
  let count = 0;
  for (let from = 0; from < pods; from += 500) {
    const page = source.page(from, Math.min(from + 500, pods), { resourceVersion: '1' });
    for (const { metadata, spec } of JSON.parse(page.toString()).items as readonly OwnPod[]) {
      const [container] = stats.containers;
      const containers = spec.containers.map(({ name }) => ({
        ...container,
        name,
        rootfs: {
          ...container?.rootfs,
          time: new Date(NOW - 5000).toISOString().replace('.000', ''),
          usedBytes: count++ % 2000 === 0 ? 50_331_648 : 57_344,
        },
      }));
      const podRef = { ...stats.podRef, name: metadata.name, namespace: metadata.namespace };
      const known = byNode.get(spec.nodeName) ?? [];
      known.push(JSON.stringify({ ...stats, podRef, containers }, undefined, 1));
      byNode.set(spec.nodeName, known);
    }
  }
  return byNode;
}
