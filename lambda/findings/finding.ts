import type { Origin } from '../inventory/inventory.ts';
import type { ClusterIdentity, WorkloadRef } from '../inventory/names.ts';
import type { Severity } from '../severity.ts';
import type { Cause } from './cause.ts';

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

/** One check failing for one workload (and container, where it applies). SPEC §9. */
export interface Finding {
  /** SHA-256 of cluster, check, workload and container: the same in every run. */
  readonly id: string;
  readonly check: string;
  readonly status: FindingStatus;
  readonly severity: Severity;
  readonly cluster: ClusterIdentity;
  readonly workload: WorkloadRef;
  /** Whom to call about the workload, as its labels, annotations or the configuration say; absent in rows of earlier versions. */
  readonly owner?: string | null;
  /** What runs the workload in place of its cluster's users, such as `EKS add-on vpc-cni`; absent in rows of earlier versions. */
  readonly managedBy?: string | null;
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
  /** What one change would remove; absent in rows of earlier versions. */
  readonly cause?: Cause | null;
  /** What keeps the finding when its cause is removed; `null` or absent: nothing that is known. */
  readonly remainsBy?: Cause | null;
  /** That change, with the real names; absent in rows of earlier versions. */
  readonly fix?: Fix | null;
  readonly remediation: string;
  readonly controls: readonly string[];
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly exemption: ExemptionRef | null;
  /** Only of manifests. */
  readonly origin?: Origin | null;
  /** Only of withdrawn ones. */
  readonly reason?: WithdrawnReason | null;
  /** Only of those that were known and are worse than in the last run. */
  readonly changed?: FindingChange | null;
}

/** What became worse inside a finding that was known: its id and status do not say it. */
export interface FindingChange {
  /** RFC 3339: the last run that saw it as it was. */
  readonly since: string;
  /** Each as the end of "changed since the last run: …", such as `can also write /etc of its node`. */
  readonly facts: readonly string[];
}

/** A change that removes a cause, as text that may hold names from the cluster. */
export interface Fix {
  /** One or two plain sentences: what to change, in which object. */
  readonly text: string;
  /** A command that does it and works as printed; `null`: there is none that is safe to print. */
  readonly command: string | null;
  /** What it may break or what it cuts; `null`: nothing known. */
  readonly risk: string | null;
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
