import { csvSafe } from '../../visible.ts';
import {
  causeOf,
  checkOf,
  clusterOf,
  containerOf,
  controlsOf,
  exemptionOf,
  firstSeenOf,
  fixOf,
  lastSeenOf,
  messageOf,
  podsOf,
  severityOf,
  statusOf,
  workloadOf,
} from './row.ts';
import type { Table } from './unpack.ts';

const HEADINGS = [
  'severity',
  'status',
  'check',
  'cluster',
  'namespace',
  'kind',
  'name',
  'container',
  'owner',
  'pods',
  'message',
  'fix',
  'controls',
  'first_seen',
  'last_seen',
  'exempt_reason',
  'exempt_owner',
  'exempt_until',
  'cause',
  'managed_by',
  'oldest_started_at',
];

/** Rows as CSV (RFC 4180); no cell begins a formula, whatever clusters call their objects. */
export function* csvOf(table: Table, rows: Iterable<number>): Generator<string> {
  yield lineOf(HEADINGS);
  for (const row of rows) {
    const [, namespace, kind, name, owner, managedBy] = workloadOf(table, row);
    const [pods, oldest] = podsOf(table, row);
    const [reason = '', accepter = '', expires = ''] = exemptionOf(table, row) ?? [];
    const [text, , , remediation] = fixOf(table, row);
    yield lineOf([
      severityOf(table, row),
      statusOf(table, row),
      checkOf(table, row)[0],
      clusterOf(table, row)[1],
      namespace,
      kind,
      name,
      containerOf(table, row) ?? '',
      owner ?? '',
      String(pods),
      messageOf(table, row),
      text ?? remediation,
      controlsOf(table, row).join('; '),
      firstSeenOf(table, row),
      lastSeenOf(table, row),
      reason,
      accepter,
      expires,
      causeOf(table, row) ?? '',
      managedBy ?? '',
      oldest ?? '',
    ]);
  }
}

const lineOf = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`;

function cell(text: string): string {
  const safe = csvSafe(text);
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
