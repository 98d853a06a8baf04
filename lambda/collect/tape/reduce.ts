import type { KubeResponse } from '../../connect/kube/kube-api.ts';
import { parseResourcePath } from '../../connect/kube/status-errors.ts';
import { ReadError } from '../../errors.ts';
import { isSettingKey, SETTING_KEYS } from '../engines/engine-settings.ts';
import { CILIUM_NODE_CONFIGS, NODE_CLASSES } from '../engines/engine-sources.ts';
import { MalformedObject } from '../fields.ts';
import { type AskedList, isObject } from '../http/list-page.ts';
import { createPodReader } from '../pods/pod-reader.ts';
import { reducedMeshConfig } from '../policies/mesh-config.ts';
import { POLICY_KINDS } from '../policies/policy-kinds.ts';
import { SECURITY_GROUP_POLICIES } from '../policies/security-group-policies.ts';
import { VERSION_PATH } from '../server-version.ts';
import { POD_RECORDS } from './format.ts';

/** What is kept of a value: all of it, the fields named, or that of each element. */
type Shape = true | readonly [Shape] | { readonly [field: string]: Shape };

const META: Shape = {
  name: true,
  namespace: true,
  uid: true,
  resourceVersion: true,
  creationTimestamp: true,
  deletionTimestamp: true,
  labels: true,
  ownerReferences: [{ apiVersion: true, kind: true, name: true, uid: true, controller: true }],
};
const LIST_META: Shape = { resourceVersion: true, continue: true, remainingItemCount: true };
const TYPE = { apiVersion: true, kind: true } as const;

const NAMED: Shape = { ...TYPE, metadata: META };
const NODE: Shape = {
  ...TYPE,
  metadata: META,
  status: {
    addresses: [{ type: true, address: true }],
    conditions: [{ type: true, status: true }],
    daemonEndpoints: { kubeletEndpoint: { Port: true } },
  },
};
/** What a kubelet says of the writable layers of its containers. */
const SUMMARY: Shape = {
  node: { nodeName: true },
  pods: [
    {
      podRef: { name: true, namespace: true },
      containers: [{ name: true, rootfs: { time: true, usedBytes: true, inodesUsed: true } }],
    },
  ],
};
const NODE_CLASS: Shape = { ...TYPE, metadata: META, spec: { networkPolicy: true } };
const CILIUM_NODE_CONFIG: Shape = {
  ...TYPE,
  metadata: META,
  spec: { defaults: Object.fromEntries([...SETTING_KEYS].map((key) => [key, true as const])) },
};
/** Calico keeps names and labels in one annotation. */
const POLICY: Shape = {
  ...TYPE,
  metadata: { ...META, annotations: { 'projectcalico.org/metadata': true } },
  spec: true,
  specs: true,
};
const GROUPS: Shape = {
  ...TYPE,
  groups: [
    {
      name: true,
      versions: [{ version: true, groupVersion: true }],
      preferredVersion: { version: true, groupVersion: true },
    },
  ],
};
const RESOURCES: Shape = {
  ...TYPE,
  groupVersion: true,
  resources: [{ name: true, kind: true, namespaced: true, verbs: true }],
};
/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
const STATUS: Shape = {
  ...TYPE,
  status: true,
  message: true,
  reason: true,
  code: true,
  details: { name: true, group: true, kind: true },
};

const POLICIES: ReadonlySet<string> = new Set([
  ...POLICY_KINDS.map(({ plural }) => plural),
  SECURITY_GROUP_POLICIES.resource,
]);

function shapeOfItems(resource: string): Shape {
  if (POLICIES.has(resource)) return POLICY;
  if (resource === 'nodes') return NODE;
  if (resource === CILIUM_NODE_CONFIGS.resource) return CILIUM_NODE_CONFIG;
  return resource === NODE_CLASSES.resource ? NODE_CLASS : NAMED;
}

/** An answer as a snapshot keeps it. */
export interface Reduced {
  readonly status: number;
  readonly contentType: string;
  /** JSON text without a line break; `null`: nothing that anybody reads. */
  readonly body: string | null;
  /** Why it is not the answer to the question. */
  readonly refused?: ReadError;
}

/**
 * Reduces answers to what an audit reads of them: pods to what they are read into, everything else to the fields
 * named here. Text that is no JSON is kept only where it is short, as Go writes it for what it does not know.
 */
export function createReducer(
  annotations: readonly string[] = [],
): (path: string, response: KubeResponse) => Reduced {
  // Which audits will ask for them is not known.
  const pods = createPodReader({ addresses: true, annotations });
  return (path, response) => {
    const { status, contentType } = response;
    const as = (body: string | null): Reduced => ({ status, contentType, body });
    if (status === 200 && isPods(path)) return podsOf(pods, response);
    if (contentType === 'text/plain') return as(JSON.stringify(response.text().slice(0, 200)));
    if (contentType !== 'application/json') return as(null);
    try {
      return as(JSON.stringify(reduced(path, status, response.json())));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return as(null);
    }
  };
}

/** Whether a kubelet is asked, through the proxy of the API server or as if it were. */
export const isStats = (path: string): boolean => path.endsWith('/proxy/stats/summary');

const isPods = (path: string): boolean => {
  const parsed = parseResourcePath(path);
  return parsed?.group === '' && parsed.resource === 'pods';
};

const PODS: AskedList = { what: 'pods', apiVersion: 'v1', kind: 'Pod', aggregated: false };

function podsOf(pods: ReturnType<typeof createPodReader>, response: KubeResponse): Reduced {
  const { status, contentType } = response;
  let page: ReturnType<typeof pods.codec.decode>;
  try {
    page = pods.codec.decode(response, PODS);
  } catch (error) {
    if (error instanceof SyntaxError) return { status, contentType, body: null };
    if (error instanceof ReadError) return { status, contentType, body: null, refused: error };
    throw error;
  }
  const items = page.items.map((item) => {
    try {
      return { pod: pods.read(item) };
    } catch (error) {
      if (!(error instanceof MalformedObject)) throw error;
      return { broken: error.message, name: pods.nameOf(item) };
    }
  });
  return { status, contentType: POD_RECORDS, body: JSON.stringify({ ...page, items }) };
}

function reduced(path: string, status: number, body: unknown): unknown {
  if (status !== 200) return keep(body, STATUS);
  if (path === '/apis') return keep(body, GROUPS);
  if (isStats(path)) return keep(body, SUMMARY);
  if (path === VERSION_PATH) return keep(body, { gitVersion: true });
  if (isObject(body) && body['kind'] === 'APIResourceList') return keep(body, RESOURCES);
  const parsed = parseResourcePath(path);
  if (parsed === null) return keep(body, TYPE);
  if (isObject(body) && body['kind'] === 'ConfigMap') return reducedConfigMap(body, parsed.namespace);
  const item = shapeOfItems(parsed.resource);
  return isObject(body) && 'items' in body
    ? keep(body, { ...TYPE, metadata: LIST_META, items: [item] })
    : keep(body, item);
}

function reducedConfigMap(body: Record<string, unknown>, namespace: string | null): unknown {
  const kept = keep(body, NAMED) as Record<string, unknown>;
  const { data } = body;
  if (!isObject(data)) return { ...kept, ...('data' in body ? { data: keep(data, {}) } : {}) };
  const name = isObject(body['metadata']) ? body['metadata']['name'] : null;
  const mesh = reducedMeshConfig(`${namespace}/${String(name)}`, data);
  if (mesh !== null) return { ...kept, data: mesh };
  return { ...kept, data: Object.fromEntries(Object.entries(data).filter(([key]) => isSettingKey(key))) };
}

/** A value of another form than its shape keeps what it is, since that is what its reader will complain about. */
function keep(value: unknown, shape: Shape): unknown {
  if (shape === true || value === null || value === undefined) return value;
  if (Array.isArray(value)) return isEach(shape) ? value.map((item) => keep(item, shape[0])) : [];
  if (typeof value === 'string') return '';
  if (typeof value !== 'object') return value;
  if (isEach(shape)) return {};
  const found: Record<string, unknown> = {};
  for (const [field, inner] of Object.entries(shape)) {
    if (Object.hasOwn(value, field)) found[field] = keep((value as Record<string, unknown>)[field], inner);
  }
  return found;
}

const isEach = (shape: Exclude<Shape, true>): shape is readonly [Shape] => Array.isArray(shape);
