import type { Labels } from './names.ts';
import type { PolicyAgentFacts } from './policy-agent.ts';

/** `sidecar` is an init container with `restartPolicy: Always` (KEP-753). */
export type ContainerType = 'container' | 'init' | 'sidecar' | 'ephemeral';

export interface VolumeMount {
  readonly volume: string;
  readonly path: string;
  readonly readOnly: boolean;
  /** Whether what is mounted below it is read-only, too; absent: it is not. `IfPossible`: the status does not say. */
  readonly recursiveReadOnly?: 'Enabled' | 'IfPossible';
}

export interface ContainerPort {
  readonly name: string | null;
  readonly port: number;
  readonly protocol: string;
}

/** What checks read of a container. Security fields are its own, not yet inherited from the pod. */
export interface ContainerFacts {
  readonly name: string;
  readonly type: ContainerType;
  readonly image: string | null;
  /** `status.containerStatuses[].imageID`: what is running, as far as the runtime reports it. */
  readonly imageId: string | null;
  readonly readOnlyRootFilesystem: boolean | null;
  readonly runAsNonRoot: boolean | null;
  readonly runAsUser: number | null;
  /** Only of volumes that are facts themselves (see `PodSpecFacts.volumes`). */
  readonly mounts: readonly VolumeMount[];
  readonly ports: readonly ContainerPort[];
}

export type VolumeFacts =
  | { readonly type: 'hostPath'; readonly name: string; readonly path: string }
  | {
      readonly type: 'emptyDir';
      readonly name: string;
      readonly medium: string;
      readonly sizeLimit: string | null;
    };

export type OperatingSystem = 'linux' | 'windows';

/** The part of a pod that is the same for every replica of its template. */
export interface PodSpecFacts {
  readonly containers: readonly ContainerFacts[];
  readonly volumes: readonly VolumeFacts[];
  readonly hostNetwork: boolean;
  readonly runAsNonRoot: boolean | null;
  readonly runAsUser: number | null;
  /** From the node, `spec.os`, host process, node selector or required affinity; `null` when none of them says. */
  readonly os: OperatingSystem | null;
  /** A static pod, seen through its mirror (annotation `kubernetes.io/config.mirror`). */
  readonly mirror: boolean;
  /** Those that something reads (see `isKept`), where there are any. */
  readonly annotations?: Labels;
  /** Only of pods whose containers are those of a known policy engine. */
  readonly policyAgent?: PolicyAgentFacts;
}

/** One pod as read, alive only from decoding to folding. */
export interface PodRecord {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string | null;
  readonly labels: Labels;
  /** The owner reference with `controller: true`, if there is one. */
  readonly owner: {
    /** Empty where the workload is known already, as that of a template. */
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    /** See {@link WorkloadRef}; only of a workload that is known already. */
    readonly apiGroup?: string;
  } | null;
  readonly createdAt: number | null;
  /** `status.startTime`: when the kubelet accepted the pod. */
  readonly startedAt: number | null;
  readonly deletedAt: number | null;
  readonly phase: string | null;
  readonly nodeName: string | null;
  /** The name of its service account; only static pods have none. */
  readonly serviceAccount: string | null;
  /** The id of its own network interface, where it has one (annotation `vpc.amazonaws.com/pod-eni`). */
  readonly networkInterface?: string;
  /** Its own addresses, as text; only where they were asked for, and none where it has ended or is on the host network. */
  readonly addresses?: readonly string[];
  /** Those of its node; only where addresses were asked for, and none where it has ended: its node may have gone. */
  readonly nodeAddresses?: readonly string[];
  readonly spec: PodSpecFacts;
  readonly containerStates: readonly ContainerState[];
  /** `template` when this is a controller's pod template from a file: no pod runs. */
  readonly source: 'pod' | 'template';
}

/** What the kubelet says of one container; `running: null` when there is no status for it. */
export interface ContainerState {
  readonly container: string;
  readonly running: boolean | null;
  /** `state.running.startedAt`: the last start, which created a new writable layer. */
  readonly startedAt: number | null;
}
