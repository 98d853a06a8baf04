import type { Labels, PolicyObject } from '../inventory/model.ts';
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
export function nameOf(value: unknown, kind: string): { namespace: string; kind: string; name: string } {
  const metadata = (value as { metadata?: { namespace?: unknown; name?: unknown } } | null)?.metadata;
  const text = (part: unknown, otherwise: string): string =>
    typeof part === 'string' && part ? part : otherwise;
  return {
    namespace: text(metadata?.namespace, 'default'),
    kind,
    name: text(metadata?.name, '(without name)'),
  };
}

export function asFields(value: unknown): Fields {
  return requiredObject(value, 'the object');
}

export { MalformedObject };
