import type { Labels } from '../inventory/names.ts';
import type { PolicyObject } from '../inventory/policy-object.ts';
import {
  type Fields,
  labelMap,
  MalformedObject,
  optionalString,
  requiredObject,
  requiredString,
} from './fields.ts';

/** Name and labels of any object. */
export interface ObjectMeta {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
}

/** @throws MalformedObject when the object has no usable metadata. */
export function readMeta(object: Fields): ObjectMeta {
  const metadata = requiredObject(object['metadata'], 'metadata');
  return {
    namespace: optionalString(metadata['namespace'], 'metadata.namespace') ?? '',
    name: requiredString(metadata['name'], 'metadata.name'),
    labels: labelMap(metadata['labels'], 'metadata.labels'),
  };
}

/**
 * As {@link readMeta}, of an object that a server sent and that belongs to a namespace.
 * @throws MalformedObject also when it does not say to which
 */
export function readNamespacedMeta(object: Fields): ObjectMeta {
  const meta = readMeta(object);
  if (meta.namespace === '') throw new MalformedObject('metadata.namespace is missing');
  return meta;
}

/**
 * Reads a policy that a server sent in a list of its kind.
 * @throws MalformedObject also when it is of another kind, or of no namespace though its kind has them
 */
export function readListedPolicy(object: Fields, type: PolicyType): PolicyObject {
  for (const field of ['kind', 'apiVersion'] as const) {
    const said = optionalString(object[field], field) ?? type[field];
    if (said !== type[field]) throw new MalformedObject(`${field} is ${JSON.stringify(said.slice(0, 80))}`);
  }
  if (type.namespaced) readNamespacedMeta(object);
  return readPolicy(object, type);
}

export interface PolicyType {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** Keeps a policy's spec as it is: what it means is for the evaluation of its kind to say. */
export function readPolicy(object: Fields, { apiVersion, kind, namespaced }: PolicyType): PolicyObject {
  const meta = readMeta(object);
  const isKept = apiVersion.startsWith('crd.projectcalico.org/');
  const { name, labels } = isKept ? inCalico(object, meta, kind) : meta;
  return {
    apiVersion,
    kind,
    namespace: namespaced ? meta.namespace || 'default' : '',
    name,
    labels,
    spec: object['spec'],
    ...(object['specs'] === undefined ? {} : { specs: object['specs'] }),
  };
}

type NameAndLabels = Pick<ObjectMeta, 'name' | 'labels'>;

/**
 * Calico keeps the labels of an object of its API in an annotation of the custom resource, and the
 * name of a policy, which in the tier `default` it may have kept under a longer one
 * (`ConvertK8sResourceToCalicoResource`, libcalico-go/lib/backend/k8s/resources/resources.go). What is
 * wrong there is left out, and so unknown to the evaluation.
 */
function inCalico(object: Fields, { name, labels }: ObjectMeta, kind: string): NameAndLabels {
  const kept = keptMetadata(object);
  const own = kept?.['name'];
  const known = typeof own === 'string' && own !== '' ? own : withoutTier(name, object);
  return { name: kind.endsWith('Policy') ? known : name, labels: { ...labels, ...labelsOf(kept) } };
}

function keptMetadata(object: Fields): Fields | null {
  const annotations = (object['metadata'] as { annotations?: unknown }).annotations;
  const text = (annotations as Fields | null | undefined)?.['projectcalico.org/metadata'];
  if (typeof text !== 'string') return null;
  try {
    return requiredObject(JSON.parse(text), 'metadata');
  } catch {
    return null;
  }
}

function labelsOf(kept: Fields | null): Labels {
  try {
    return labelMap(kept?.['labels'], 'labels');
  } catch {
    return {};
  }
}

/** `determinePolicyName`. */
function withoutTier(name: string, object: Fields): string {
  const tier = (object['spec'] as { tier?: unknown } | null | undefined)?.tier ?? '';
  return tier === '' || tier === 'default' ? name.replace(/^default\./, '') : name;
}

/** How a broken object is named, as well as it can be. */
export interface BrokenName {
  /** `null`: it may be of any. */
  readonly namespace: string | null;
  readonly kind: string;
  readonly name: string;
}

/** @param unsaid the namespace of an object that names none: a manifest's is `default`, a server always says it */
export function nameOf(value: unknown, kind: string, unsaid: 'default' | null = 'default'): BrokenName {
  const found = (value as { readonly metadata?: unknown } | null)?.metadata;
  const isReadable = typeof found === 'object' && found !== null && !Array.isArray(found);
  const metadata = isReadable ? (found as Fields) : null;
  const text = (part: unknown): string | null => (typeof part === 'string' && part ? part : null);
  const isUnsaid = metadata !== null && (metadata['namespace'] ?? '') === '';
  return {
    namespace: text(metadata?.['namespace']) ?? (isUnsaid ? unsaid : null),
    kind,
    name: text(metadata?.['name']) ?? '(without name)',
  };
}

export function asFields(value: unknown): Fields {
  return requiredObject(value, 'the object');
}

export { MalformedObject };
