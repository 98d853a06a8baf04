import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import type { ApiClient } from './api-client.ts';
import { summary, type WritableLayerUsage } from './kubelet-summary.ts';

/** A kubelet that only serves the Summary API, over TLS and with a kubelet's own authorization. */
export interface Kubelet {
  readonly nodeName: string;
  readonly port: number;
  /** How many requests came so far, whatever became of them. */
  readonly requests: () => number;
  /** From now on it answers like this. */
  behave(behaviour: KubeletBehaviour): Promise<void>;
  close(): Promise<void>;
}

/**
 * What a kubelet may do instead of answering as it should:
 *
 * - `slow`: nothing comes until the other side gives up;
 * - `trickling`: the body comes piece by piece, so that it would take minutes;
 * - `cut`: the connection ends in the middle of the body;
 * - `huge`: the body is larger than any node's;
 * - `nonsense`: 200 with what is not a summary;
 * - `unauthorized`, `forbidden`, `failing`: 401, 403, 500 to everybody;
 * - `strange-authority`: its certificate is signed by another authority;
 * - `strange-address`: its certificate is the cluster's, for another address;
 * - `gone`: nothing listens at its port.
 */
export type KubeletBehaviour =
  | 'usual'
  | 'slow'
  | 'trickling'
  | 'cut'
  | 'huge'
  | 'nonsense'
  | 'unauthorized'
  | 'forbidden'
  | 'failing'
  | 'strange-authority'
  | 'strange-address'
  | 'gone';

export interface KubeletOptions {
  readonly nodeName: string;
  readonly tls: KeyPair & { readonly ca: string };
  /** What it shows when it has a certificate that nobody should trust. */
  readonly strange: { readonly authority: KeyPair; readonly address: KeyPair };
  /** Asks the API server who a caller is and what it may do, and which pods run here. */
  readonly api: ApiClient;
  readonly usage: WritableLayerUsage;
  /** Windows does not count files. */
  readonly countsInodes: boolean;
}

interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

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
  let behaviour: KubeletBehaviour = 'usual';
  let requests = 0;
  const server = createServer(
    // As a kubelet with --client-ca-file: a client certificate is taken, and not required.
    { ...options.tls, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      requests++;
      answer(request, options)
        .catch((error: unknown): Answer => ({ status: 500, body: String(error) }))
        .then((usual) => send(response, usual, behaviour))
        // The other side may have given up.
        .catch(() => response.destroy());
    },
  );
  // A connection that waits is no fault of it, however long a busy machine takes.
  server.keepAliveTimeout = 0;
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const unlisten = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    nodeName: options.nodeName,
    port,
    requests: () => requests,
    behave: async (next) => {
      if ((next === 'gone') !== (behaviour === 'gone')) {
        await (next === 'gone' ? unlisten() : listen(port));
      }
      behaviour = next;
      server.setSecureContext({ ...options.tls, ...shownInstead(next, options) });
      // Whoever is connected has seen the certificate that it had.
      server.closeAllConnections();
    },
    close: async () => {
      if (server.listening) {
        await unlisten();
      }
    },
  };
}

function shownInstead(behaviour: KubeletBehaviour, { strange }: KubeletOptions): KeyPair | undefined {
  switch (behaviour) {
    case 'strange-authority':
      return strange.authority;
    case 'strange-address':
      return strange.address;
    default:
      return undefined;
  }
}

async function send(response: ServerResponse, usual: Answer, behaviour: KubeletBehaviour): Promise<void> {
  const { status, body } = INSTEAD[behaviour] ?? usual;
  // As the kubelet does, which prints its answers for people.
  const text = typeof body === 'string' ? body : JSON.stringify(body, undefined, 1);
  response.statusCode = status;
  response.setHeader('content-type', typeof body === 'string' ? 'text/plain' : 'application/json');
  switch (behaviour) {
    case 'slow':
      return;
    case 'trickling':
      for (const character of text) {
        response.write(character);
        await sleep(TRICKLE_EVERY, undefined, { ref: false });
        if (response.destroyed) {
          return;
        }
      }
      break;
    case 'cut':
      response.setHeader('content-length', Buffer.byteLength(text));
      response.write(text.slice(0, text.length / 2), () => response.destroy());
      return;
    case 'huge':
      response.end(' '.repeat(HUGE) + text);
      return;
    default:
      response.end(text);
  }
}

const TRICKLE_EVERY = 100;
const HUGE = 17 * 1024 * 1024;

/** Answers that do not depend on the question. */
const INSTEAD: Partial<Record<KubeletBehaviour, Answer>> = {
  nonsense: { status: 200, body: { kind: 'Status', message: 'this is not a summary' } },
  unauthorized: UNAUTHENTICATED,
  forbidden: {
    status: 403,
    body: 'Forbidden (user=somebody, verb=get, resource=nodes, subresource(s)=[stats])',
  },
  failing: { status: 500, body: 'Internal Error: failed to list pod stats: failed to list all containers' },
};

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
