import type { WorkloadRef } from '../../inventory/names.ts';
import { generatedRef, topOwner } from '../../inventory/operators.ts';
import type { PodRecord } from '../../inventory/pod.ts';
import { serviceAccountOf } from '../../inventory/service-account.ts';
import { withGroup } from '../../inventory/workload.ts';
import { type Fields, labelMap, MalformedObject, optionalString, requiredObject } from '../fields.ts';
import { metadataReaders } from './facts/metadata.ts';
import { controllerIn } from './facts/owner.ts';
import { type PodReading, podRecord } from './facts/pod.ts';
import { type OfReplica, REPLICA, specFacts, TEMPLATE, templateFacts } from './facts/spec.ts';
import { POD_STATUS, POD_STATUS_WITH_ADDRESSES, statusesBy } from './facts/status.ts';

export type { PodReading } from './facts/pod.ts';

/**
 * Reads a Pod (core/v1) as JSON or YAML gave it.
 * @throws MalformedObject when a field that checks read has a wrong shape.
 */
export function readPod(object: Fields, { addresses = false, annotations }: PodReading = {}): PodRecord {
  const metadata = metadataReaders(annotations).ofObject.fromJson(object['metadata'], 'metadata');
  if (metadata.name === '') throw new MalformedObject('metadata.name is missing');
  const template = TEMPLATE.fromJson(object['spec'], 'spec');
  const replica = REPLICA.fromJson(object['spec'], 'spec');
  const statusFields = addresses ? POD_STATUS_WITH_ADDRESSES : POD_STATUS;
  const status = statusFields.fromJson(object['status'] ?? {}, 'status');
  const statusOf = statusesBy(status);
  const known = templateFacts(template, nameByPlace);
  const { mirror, kept } = metadata.annotations;
  const facts = specFacts(known, { affinity: replica.affinity, mirror, annotations: kept, statusOf });
  return podRecord({ metadata, replica, facts, serviceAccount: known.serviceAccount, status, statusOf });
}

/** The API server demands names of containers, but lists that were trimmed by hand lack them. */
const nameByPlace = (place: string): string => place;

/** Reads the pod template of a controller: one pod that does not run yet. */
export function readPodTemplate(
  template: Fields,
  { name, namespace }: Pick<PodRecord, 'name' | 'namespace'>,
  asked: Pick<PodReading, 'annotations'> = {},
): PodRecord {
  const { labels, annotations } = metadataReaders(asked.annotations).ofTemplate.fromJson(
    template['metadata'] ?? {},
    'spec.template.metadata',
  );
  const spec = requiredObject(template['spec'], 'spec.template.spec');
  const known = templateFacts(TEMPLATE.fromJson(spec, 'spec'), nameByPlace);
  const { affinity } = REPLICA.fromJson(spec, 'spec');
  const replica: OfReplica = {
    affinity,
    mirror: false,
    annotations: annotations.kept,
    statusOf: () => undefined,
  };
  return {
    name,
    namespace,
    uid: null,
    labels,
    owner: null,
    createdAt: null,
    startedAt: null,
    deletedAt: null,
    phase: null,
    nodeName: null,
    serviceAccount: serviceAccountOf(known.serviceAccount, false),
    spec: specFacts(known, replica),
    containerStates: [],
    source: 'template',
  };
}

/** The one owner reference with `controller: true`. */
export const readController = (references: unknown): PodRecord['owner'] =>
  controllerIn(references, 'metadata.ownerReferences');

/**
 * What an object that makes pods belongs to: its controller, or itself, under the name of all that are made alike.
 *
 * @param listedAs the apiVersion of the list: its items may have none, and those of metadata alone have `meta.k8s.io/v1`
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches)
 */
export function ownerOfObject(object: Fields, self: WorkloadRef, listedAs?: string): WorkloadRef {
  const metadata = requiredObject(object['metadata'], 'metadata');
  const owner = readController(metadata['ownerReferences']);
  const labels = labelMap(metadata['labels'], 'metadata.labels');
  if (owner === null) {
    const apiVersion = listedAs ?? optionalString(object['apiVersion'], 'apiVersion') ?? '';
    const own = withGroup(self, apiVersion);
    const generateName = optionalString(metadata['generateName'], 'metadata.generateName');
    // Pods of custom kinds are told by what their owner is called, those of Jobs by the Job itself.
    return generateName || self.kind === 'Job'
      ? generatedRef(own, generateName)
      : topOwner(own, apiVersion, labels);
  }
  const { kind, name, apiVersion } = owner;
  return topOwner(withGroup({ namespace: self.namespace, kind, name }, apiVersion), apiVersion, labels);
}
