import type { ColumnName, FixEntry, PatchEntry, PodsEntry, WorkloadEntry } from '../block/format.ts';
import { SEVERITY_NAMES, STATUS_NAMES } from '../block/format.ts';
import { type RepeatedNames, withNames } from '../block/names-in-text.ts';
import type { Table } from './unpack.ts';

/** What a row says; every value is text from a cluster, and may be anything. */

const at = (table: Table, column: ColumnName, row: number): number => table.columns[column][row] ?? 0;

const NO_WORKLOAD: WorkloadEntry = [0, '', '', '', null, null];

export const severityOf = (table: Table, row: number): string =>
  SEVERITY_NAMES[at(table, 'severity', row)] ?? 'low';
export const statusOf = (table: Table, row: number): string =>
  STATUS_NAMES[at(table, 'status', row)] ?? 'open';
export const workloadOf = (table: Table, row: number): WorkloadEntry =>
  table.workloads[at(table, 'workload', row)] ?? NO_WORKLOAD;
export const clusterOf = (table: Table, row: number) =>
  table.clusters[workloadOf(table, row)[0]] ?? (['', ''] as const);
export const checkOf = (table: Table, row: number) =>
  table.checks[at(table, 'check', row)] ?? (['', ''] as const);
export const containerOf = (table: Table, row: number): string | null =>
  table.containers[at(table, 'container', row)] ?? null;
export const controlsOf = (table: Table, row: number): readonly string[] =>
  table.controls[at(table, 'controls', row)] ?? [];
/** Texts are embedded without the names of their finding. */
const namesOf = (table: Table, row: number): RepeatedNames => {
  const [, namespace, , name] = workloadOf(table, row);
  return { namespace, name, container: containerOf(table, row) };
};

export const messageOf = (table: Table, row: number): string =>
  withNames(table.messages[at(table, 'message', row)] ?? '', namesOf(table, row));
export const evidenceOf = (table: Table, row: number): unknown => table.evidence[at(table, 'evidence', row)];
export function podsOf(table: Table, row: number): PodsEntry {
  const [count, oldest, examples] = table.pods[at(table, 'pods', row)] ?? ([0, null, []] as const);
  const names = namesOf(table, row);
  return [count, oldest, examples.map((example) => withNames(example, names))];
}
export const causeOf = (table: Table, row: number): string | null =>
  table.causes[at(table, 'cause', row)] ?? null;
export function fixOf(table: Table, row: number): FixEntry {
  const [text, command, risk, remediation] =
    table.fixes[at(table, 'fix', row)] ?? ([null, null, null, ''] as const);
  const names = namesOf(table, row);
  const whole = (short: string | null): string | null => (short === null ? null : withNames(short, names));
  return [whole(text), whole(command), whole(risk), remediation];
}
export const exemptionOf = (table: Table, row: number) =>
  table.exemptions[at(table, 'exemption', row)] ?? null;
export const firstSeenOf = (table: Table, row: number): string =>
  table.times[at(table, 'firstSeen', row)] ?? '';
export const lastSeenOf = (table: Table, row: number): string =>
  table.times[at(table, 'lastSeen', row)] ?? '';
export const originOf = (table: Table, row: number) => table.origins[at(table, 'origin', row)] ?? null;
export const reasonOf = (table: Table, row: number): string | null =>
  table.reasons[at(table, 'reason', row)] ?? null;
export const patchOf = (table: Table, row: number): PatchEntry | null =>
  table.patches[at(table, 'patch', row)] ?? null;
/** The row from which it follows; `null`: none, or one that is not embedded. */
export const impliedOf = (table: Table, row: number): number | null => {
  const implied = at(table, 'implied', row);
  return implied === 0 ? null : implied - 1;
};

/** `payments/Deployment/checkout` */
export const nameOf = ([, namespace, kind, name]: WorkloadEntry): string =>
  [namespace, kind, name].filter((part) => part !== '').join('/');

/** New and open ones, which ask somebody to act. */
export const isActive = (status: string): boolean => status === 'new' || status === 'open';
export const isClosed = (status: string): boolean => !isActive(status) && status !== 'exempt';
