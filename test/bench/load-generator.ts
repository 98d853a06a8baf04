import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { anAuthority } from '../support/certificates.ts';
import { syntheticPods } from './data/cluster.ts';
import { type SmallList, smallLists } from './data/small-lists.ts';
import { serveKubelets } from './kubelets/serve-kubelets.ts';
import { parsePods } from './parse-pods.ts';

/**
 * An API server of a synthetic cluster, as a process of its own: HTTPS with a certificate made at start,
 * lists in pages, pods in JSON and protobuf. It writes one line of JSON when it listens, and ends with its
 * standard input.
 *
 * `load-generator.ts --pods 100k [--kubelets]`
 */
const { values } = parseArgs({
  options: { pods: { type: 'string', default: '1k' }, kubelets: { type: 'boolean', default: false } },
});
const count = parsePods(values.pods);
const pods = { json: syntheticPods('json', count), protobuf: syntheticPods('protobuf', count) };
const lists: Record<string, SmallList> = { ...smallLists(count) };

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
/** Pages of more than this would not fit into one buffer at any size of pod. */
const MAX_LIMIT = 50_000;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'https://localhost');
  const accept = request.headers.accept ?? '';
  const limit = Math.min(Number(url.searchParams.get('limit') ?? MAX_LIMIT) || MAX_LIMIT, MAX_LIMIT);
  const from = Number(url.searchParams.get('continue') ?? 0);
  const small = lists[url.pathname];
  if (url.pathname === '/api/v1/pods') {
    const encoding = accept.startsWith(PROTOBUF) ? 'protobuf' : 'json';
    const to = Math.min(from + limit, count);
    const body = pods[encoding].page(from, to, metaOf(to, count));
    send(response, { body, type: encoding === 'json' ? 'application/json' : PROTOBUF });
  } else if (small)
    sendList(response, small, { from, limit, partial: accept.includes('PartialObjectMetadata') });
  else if (Object.hasOwn(DISCOVERY, url.pathname)) sendJson(response, DISCOVERY[url.pathname]);
  else
    send(response, {
      status: 404,
      body: Buffer.from('404 page not found\n'),
      type: 'text/plain; charset=utf-8',
    });
}

function metaOf(to: number, total: number) {
  const left = total - to;
  return { resourceVersion: '1000', ...(left > 0 ? { continue: String(to), remainingItemCount: left } : {}) };
}

/** What kubectl asks before it lists pods. */
const DISCOVERY: Readonly<Record<string, object>> = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
  '/api/v1': {
    kind: 'APIResourceList',
    groupVersion: 'v1',
    resources: [
      {
        name: 'pods',
        singularName: 'pod',
        namespaced: true,
        kind: 'Pod',
        verbs: ['get', 'list'],
        shortNames: ['po'],
      },
    ],
  },
  '/version': { major: '1', minor: '36', gitVersion: 'v1.36.0-eks-0000000' },
};

function sendList(
  response: ServerResponse,
  list: SmallList,
  { from, limit, partial }: { from: number; limit: number; partial: boolean },
): void {
  const to = Math.min(from + limit, list.count);
  const items = Array.from({ length: to - from }, (_, index) => list.item(from + index));
  const type = partial
    ? { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' }
    : { kind: `${list.kind}List`, apiVersion: list.apiVersion };
  sendJson(response, { ...type, metadata: metaOf(to, list.count), items });
}

function sendJson(response: ServerResponse, body: unknown): void {
  send(response, { body: Buffer.from(JSON.stringify(body)), type: 'application/json' });
}

function send(
  response: ServerResponse,
  { status = 200, body, type }: { status?: number; body: Buffer; type: string },
): void {
  response.writeHead(status, { 'content-type': type, 'content-length': body.length });
  response.end(body);
}

const authority = await anAuthority('load generator');
const { key, cert } = await authority.issue({ commonName: 'kube-apiserver' });
if (values.kubelets) {
  const nodes = lists['/api/v1/nodes'] as SmallList;
  const kubelets = await serveKubelets(authority, count);
  lists['/api/v1/nodes'] = {
    ...nodes,
    item: (index) => ({ ...nodes.item(index), ...kubelets.statusOf(index) }),
  };
}
const server = createServer({ key, cert }, answer);
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(
    `${JSON.stringify({ server: `https://127.0.0.1:${port}`, ca: authority.ca, pods: count })}\n`,
  );
});
process.stdin.on('end', () => process.exit(0)).resume();
