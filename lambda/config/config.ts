import type { Labels } from '../inventory/names.ts';
import type { Severity } from '../severity.ts';

/** The effective configuration: preset and file merged, units resolved. Sizes in bytes, durations in milliseconds. */
export interface Config {
  readonly preset: 'baseline' | 'strict';
  readonly clusters: ClusterSelection;
  /** Patterns of namespaces whose workloads are not judged. */
  readonly namespaces: { readonly exclude: readonly string[] };
  readonly accounts: readonly AccountConfig[];
  readonly limits: Limits;
  /** In file order: for each limit the first override that matches and sets it wins. */
  readonly overrides: readonly LimitOverride[];
  /** Only what the configuration changes; absent checks keep their default. */
  readonly checks: Readonly<Record<string, Severity | 'off'>>;
  readonly egress: EgressConfig;
  readonly measure: { readonly writableLayer: 'off' };
  readonly exemptions: readonly Exemption[];
  readonly exemptionAnnotations: boolean;
  readonly digest: { readonly minSeverity: Severity; readonly top: number };
}

/** Which clusters to audit: patterns for names or ARNs, and for the tags of EKS clusters by key. */
export interface ClusterSelection {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Each must be there and fit. Only EKS tells tags: clusters of a kubeconfig have none to compare. */
  readonly includeTags: Labels;
  /** One that is there and fits is enough. */
  readonly excludeTags: Labels;
  /** Clusters too large for one function: in how many parts each is audited, in the mode fleet. The first match counts. */
  readonly shards: readonly { readonly match: readonly string[]; readonly count: number }[];
}

export interface AccountConfig {
  readonly id: string;
  readonly roleName: string;
  readonly externalId: string | null;
  readonly regions: readonly string[];
}

export interface Limits {
  readonly podMaxAge: number;
  readonly containerMaxAge: number;
  readonly imageMaxAge: number;
  readonly writableLayerMaxBytes: number;
  readonly scanMaxAge: number;
}

export interface LimitOverride {
  readonly match: {
    readonly clusters: readonly string[] | null;
    readonly namespaces: readonly string[] | null;
    readonly kinds: readonly string[] | null;
    readonly labels: Labels | null;
  };
  readonly limits: Partial<Limits>;
}

export interface EgressConfig {
  /** Destinations that a team has accepted. */
  readonly approved: readonly ApprovedDestination[];
  /** TCP ports of plaintext or remote-shell protocols. */
  readonly insecurePorts: readonly number[];
  /** Package registries, mirrors and proxies besides the built-in list. */
  readonly packageRegistries: {
    /** Domains; names below them are meant, too. */
    readonly hosts: readonly string[];
    readonly cidrs: readonly string[];
  };
  /** Whether EC2 is asked what the VPCs of clusters route and filter. */
  readonly routing: 'read' | 'off';
}

/** Exactly one of `cidrs`, `hosts`, `awsService` is given; `null` is every port, or every protocol. */
export interface ApprovedDestination {
  readonly name: string;
  readonly cidrs: readonly string[];
  readonly hosts: readonly string[];
  readonly awsService: string | null;
  readonly ports: readonly number[] | null;
  readonly protocols: readonly ApprovedProtocol[] | null;
}

export type ApprovedProtocol = 'TCP' | 'UDP' | 'SCTP';

/** An accepted finding. Patterns use `*`; an absent field matches everything. */
export interface Exemption {
  readonly check: string;
  readonly cluster: string | null;
  readonly namespace: string | null;
  /** `Kind/name`, both may hold patterns. */
  readonly workload: string | null;
  readonly container: string | null;
  readonly reason: string;
  readonly owner: string;
  /** `YYYY-MM-DD`, the last day (UTC) on which it counts. */
  readonly expires: string;
}
