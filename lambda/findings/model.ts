import type { GapReason } from '../inventory/gap.ts';
import type { Origin, Unverified } from '../inventory/inventory.ts';
import type { ClusterIdentity, WorkloadRef } from '../inventory/names.ts';
import type { Severity } from '../severity.ts';

/**
 * What became of a finding (SPEC §9). `fixed`: its workload is still there and passes; `gone`: its workload is not
 * there; `withdrawn`: nobody asks any more, for a {@link WithdrawnReason}. None of them is said where a run did not
 * decide.
 */
export const STATUSES = ['new', 'open', 'fixed', 'gone', 'withdrawn', 'exempt'] as const;

/** `resolved` is what rows of earlier versions say of fixed and gone ones; it is read, and never written. */
export type FindingStatus = (typeof STATUSES)[number] | 'resolved';

/** Why a finding was withdrawn. Stable codes, for filters and tests. */
export type WithdrawnReason =
  /** The configuration switched its check off. */
  | 'check-off'
  /** The configuration leaves its namespace out. */
  | 'namespace-excluded'
  /** The configuration sets another limit, by which it passes. */
  | 'limit-changed'
  /** The configuration asks for something else, by which it passes. */
  | 'configuration-changed'
  /** This version of the program has no such check. */
  | 'rule-changed'
  /** It was filed under a Job or ReplicaSet whose owner is known now. */
  | 'owner-known'
  /** Another cluster has taken the place of its own. */
  | 'cluster-replaced';

/** Evidence is typed by its check; in rows it is plain JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Evidence = { readonly [key: string]: Json };

/** A control of a published standard that a check supports, with the source that was read. */
export interface ControlMapping {
  /** e.g. `NSA-CISA Kubernetes Hardening Guide 1.2` */
  readonly framework: string;
  /** The control's own id or section. */
  readonly control: string;
  readonly source: string;
}

/** One check failing for one workload (and container, where it applies). SPEC §9. */
export interface Finding {
  /** SHA-256 of cluster, check, workload and container: the same in every run. */
  readonly id: string;
  readonly check: string;
  readonly status: FindingStatus;
  readonly severity: Severity;
  readonly cluster: ClusterIdentity;
  readonly workload: WorkloadRef;
  readonly container: string | null;
  readonly pods: {
    readonly count: number;
    readonly examples: readonly string[];
    /** RFC 3339; `null` when no pod gave a start time. */
    readonly oldestStartedAt: string | null;
  };
  readonly evidence: Evidence;
  readonly message: string;
  /** The id of the finding about the same workload from which it follows; absent in rows of earlier versions. */
  readonly impliedBy?: string | null;
  readonly remediation: string;
  readonly controls: readonly string[];
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly exemption: ExemptionRef | null;
  /** Only of manifests. */
  readonly origin?: Origin | null;
  /** Only of withdrawn ones. */
  readonly reason?: WithdrawnReason | null;
}

export interface ExemptionRef {
  readonly reason: string;
  readonly owner: string;
  /** `YYYY-MM-DD`, the last day on which it counts. */
  readonly expires: string;
}

/** What the owner of a workload asks for by annotation; it covers this workload alone. */
export interface WorkloadExemption extends ExemptionRef {
  /** `*`: every check. */
  readonly check: string;
  readonly cluster: ClusterIdentity;
  readonly workload: WorkloadRef;
  /** `null`: any, and findings about the workload as a whole. */
  readonly container: string | null;
}

/** A check that could not be decided for a scope: a workload, or the whole cluster when `workload` is null. */
export interface NotEvaluated {
  readonly check: string;
  readonly cluster: ClusterIdentity;
  readonly workload: WorkloadRef | null;
  readonly container: string | null;
  readonly pods: number | null;
  readonly reason: GapReason;
  readonly message: string;
  readonly remediation: string;
}

/** Verdict counts of one check in one cluster; scopes are workloads or containers, as the check judges. */
export interface CheckTally {
  readonly check: string;
  readonly pass: number;
  readonly fail: number;
  readonly notEvaluated: number;
}

/** One audited cluster: its results and what could not be decided. */
export interface ClusterResult {
  readonly cluster: ClusterIdentity;
  /** Set where it is not known that the API server itself has answered. */
  readonly unverified?: Unverified;
  /** `audited`: pods were read. `failed`: nothing could be audited. */
  readonly outcome: 'audited' | 'failed';
  readonly totals: {
    readonly pods: number;
    readonly completed: number;
    readonly terminating: number;
    readonly workloads: number;
    readonly namespaces: number;
    readonly nodes: number;
  };
  readonly tallies: readonly CheckTally[];
  readonly findings: readonly Finding[];
  readonly notEvaluated: readonly NotEvaluated[];
  /** Only where the configuration accepts annotations, and some workload has them. */
  readonly askedExemptions?: readonly WorkloadExemption[];
  readonly notes: readonly string[];
  /** Namespaces that the configuration leaves out, with their pods; sorted. Missing where there are none. */
  readonly excluded?: readonly ExcludedNamespace[];
  /** Given where the cluster was judged; without it no earlier finding counts as closed. */
  readonly basis?: ComparisonBasis;
}

/** What it takes to say what became of earlier findings. Stands in no output. */
export interface ComparisonBasis {
  /** Workloads that were looked at and have no finding. */
  readonly clean: readonly WorkloadRef[];
  /** Checks that the configuration switched off. */
  readonly checksOff: readonly string[];
  /** Checks that are on and for which the configuration leaves nothing to ask. */
  readonly checksNotAsked: readonly string[];
  /** Patterns of namespaces that it leaves out. */
  readonly namespacesExcluded: readonly string[];
  /** What passes, and would fail today by the configuration of the last run. */
  readonly noLongerAsked: readonly NoLongerAsked[];
}

/** A scope that passes only because the configuration was changed. */
export interface NoLongerAsked {
  readonly check: string;
  readonly workload: WorkloadRef;
  readonly container: string | null;
  readonly reason: 'limit-changed' | 'configuration-changed';
}

/** What was read and not judged, since the configuration says so. */
export interface ExcludedNamespace {
  readonly namespace: string;
  readonly pods: number;
}

/** One audit of all targets. Everything an output needs; times are RFC 3339 UTC. */
export interface RunResult {
  readonly run: {
    readonly id: string;
    readonly startedAt: string;
    readonly version: string;
    /** SHA-256 of the effective configuration. */
    readonly config: string;
  };
  readonly clusters: readonly ClusterResult[];
}
