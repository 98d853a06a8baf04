import { instant, type Json } from './kubernetes.ts';

/**
 * Lists that are merged by key and so are tracked item by item; all others are tracked as a whole.
 * Source: the `listMapKeys` of core/v1, https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
 */
const LIST_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  env: ['name'],
  // Of a container and of a Service.
  ports: ['containerPort', 'port', 'protocol'],
  volumeMounts: ['mountPath'],
  volumes: ['name'],
  conditions: ['type'],
  ownerReferences: ['uid'],
  podIPs: ['ip'],
};

/** Maps that are replaced as a whole. */
const ATOMIC = new Set([
  'nodeSelector',
  'selector',
  'podSelector',
  'fieldRef',
  'secretKeyRef',
  'configMapKeyRef',
]);

/** Required fields: that they exist belongs to nobody, so they carry no `.` entry. */
const ALWAYS_THERE = new Set(['', 'metadata', 'spec', 'status', 'template', 'containers', 'conditions']);

/** Who set which fields of an object, as the API server records it in `metadata.managedFields`. */
export interface Manager {
  readonly manager: string;
  readonly apiVersion: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The part of the object that this manager set. */
  readonly fields: Json;
  readonly subresource?: string;
  readonly operation?: 'Apply' | 'Update';
}

/** One entry of `metadata.managedFields`. It is often the largest part of a pod, and no check reads it. */
export function managedBy(manager: Manager): Json {
  const entry = {
    apiVersion: manager.apiVersion,
    fieldsType: 'FieldsV1',
    fieldsV1: fieldsOf(manager.fields, ''),
    manager: manager.manager,
    operation: manager.operation ?? 'Update',
    time: instant(manager.at),
  };
  return manager.subresource === undefined ? entry : { ...entry, subresource: manager.subresource };
}

function fieldsOf(value: unknown, field: string): Json {
  if (Array.isArray(value)) return fieldsOfList(value, field);
  if (typeof value !== 'object' || value === null || ATOMIC.has(field)) return {};
  const entries = Object.entries(value);
  if (entries.length === 0) return {};
  return {
    ...itself(field),
    ...Object.fromEntries(entries.map(([name, inner]) => [`f:${name}`, fieldsOf(inner, name)])),
  };
}

function fieldsOfList(items: readonly Json[], field: string): Json {
  const keys = LIST_KEYS[field];
  if (keys === undefined || items.length === 0) return {};
  const entries = items.map((item) => {
    const key = Object.fromEntries(keys.filter((name) => name in item).map((name) => [name, item[name]]));
    return [`k:${JSON.stringify(key)}`, { '.': {}, ...fieldsOf(item, '') }];
  });
  return { ...itself(field), ...Object.fromEntries(entries) };
}

const itself = (field: string): Json => (ALWAYS_THERE.has(field) ? {} : { '.': {} });
