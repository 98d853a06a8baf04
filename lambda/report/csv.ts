import { causeObjectText } from '../findings/cause.ts';
import type { Finding } from '../findings/finding.ts';
import { isClosed } from '../findings/identity.ts';
import type { RunResult } from '../findings/run-result.ts';
import { DAY } from '../inventory/durations.ts';
import { type CellValue, CRLF, cellText, csvHeader } from './csv-cells.ts';
import { sortedFindings } from './order.ts';
import { findingRow } from './rows.ts';

interface Column {
  readonly name: string;
  /** What it contains; docs are made from this. */
  readonly meaning: string;
  readonly value: (finding: Finding, run: RunResult['run']) => CellValue;
}

/** The columns of `findings.csv`, in their order. New ones are added at the end: others read by position. */
export const CSV_COLUMNS: readonly Column[] = [
  {
    name: 'id',
    meaning: 'the same in every run: SHA-256 of cluster, check, workload and container',
    value: ({ id }) => id,
  },
  {
    name: 'status',
    meaning: 'new, open, fixed, gone, withdrawn or exempt',
    value: ({ status }) => status,
  },
  { name: 'severity', meaning: 'critical, high, medium or low', value: ({ severity }) => severity },
  { name: 'check', meaning: 'id of the check that fails', value: ({ check }) => check },
  {
    name: 'account',
    meaning: 'AWS account; empty when not known',
    value: ({ cluster }) => cluster.accountId,
  },
  { name: 'region', meaning: 'AWS region; empty when not known', value: ({ cluster }) => cluster.region },
  { name: 'cluster', meaning: 'name of the cluster', value: ({ cluster }) => cluster.name },
  {
    name: 'cluster_arn',
    meaning: 'ARN of the cluster; empty when not known',
    value: ({ cluster }) => cluster.arn,
  },
  { name: 'namespace', meaning: 'namespace of the workload', value: ({ workload }) => workload.namespace },
  { name: 'kind', meaning: 'kind of the workload', value: ({ workload }) => workload.kind },
  { name: 'workload', meaning: 'name of the workload', value: ({ workload }) => workload.name },
  {
    name: 'container',
    meaning: 'container; empty when the finding is about the pod',
    value: ({ container }) => container,
  },
  { name: 'pods', meaning: 'how many pods it affects', value: ({ pods }) => pods.count },
  {
    name: 'example_pods',
    meaning: 'up to five of these pods, separated by spaces',
    value: ({ pods }) => pods.examples.join(' '),
  },
  {
    name: 'oldest_started_at',
    meaning: 'start of the oldest of them, RFC 3339 UTC',
    value: ({ pods }) => pods.oldestStartedAt,
  },
  { name: 'message', meaning: 'what was found', value: ({ message }) => message },
  {
    name: 'implied_by',
    meaning: 'id of the finding about the same workload from which it follows; empty if there is none',
    value: ({ impliedBy }) => impliedBy ?? null,
  },
  { name: 'remediation', meaning: 'what to change', value: ({ remediation }) => remediation },
  {
    name: 'controls',
    meaning: 'controls of standards it concerns, separated by semicolons',
    value: ({ controls }) => controls.join('; '),
  },
  {
    name: 'first_seen',
    meaning: 'first run that found it, RFC 3339 UTC',
    value: ({ firstSeen }) => firstSeen,
  },
  { name: 'last_seen', meaning: 'last run that found it, RFC 3339 UTC', value: ({ lastSeen }) => lastSeen },
  {
    name: 'exemption_reason',
    meaning: 'why it is accepted',
    value: ({ exemption }) => exemption?.reason ?? null,
  },
  { name: 'exemption_owner', meaning: 'who accepted it', value: ({ exemption }) => exemption?.owner ?? null },
  {
    name: 'exemption_expires',
    meaning: 'last day of the exemption, YYYY-MM-DD',
    value: ({ exemption }) => exemption?.expires ?? null,
  },
  {
    name: 'evidence',
    meaning: 'the facts behind it as JSON, sizes in bytes, durations in seconds',
    value: ({ evidence }) => JSON.stringify(evidence),
  },
  {
    name: 'reason',
    meaning: 'why it was withdrawn; empty when it was not',
    value: ({ reason }) => reason ?? null,
  },
  {
    name: 'file',
    meaning: 'where it is declared, of findings about manifests; - is standard input',
    value: ({ origin }) => origin?.file ?? null,
  },
  { name: 'line', meaning: 'the line in that file, from 1', value: ({ origin }) => origin?.line ?? null },
  {
    name: 'cause',
    meaning: 'what kind of change removes it; findings with the same cause_id go together',
    value: ({ cause }) => cause?.kind ?? null,
  },
  { name: 'cause_id', meaning: 'id of the cause', value: ({ cause }) => cause?.id ?? null },
  {
    name: 'cause_object',
    meaning: 'the object to change',
    value: ({ cause }) => (cause == null ? null : causeObjectText(cause.object)),
  },
  { name: 'fix', meaning: 'the change, with the real names', value: ({ fix }) => fix?.text ?? null },
  {
    name: 'owner',
    meaning: 'whom to call about the workload; empty when nothing names an owner',
    value: ({ owner }) => owner ?? null,
  },
  {
    name: 'managed_by',
    meaning:
      'what runs the workload in place of its users, such as an EKS add-on; empty when it is their own',
    value: ({ managedBy }) => managedBy ?? null,
  },
  {
    name: 'changed',
    meaning: 'what of a known finding became worse since the last run, separated by semicolons',
    value: ({ changed }) => changed?.facts.join('; ') ?? null,
  },
  {
    name: 'open_days',
    meaning: 'whole days from first_seen to the start of the run; empty when it is not there any more',
    value: openDays,
  },
  {
    name: 'oldest_days',
    meaning: 'whole days from oldest_started_at to the start of the run; empty when it is not there any more',
    value: (finding, { startedAt }) =>
      isClosed(finding) ? null : daysBefore(startedAt, finding.pods.oldestStartedAt),
  },
  {
    name: 'image',
    meaning: 'the image it is about, as the pod names it; empty where the evidence names none',
    value: ({ evidence: { image } }) => (typeof image === 'string' ? image : null),
  },
  {
    name: 'fix_command',
    meaning: 'a command that makes the change; empty where there is none',
    value: ({ fix }) => fix?.command ?? null,
  },
  { name: 'fix_risk', meaning: 'what the change risks', value: ({ fix }) => fix?.risk ?? null },
];

/** Of what is exempt as well. */
function openDays(finding: Finding, { startedAt }: RunResult['run']): number | null {
  return isClosed(finding) ? null : daysBefore(startedAt, finding.firstSeen);
}

/** Both RFC 3339; `null` where one is not known. */
function daysBefore(now: string, then: string | null): number | null {
  const days = (Date.parse(now) - Date.parse(then ?? '')) / DAY;
  return Number.isFinite(days) ? Math.max(0, Math.floor(days)) : null;
}

/**
 * `findings.csv`: RFC 4180 with a header, UTF-8 with a byte order mark, formulas neutralised, row by row.
 * It is for people and their spreadsheets; programs read the NDJSON, which is exact.
 */
export function* csvFindings(run: RunResult): Generator<string> {
  yield csvHeader(CSV_COLUMNS);
  const cells = CSV_COLUMNS.map(({ value }) => cell((finding) => value(finding, run.run)));
  for (const finding of sortedFindings(run)) {
    const row = findingRow(finding);
    let line = '';
    let separator = '';
    for (const textOf of cells) {
      line += separator + textOf(row);
      separator = ',';
    }
    yield line + CRLF;
  }
}

/** Findings are sorted: what most cells say is what the one above says, and is made once. */
function cell(ask: (finding: Finding) => CellValue): (finding: Finding) => string {
  let above: CellValue = null;
  let text = '';
  return (finding) => {
    const value = ask(finding);
    if (value !== above) text = cellText(value);
    above = value;
    return text;
  };
}
