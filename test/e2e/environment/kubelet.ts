import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ApiClient, KubernetesObject, ListPage } from './api-client.ts';

/** A kubelet that only serves the Summary API, over TLS and with a kubelet's own authorization. */
export interface Kubelet {
  readonly nodeName: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface KubeletOptions {
  readonly nodeName: string;
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string };
  /** Asks the API server who a caller is and what it may do, and which pods run here. */
  readonly api: ApiClient;
  readonly usage: WritableLayerUsage;
}

export interface WritableLayer {
  readonly bytes: number;
  readonly inodes: number;
}

/**
 * What was measured in a container's writable layer; undefined when nothing was yet, which the
 * kubelet shows by leaving `rootfs` out.
 */
export type WritableLayerUsage = (container: {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}) => WritableLayer | undefined;

interface Caller {
  readonly username: string;
  readonly groups?: readonly string[];
  readonly uid?: string;
}

const UNAUTHENTICATED: Answer = { status: 401, body: 'Unauthorized' };

interface Answer {
  readonly status: number;
  readonly body: string | object;
}

export async function startKubelet(options: KubeletOptions): Promise<Kubelet> {
  const server = createServer(
    // As a kubelet with --client-ca-file: a client certificate is taken, and not required.
    { ...options.tls, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      answer(request, options)
        .catch((error: unknown): Answer => ({ status: 500, body: String(error) }))
        .then(({ status, body }) => {
          response.statusCode = status;
          if (typeof body === 'string') {
            response.end(body);
          } else {
            response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
          }
        });
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    nodeName: options.nodeName,
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(request: IncomingMessage, options: KubeletOptions): Promise<Answer> {
  const path = new URL(request.url ?? '/', 'https://kubelet').pathname;
  const caller = await authenticate(request, options.api);
  if (caller === undefined) {
    return UNAUTHENTICATED;
  }
  // /stats/* is the subresource nodes/stats; everything that is not named apart is nodes/proxy.
  // https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/
  const subresource = path.startsWith('/stats/') ? 'stats' : 'proxy';
  if (!(await mayGet(caller, subresource, options))) {
    const body = `Forbidden (user=${caller.username}, verb=get, resource=nodes, subresource(s)=[${subresource}])`;
    return { status: 403, body };
  }
  return path === '/stats/summary'
    ? { status: 200, body: await summary(options) }
    : { status: 404, body: '404 page not found' };
}

async function authenticate(request: IncomingMessage, api: ApiClient): Promise<Caller | undefined> {
  const socket = request.socket as TLSSocket;
  if (socket.authorized) {
    const { subject } = socket.getPeerCertificate();
    const groups = subject.O === undefined ? [] : [subject.O].flat();
    return { username: String(subject.CN), groups };
  }
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) {
    return undefined;
  }
  const review = await create(api, '/apis/authentication.k8s.io/v1/tokenreviews', { token });
  return review.authenticated === true ? (review.user as Caller) : undefined;
}

async function mayGet(caller: Caller, subresource: string, options: KubeletOptions): Promise<boolean> {
  const resourceAttributes = {
    verb: 'get',
    version: 'v1',
    resource: 'nodes',
    subresource,
    name: options.nodeName,
  };
  const review = await create(options.api, '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    user: caller.username,
    groups: caller.groups ?? [],
    resourceAttributes,
  });
  return review.allowed === true;
}

/** Creates a review and returns its status. */
async function create(api: ApiClient, path: string, spec: object): Promise<Record<string, unknown>> {
  const kind = path.endsWith('tokenreviews') ? 'TokenReview' : 'SubjectAccessReview';
  const [, , group, version] = path.split('/');
  const content = { apiVersion: `${group}/${version}`, kind, spec };
  const { status, body } = await api.request('POST', path, { contentType: 'application/json', content });
  if (status !== 201) {
    throw new Error(`${kind} failed: ${JSON.stringify(body)}`);
  }
  return (body as { status: Record<string, unknown> }).status;
}

/**
 * The Summary API's answer, reduced to what names pods and measures containers.
 * https://github.com/kubernetes/kubelet/blob/v0.36.3/pkg/apis/stats/v1alpha1/types.go
 */
async function summary({ api, nodeName, usage }: KubeletOptions): Promise<object> {
  const selector = encodeURIComponent(`spec.nodeName=${nodeName},status.phase=Running`);
  const { body } = await api.request('GET', `/api/v1/pods?fieldSelector=${selector}`);
  return {
    node: { nodeName },
    pods: (body as ListPage).items.map((pod) => podStats(pod, usage)),
  };
}

interface PodStatus {
  readonly startTime?: string;
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly ephemeralContainerStatuses?: readonly ContainerStatus[];
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: { readonly running?: { readonly startedAt: string } };
}

function podStats(pod: KubernetesObject, usage: WritableLayerUsage): object {
  const status = pod.status as PodStatus;
  const { name, namespace = '', uid } = pod.metadata;
  const running = [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? []),
  ].filter((container) => container.state?.running !== undefined);
  return {
    podRef: { name, namespace, uid },
    startTime: status.startTime,
    containers: running.map((container) => ({
      name: container.name,
      startTime: container.state?.running?.startedAt,
      ...rootfs(usage({ namespace, pod: name, container: container.name })),
    })),
  };
}

function rootfs(layer: WritableLayer | undefined): object {
  if (layer === undefined) {
    return {};
  }
  const time = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  return { rootfs: { time, usedBytes: layer.bytes, inodesUsed: layer.inodes } };
}
