import type { Setting } from './engine-settings.ts';
import type { Gap } from './gap.ts';
import type { ImagesReading } from './images.ts';
import type { MeshConfigs } from './mesh.ts';
import type { ClusterIdentity, Labels } from './names.ts';
import type { NetworkFacts } from './network.ts';
import type { PodClass } from './pod-class.ts';
import type { PolicyObject } from './policy-object.ts';
import type { ServiceAccounts } from './service-account.ts';
import type { Shard } from './shard.ts';
import type { Unread, VpcFacts } from './vpc.ts';

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

/**
 * What was read of one cluster, reduced to what checks need.
 *
 * Whole Kubernetes objects are never kept: a pod is read into a `PodRecord`, folded into its
 * {@link PodClass} and forgotten. Times are epoch milliseconds; `null` means that the source did not
 * say, which is not the same as zero, false or empty.
 */
export interface Inventory {
  readonly cluster: ClusterIdentity;
  /** Absent where its certificate was verified, and for files. */
  readonly unverified?: Unverified;
  /** As its API server says; absent or `null` where it was not asked or did not say. */
  readonly kubernetesVersion?: string | null;
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
  /** Writable layers were asked for, whatever came of it. @defaultValue they were not */
  readonly measured?: true;
  /** What registries say of images in use; absent where they were not asked. */
  readonly images?: ImagesReading;
  /** These are templates that are not applied yet: they are judged as declared. @defaultValue what runs */
  readonly content?: 'manifests';
  /** Of manifests: where workloads and other objects are declared, by `workloadKey`. */
  readonly origins?: ReadonlyMap<string, ObjectOrigin>;
  readonly gaps: readonly Gap[];
  /** What was not a gap but must be known to read the results right. */
  readonly notes: readonly string[];
  readonly totals: InventoryTotals;
}

/** As it comes from its collector: whoever asked for it may take its classes, one by one (see `takeClasses`). */
export interface CollectedInventory extends Inventory {
  readonly classes: PodClass[];
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
