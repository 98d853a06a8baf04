/**
 * How the findings are embedded in the page: a line of JSON that says what follows, then one column a field, each row a
 * number of 1, 2 or 4 bytes (little endian, as the difference to the row before), then one line of JSON a dictionary, whose entries the numbers name. All of it
 * as one gzip file in base64.
 */

/** In the order of {@link Head.dictionaries}. */
export interface Dictionaries {
  readonly clusters: readonly ClusterEntry[];
  readonly workloads: readonly WorkloadEntry[];
  readonly containers: readonly (string | null)[];
  readonly checks: readonly CheckEntry[];
  readonly controls: readonly (readonly string[])[];
  readonly messages: readonly string[];
  readonly evidence: readonly unknown[];
  readonly pods: readonly PodsEntry[];
  readonly causes: readonly (string | null)[];
  readonly fixes: readonly FixEntry[];
  readonly exemptions: readonly (ExemptionEntry | null)[];
  readonly times: readonly string[];
  readonly origins: readonly (OriginEntry | null)[];
  readonly reasons: readonly (string | null)[];
  readonly patches: readonly (PatchEntry | null)[];
}

/** The name by which the page tells it from others, and the name with account and region. */
export type ClusterEntry = readonly [name: string, fullName: string];
export type WorkloadEntry = readonly [
  cluster: number,
  namespace: string,
  kind: string,
  name: string,
  owner: string | null,
  managedBy: string | null,
];
export type CheckEntry = readonly [id: string, title: string];
export type PodsEntry = readonly [count: number, oldestStartedAt: string | null, examples: readonly string[]];
export type FixEntry = readonly [
  text: string | null,
  command: string | null,
  risk: string | null,
  remediation: string,
];
export type ExemptionEntry = readonly [reason: string, owner: string, expires: string];
/** A file, ready to be copied. */
export type PatchEntry = readonly [name: string, text: string];
export type OriginEntry = readonly [file: string, line: number];

/** `severity` and `status` are places in their lists, `implied` is the row from which it follows and 1, or 0; `apart` is 1
 * where people see it apart, since somebody else runs its workload; the others name entries. */
export const COLUMNS = [
  'severity',
  'status',
  'check',
  'workload',
  'container',
  'controls',
  'message',
  'evidence',
  'pods',
  'cause',
  'fix',
  'exemption',
  'firstSeen',
  'lastSeen',
  'origin',
  'reason',
  'patch',
  'implied',
  'apart',
] as const;
export type ColumnName = (typeof COLUMNS)[number];

export const DICTIONARIES = [
  'clusters',
  'workloads',
  'containers',
  'checks',
  'controls',
  'messages',
  'evidence',
  'pods',
  'causes',
  'fixes',
  'exemptions',
  'times',
  'origins',
  'reasons',
  'patches',
] as const satisfies readonly (keyof Dictionaries)[];

export const SEVERITY_NAMES = ['critical', 'high', 'medium', 'low'] as const;
export const STATUS_NAMES = ['new', 'open', 'exempt', 'fixed', 'gone', 'withdrawn', 'resolved'] as const;

/** The first line. */
export interface Head {
  readonly version: 1;
  readonly rows: number;
  /** Bytes of a number, by column, in the order of {@link COLUMNS}. */
  readonly widths: readonly number[];
  /** RFC 3339: the start of the run. */
  readonly now: string;
  readonly run: string;
}
