import { networkInterfaceIn } from '../../../inventory/annotations.ts';
import type { PodRecord, PodSpecFacts } from '../../../inventory/pod.ts';
import { addressesOf } from '../../../inventory/pod-addresses.ts';
import { serviceAccountOf } from '../../../inventory/service-account.ts';
import { stateOf } from './by-status.ts';
import type { ObjectMetadata } from './metadata.ts';
import type { ReplicaFields } from './spec.ts';
import type { PodStatus, PodStatusWithAddresses, StatusOf } from './status.ts';

/** What of a pod is read only where it is asked for. */
export interface PodReading {
  /** Its addresses and those of its node. @defaultValue false */
  readonly addresses?: boolean | undefined;
  /** Annotations to keep in addition to those that this version knows. @defaultValue none */
  readonly annotations?: readonly string[] | undefined;
}

/** All that was read of a pod, in whichever encoding. */
export interface ReadPod {
  readonly metadata: ObjectMetadata;
  readonly replica: ReplicaFields;
  readonly facts: PodSpecFacts;
  /** As named by the spec; empty if it names none. */
  readonly serviceAccount: string;
  readonly status: PodStatus | PodStatusWithAddresses;
  readonly statusOf: StatusOf;
}

export function podRecord({
  metadata,
  replica,
  facts,
  serviceAccount,
  status,
  statusOf,
}: ReadPod): PodRecord {
  const phase = status.phase || null;
  const { podEni } = metadata.annotations;
  const record: PodRecord = {
    name: metadata.name,
    namespace: metadata.namespace || 'default',
    uid: metadata.uid || null,
    labels: metadata.labels,
    owner: metadata.ownerReferences,
    createdAt: metadata.creationTimestamp,
    startedAt: status.startTime,
    deletedAt: metadata.deletionTimestamp,
    phase,
    nodeName: replica.nodeName || null,
    serviceAccount: serviceAccountOf(serviceAccount, facts.mirror),
    spec: facts,
    containerStates: facts.containers.map(({ name }) => stateOf(name, statusOf(name), phase)),
    source: 'pod',
  };
  // Few pods have either: copying fields that are not there would cost most of them the most.
  const withInterface = podEni === undefined ? record : { ...record, ...networkInterfaceIn(podEni) };
  if (!('podIPs' in status)) return withInterface;
  return { ...withInterface, ...addressesOf({ phase, hostNetwork: facts.hostNetwork }, status) };
}
