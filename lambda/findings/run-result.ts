import type { Unverified } from '../inventory/inventory.ts';
import type { LayerSource } from '../inventory/layer-rows.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import type { ClusterReading } from '../inventory/reading.ts';
import type { ClusterNumbers } from './cluster-numbers.ts';
import type { ComparisonBasis } from './comparison-basis.ts';
import type { WorkloadPatches } from './drawn-patch.ts';
import type { Finding, WorkloadExemption } from './finding.ts';
import type { NotEvaluated } from './not-evaluated.ts';
import type { ClusterPopulation } from './population.ts';

/** Verdict counts of one check in one cluster; scopes are workloads or containers, as the check judges. */
export interface CheckTally {
  readonly check: string;
  readonly pass: number;
  /** Without those that are exempt, once exemptions were applied. */
  readonly fail: number;
  /** Failing verdicts that an exemption accepts; missing where there is none. */
  readonly exempt?: number;
  readonly notEvaluated: number;
}

/** How a cluster was read, or was tried to be. */
export interface RecordedReading extends ClusterReading {
  /** RFC 3339: the time to which ages are counted. */
  readonly readAt: string;
}

/** One audited cluster: its results and what could not be decided. */
export interface ClusterResult {
  readonly cluster: ClusterIdentity;
  /** Set where it is not known that the API server itself has answered. */
  readonly unverified?: Unverified;
  /** How it was read; absent where no reading was tried, and in results of earlier versions. */
  readonly reading?: RecordedReading;
  /** `audited`: pods were read. `failed`: nothing could be audited. */
  readonly outcome: 'audited' | 'failed';
  /** Set where no earlier run knew the cluster, or another one has taken its place: all of its findings are new. */
  readonly firstRun?: boolean;
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
  /** Where layers were measured: the largest of each workload, until the run is decided. */
  readonly layers?: LayerSource;
  /** What runs there; absent where not all of it was looked at, and in results of earlier versions. */
  readonly population?: ClusterPopulation;
  /** For the worst workloads, the worst first; absent where there are none, and in results of earlier versions. */
  readonly patches?: readonly WorkloadPatches[];
  /** Given where `findings` and `notEvaluated` are only the heaviest rows, as at the end of a run of a large fleet. */
  readonly numbers?: ClusterNumbers;
  /** Given where the cluster was judged; without it no earlier finding counts as closed. */
  readonly basis?: ComparisonBasis;
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
