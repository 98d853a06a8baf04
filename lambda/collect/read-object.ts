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
  const { namespace, name, labels } = readMeta(object);
  return {
    apiVersion,
    kind,
    namespace: namespaced ? namespace || 'default' : '',
    name,
    labels: apiVersion.startsWith('crd.projectcalico.org/') ? { ...labels, ...calicoLabels(object) } : labels,
    spec: object['spec'],
    ...(object['specs'] === undefined ? {} : { specs: object['specs'] }),
  };
}

/**
 * Calico keeps the labels of an object of its API in an annotation of the custom resource
 * (`ConvertCalicoResourceToK8sResource`, libcalico-go/lib/backend/k8s/resources/resources.go). What is
 * wrong there is left out, and so unknown to the evaluation.
 */
function calicoLabels(object: Fields): Labels {
  const annotations = (object['metadata'] as { annotations?: unknown }).annotations;
  const text = (annotations as Readonly<Record<string, unknown>> | null | undefined)?.[
    'projectcalico.org/metadata'
  ];
  if (typeof text !== 'string') return {};
  try {
    return labelMap((JSON.parse(text) as { labels?: unknown } | null)?.labels, 'labels');
  } catch {
    return {};
  }
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
