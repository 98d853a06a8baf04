import { Agent, request } from 'undici';

/** Any Kubernetes object, as sent to and read from the API server. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly [field: string]: unknown;
}

export interface ListPage {
  readonly metadata: { readonly continue?: string; readonly remainingItemCount?: number };
  readonly items: readonly KubernetesObject[];
}

export interface ApiResponse {
  readonly status: number;
  /** The parsed body; a `Status` object when the API server refuses. */
  readonly body: unknown;
}

export type ApiCredentials =
  | { readonly cert: string; readonly key: string }
  | { readonly token: string }
  | 'anonymous';

/** A Kubernetes client for tests: plain requests, and what users and kubelets do to objects. */
export interface ApiClient {
  /** Any request; every status is an answer, only a broken connection throws. */
  request(method: string, path: string, body?: RequestBody): Promise<ApiResponse>;
  /** Server-side apply, as `kubectl apply --server-side` does it. Answers the stored object. */
  apply(object: KubernetesObject): Promise<KubernetesObject>;
  /** Writes `status`, as kubelets and controllers do. */
  applyStatus(object: KubernetesObject, status: object): Promise<KubernetesObject>;
  /** Patches a subresource such as `ephemeralcontainers`, strategically, as kubectl does. */
  patchSubresource(object: KubernetesObject, name: string, patch: object): Promise<void>;
  delete(object: KubernetesObject): Promise<void>;
  /** Path of an object without its name, found by discovery. */
  collectionPath(object: KubernetesObject): Promise<string>;
  close(): Promise<void>;
}

export interface RequestBody {
  readonly contentType: string;
  readonly content: object;
}

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

const JSON_TYPE = 'application/json';
const APPLY_TYPE = 'application/apply-patch+yaml';

/** Opens a client with one connection pool; `ca` is PEM. */
export function openApiClient(url: string, ca: string, credentials: ApiCredentials): ApiClient {
  const identity = typeof credentials === 'object' && 'cert' in credentials ? credentials : {};
  const bearer = typeof credentials === 'object' && 'token' in credentials ? credentials.token : undefined;
  const dispatcher = new Agent({ connect: { ca, ...identity }, connections: 16 });
  const resources = new Map<string, Promise<readonly ApiResource[]>>();

  const send = async (method: string, path: string, body?: RequestBody): Promise<ApiResponse> => {
    const response = await request(new URL(path, url), {
      method,
      dispatcher,
      headers: {
        accept: JSON_TYPE,
        ...(body === undefined ? {} : { 'content-type': body.contentType }),
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
      body: body === undefined ? null : JSON.stringify(body.content),
    });
    const text = await response.body.text();
    const isJson = String(response.headers['content-type']).startsWith(JSON_TYPE);
    return { status: response.statusCode, body: isJson ? JSON.parse(text) : text };
  };

  const collectionPath = async (object: KubernetesObject): Promise<string> => {
    const prefix = object.apiVersion.includes('/') ? '/apis' : '/api';
    const root = `${prefix}/${object.apiVersion}`;
    let known = resources.get(root);
    if (known === undefined) {
      known = discover(send, root);
      resources.set(root, known);
    }
    const resource = (await known).find(({ kind, name }) => kind === object.kind && !name.includes('/'));
    if (resource === undefined) {
      throw new Error(`The API server has no kind ${object.kind} in ${object.apiVersion}.`);
    }
    const namespace = resource.namespaced ? `/namespaces/${object.metadata.namespace ?? 'default'}` : '';
    return `${root}${namespace}/${resource.name}`;
  };

  const change = async (method: string, object: KubernetesObject, to: Change): Promise<KubernetesObject> => {
    const collection = await collectionPath(object);
    const path = `${collection}/${object.metadata.name}${to.suffix}`;
    const { status, body } = await send(method, path, to.body);
    if (status >= 300) {
      const { kind, metadata } = object;
      throw new Error(
        `${method} ${kind} ${metadata.namespace ?? ''}/${metadata.name}: ${JSON.stringify(body)}`,
      );
    }
    return body as KubernetesObject;
  };

  return {
    request: send,
    collectionPath,
    apply: (object) =>
      change('PATCH', object, {
        suffix: '?fieldManager=kubectl&force=true',
        body: { contentType: APPLY_TYPE, content: object },
      }),
    applyStatus: (object, status) =>
      change('PATCH', object, {
        suffix: '/status?fieldManager=kubelet&force=true',
        body: { contentType: APPLY_TYPE, content: { ...identityOf(object), status } },
      }),
    patchSubresource: async (object, name, patch) => {
      const body = { contentType: 'application/strategic-merge-patch+json', content: patch };
      await change('PATCH', object, { suffix: `/${name}`, body });
    },
    delete: async (object) => {
      await change('DELETE', object, { suffix: '' });
    },
    // Not close(), which waits for answers that a stopped server never gives.
    close: () => dispatcher.destroy(),
  };
}

interface Change {
  readonly suffix: string;
  readonly body?: RequestBody;
}

async function discover(send: ApiClient['request'], root: string): Promise<readonly ApiResource[]> {
  const { status, body } = await send('GET', root);
  if (status !== 200) {
    throw new Error(`The API server does not serve ${root}: ${JSON.stringify(body)}`);
  }
  return (body as { resources: readonly ApiResource[] }).resources;
}

/** What names an object, and nothing else of it. */
function identityOf({ apiVersion, kind, metadata }: KubernetesObject): KubernetesObject {
  const { name, namespace } = metadata;
  return { apiVersion, kind, metadata: namespace === undefined ? { name } : { name, namespace } };
}
