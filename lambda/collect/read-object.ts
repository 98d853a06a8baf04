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

/** Keeps a policy's spec as it is: what it means is for the evaluation of its kind to say. */
export function readPolicy(object: Fields, type: { apiVersion: string; kind: string }): PolicyObject {
  const meta = readMeta(object);
  return { ...type, ...meta, namespace: meta.namespace || 'default', spec: object['spec'] };
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
