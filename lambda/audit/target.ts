import type { PodObserver } from '../collect/observe.ts';
import type { ClusterRecorder } from '../collect/tape/record.ts';
import type { CollectedInventory, Inventory } from '../inventory/inventory.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import type { PolicyObject } from '../inventory/policy-object.ts';
import type { ClusterReading } from '../inventory/reading.ts';
import type { ReadImagesOptions } from '../registry/read-images.ts';

/** What a target needs to know to collect, and which hooks it calls. */
export interface CollectHooks {
  /** Pod-label keys to keep, known once policies and mesh are read. */
  readonly labelKeys: (
    policies: readonly PolicyObject[],
    mesh: readonly PolicyObject[],
  ) => ReadonlySet<string>;
  /** Revisions of the mesh whose configurations to ask for, once pods are read. @defaultValue none */
  readonly meshRevisions?: (found: Pick<Inventory, 'classes' | 'mesh' | 'namespaces'>) => readonly string[];
  /** Read labels of namespaces, too, where no policy that is there asks for them. @defaultValue false */
  readonly namespaceLabels?: boolean;
  /** Reads SecurityGroupPolicies, too, and keeps the pod-label keys that this says. @defaultValue not read */
  readonly securityGroupPolicies?: (found: readonly PolicyObject[]) => ReadonlySet<string>;
  /** Keep the addresses of pods and of their nodes. @defaultValue false */
  readonly podAddresses?: boolean | undefined;
  /** Annotations of pods to keep in addition to those that this version knows. @defaultValue none */
  readonly annotations?: readonly string[] | undefined;
  /** Whether the configuration asks for writable layers. @defaultValue false */
  readonly measure?: boolean;
  /** Whether and how the configuration asks registries, where it is not known otherwise. @defaultValue it does not */
  readonly images?: Pick<ReadImagesOptions, 'level' | 'scans'> | null | undefined;
  /** Writes down what the cluster is asked and answers. @defaultValue nothing is recorded */
  readonly recorder?: ClusterRecorder;
  readonly observer: PodObserver;
  readonly onPage: (progress: { readonly pages: number; readonly pods: number }) => void;
  /** When it fires, the time is up: what was read so far counts. Its reason is a ReadError. */
  readonly signal?: AbortSignal | undefined;
}

/** A cluster to audit, with how to reach it: the one thing that differs between a laptop, a Lambda and a file. */
export interface Target {
  readonly identity: ClusterIdentity;
  /** Of the kubeconfig where it was named, for commands that people run. */
  readonly context?: string;
  /** What is known of how it is read, also when it cannot be; asked after {@link collect}. @defaultValue nothing */
  reading?(): Partial<ClusterReading>;
  /** @throws ReadError when nothing of the cluster can be read. */
  collect(hooks: CollectHooks): Promise<CollectedInventory>;
}
