import type { Setting } from './engine-settings.ts';
import type { MeshConfigs } from './mesh.ts';
import type { NetworkFacts, Placement, PolicyAgentFacts } from './network.ts';
import type { MeshResource, PolicyResource } from './resources.ts';
import type { ServiceAccounts } from './service-account.ts';
import type { Shard } from './shard.ts';
import type { Exits, Unread, VpcFacts } from './vpc.ts';

/**
 * What was read of one cluster, reduced to what checks need.
 *
 * Whole Kubernetes objects are never kept: a pod is read into a {@link PodRecord}, folded into its
 * {@link PodClass} and forgotten. Times are epoch milliseconds; `null` means that the source did not
 * say, which is not the same as zero, false or empty.
 */

/** Which cluster a fact belongs to; every row of every output carries it. */
export interface ClusterIdentity {
  readonly name: string;
  readonly arn: string | null;
  readonly accountId: string | null;
  readonly region: string | null;
  /** Of the namespace `kube-system`, which lives as long as its cluster; `null` or missing where it was not read. */
  readonly uid?: string | null;
  /** RFC 3339, as EKS says: tells a cluster from one of the same ARN that was deleted. */
  readonly createdAt?: string | null;
  /** Its `createdAt` where it has taken the place of another cluster of its ARN: part of the ids of its findings. */
  readonly incarnation?: string | null;
}

/** A kind of object that the audit reads, named as in RBAC rules; custom ones with their group. */
export type Resource =
  | 'pods'
  | 'nodes'
  | 'namespaces'
  | 'serviceaccounts'
  | 'replicasets'
  | 'jobs'
  | 'securitygrouppolicies.vpcresources.k8s.aws'
  | PolicyResource
  | MeshResource;

/** Why something could not be read or decided. Stable codes, for filters and tests. */
export type GapReason =
  | 'forbidden'
  | 'unauthorized'
  | 'unreachable'
  | 'timeout'
  | 'server-error'
  | 'list-incomplete'
  | 'malformed-object'
  | 'too-large'
  | 'field-missing'
  | 'platform'
  | 'no-running-pod'
  /** No verdict is due at all: there is no pod, or no check applies. */
  | 'nothing-to-judge'
  /** Clocks that disagree by more than minutes. */
  | 'clock-skew'
  /** The files do not hold it, and it was not said that they hold everything. */
  | 'not-in-snapshot'
  /** A file, or a document in it: never an all clear, whatever is allowed to be incomplete. */
  | 'unreadable-file'
  | 'policy-not-understood'
  | 'registry-not-read'
  /** Addresses, or a name, behind which many others' things are. */
  | 'address-shared'
  /** The run had no time left for it. */
  | 'out-of-time'
  /** Its audit ended without a result: a defect, or a function that was ended. */
  | 'not-finished'
  /** It may be another cluster than the one that was known. */
  | 'identity-unclear';

/**
 * A hole in the inventory. `resource: null` stands for everything (the cluster could not be read at
 * all). A gap with a `scope` concerns that object alone; one without concerns the whole resource.
 */
export interface Gap {
  readonly resource: Resource | null;
  readonly reason: GapReason;
  /** One sentence: what happened and to what. */
  readonly message: string;
  /** One sentence: what to do about it. */
  readonly remedy: string;
  readonly scope?: { readonly namespace: string; readonly kind: string; readonly name: string };
}

/** The top controller that owns pods: the Deployment, not its ReplicaSet. A bare pod is its own. */
export interface WorkloadRef {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

export type Labels = Readonly<Record<string, string>>;

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
  readonly owner: { readonly apiVersion: string; readonly kind: string; readonly name: string } | null;
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
  readonly spec: PodSpecFacts;
  readonly containerStates: readonly ContainerState[];
  /** `template` when this is a controller's pod template from a file: no pod runs. */
  readonly source: 'pod' | 'template';
}

/** What the kubelet says of one container; `running: null` when there is no status for it. */
export interface ContainerState {
  readonly container: string;
  readonly running: boolean | null;
  /** `state.running.startedAt`: the last start, which made the writable layer anew. */
  readonly startedAt: number | null;
}

/** A pod named as an example in a finding. */
export interface PodExample {
  readonly name: string;
  readonly startedAt: number | null;
  readonly node: string | null;
  readonly terminating: boolean;
}

/** Start times of many pods or containers, kept as bare numbers. */
export interface StartTimes {
  /** Epoch milliseconds in no particular order. */
  readonly startedAt: readonly number[];
  /** How many gave no start time. */
  readonly unknown: number;
  /** The oldest, oldest first, at most five; those without a start time come last. */
  readonly oldest: readonly PodExample[];
}

/** A pod that has ended for good. */
export interface EndedPod extends PodExample {
  readonly createdAt: number | null;
  readonly phase: 'Succeeded' | 'Failed';
}

/** The pods of one class. */
export interface Population {
  /** Those that are judged: all that have not ended, or else the newest that has. */
  readonly count: number;
  /** How many have ended. */
  readonly completed: number;
  /** Of those that have not ended. */
  readonly terminating: number;
  /** Pods that have been started and have not ended; those that wait to be started have no age and are not in it. */
  readonly active: StartTimes;
  /** Up to five of the pods that are judged, oldest first. */
  readonly examples: readonly PodExample[];
  /** By container name: the containers that run now. */
  readonly running: ReadonlyMap<string, StartTimes>;
}

/** Of a workload none of whose pods lives: the newest, which stands for those to come. */
export interface Ended {
  readonly pod: string;
  readonly phase: EndedPod['phase'];
  /** Why it is open whether more will come, so that nothing is decided; `null`: they will. */
  readonly open: 'owner-unread' | 'owner-unknown' | 'pods-unread' | null;
}

/**
 * Pods that are alike in everything that checks read, so that one evaluation serves all of them.
 * `labels` holds only the keys that some policy or configured limit selects on.
 */
export interface PodClass {
  readonly workload: WorkloadRef;
  readonly source: 'pod' | 'template';
  readonly labels: Labels;
  readonly spec: PodSpecFacts;
  readonly population: Population;
  /** Absent where something lives. */
  readonly ended?: Ended;
  /** On which kinds of nodes they are; empty if they ran on nodes that are gone. */
  readonly placements: readonly Placement[];
  /** By which ways its traffic leaves; only where the VPC was asked. */
  readonly exits?: Exits;
}

/** A policy object, its `spec` as the server gave it; each policy kind parses its own. */
export interface PolicyObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly spec: unknown;
  /** The list of specs that Cilium's policies may have beside the one, if the object has any. */
  readonly specs?: unknown;
}

/** Why it is not known that answers come from the API server itself. */
export type Unverified = 'insecure-skip-tls-verify' | 'plain-http';

/** Where an object is declared. */
export interface Origin {
  /** As given on the command line; `-` for standard input. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export interface ObjectOrigin extends Origin {
  /** The lines of its containers, by name. */
  readonly containers: ReadonlyMap<string, number>;
}

export interface Inventory {
  readonly cluster: ClusterIdentity;
  /** Absent where its certificate was verified, and for files. */
  readonly unverified?: Unverified;
  /** The part of the cluster whose pods these are. @defaultValue all of it */
  readonly shard?: Shard;
  /** Those that are judged (see `judgedOf`); sorted by namespace, kind, name of the workload. */
  readonly classes: readonly PodClass[];
  readonly policies: readonly PolicyObject[];
  /** What configures a service mesh. It is no firewall, so these are not among the policies. */
  readonly mesh: readonly PolicyObject[];
  /** What its control planes were told, by revision; asked for only where that decides. */
  readonly meshConfigs: MeshConfigs;
  /** Labels of each namespace that could be read; they are asked for only where a policy may need them. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  /** Absent where they were not asked for: no policy goes by them. */
  readonly serviceAccounts?: ServiceAccounts;
  /** How its nodes enforce policies. */
  readonly network: NetworkFacts;
  /** What its VPC routes and filters; absent where the source has no VPC to ask. */
  readonly vpc?: VpcFacts | Unread;
  /** Objects that give pods security groups of their own; only where they were asked for. */
  readonly securityGroupPolicies?: Setting<readonly PolicyObject[]>;
  /** These are templates that are not applied yet: they are judged as declared. @defaultValue what runs */
  readonly content?: 'manifests';
  /** Of manifests: where workloads and other objects are declared, by `workloadKey`. */
  readonly origins?: ReadonlyMap<string, ObjectOrigin>;
  readonly gaps: readonly Gap[];
  /** What was not a gap but must be known to read the results right. */
  readonly notes: readonly string[];
  readonly totals: InventoryTotals;
}

export interface InventoryTotals {
  readonly pods: number;
  readonly completed: number;
  readonly terminating: number;
  readonly workloads: number;
  readonly namespaces: number;
  readonly nodes: number;
}

/** One pod as written to `inventory/…ndjson.gz`. */
export interface InventoryRow {
  readonly cluster: string;
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string | null;
  readonly workload: { readonly kind: string; readonly name: string };
  readonly node: string | null;
  readonly phase: string | null;
  readonly startedAt: string | null;
  readonly terminating: boolean;
  readonly images: readonly {
    readonly container: string;
    readonly image: string | null;
    readonly imageId: string | null;
    readonly startedAt: string | null;
  }[];
}
