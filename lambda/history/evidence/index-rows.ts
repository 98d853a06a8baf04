import * as z from 'zod';
import { clusterKey } from '../../findings/identity.ts';
import { type CellValue, CRLF, cellText, csvHeader } from '../../report/csv-cells.ts';
import { runKey } from '../../store/layout.ts';
import type { ReportStore } from '../../store/store.ts';
import type { StoredRecord } from '../records.ts';
import { type Outcome, outcomeOf, type Point } from '../verify/point.ts';
import { type Signature, type SignatureOptions, signatureOf } from '../verify/signatures.ts';

const CLUSTER = z.object({
  name: z.string(),
  arn: z.string().nullable(),
  uid: z.string().nullable().default(null),
  incarnation: z.string().nullable().default(null),
});

const SUMMARY = z.object({
  summary: z.object({
    clusters: z.object({ total: z.number(), failed: z.number() }),
    findings: z.object({ byStatus: z.record(z.string(), z.number()) }),
    notEvaluated: z.object({ total: z.number() }),
  }),
  clusters: z.array(z.object({ cluster: CLUSTER })),
});

const ABOUT = z.object({
  leftOut: z.array(z.object({ name: z.string(), arn: z.string().nullable(), reason: z.string() })),
});

/** A cluster that a run found and did not read, or an account that it found and did not ask. */
export type LeftOutRow = Readonly<z.infer<typeof ABOUT>['leftOut'][number]>;

/** One run of the period, as the index has it. */
export interface IndexRow {
  readonly record: StoredRecord;
  readonly signature: Signature;
  /** Of what is said of this run alone, and of its signature. */
  readonly outcome: Outcome;
  readonly problems: readonly string[];
  /** `null`: its summary cannot be read. */
  readonly summary: z.infer<typeof SUMMARY>['summary'] | null;
  /** What distinguishes its clusters, and their names; `null` likewise. */
  readonly clusters: readonly { readonly key: string; readonly name: string }[] | null;
  /** What it left out, as its `run.json` says; `null`: that is not recorded, or cannot be read. */
  readonly leftOut: readonly LeftOutRow[] | null;
  /** Its effective configuration; `null`: it is not recorded, or cannot be read. */
  readonly config: object | null;
}

export async function indexRow(
  record: StoredRecord,
  { points, ...options }: SignatureOptions & { readonly points: readonly Point[] },
): Promise<IndexRow> {
  const own = points.filter(({ run }) => run === record.manifest.run.id);
  const signature = await signatureOf(record, options);
  const signed: Outcome = { valid: 'pass', invalid: 'fail', missing: 'fail' }[signature as string] as Outcome;
  const read = await summaryOf(options.store, record);
  return {
    record,
    signature,
    outcome: outcomeOf([...own, { outcome: signed ?? 'not verifiable' }]),
    problems: own.flatMap(({ outcome, message }) => (outcome === 'pass' ? [] : [message])),
    summary: read?.summary ?? null,
    clusters: read?.clusters.map(({ cluster }) => ({ key: clusterKey(cluster), name: cluster.name })) ?? null,
    leftOut: await leftOutOf(options.store, record),
    config: await configOf(options.store, record),
  };
}

async function summaryOf(
  store: ReportStore,
  { manifest }: StoredRecord,
): Promise<z.infer<typeof SUMMARY> | null> {
  return SUMMARY.safeParse(await jsonOf(store, runKey(manifest.run.id, 'summary.json'))).data ?? null;
}

async function leftOutOf(store: ReportStore, { manifest }: StoredRecord): Promise<IndexRow['leftOut']> {
  return ABOUT.safeParse(await jsonOf(store, runKey(manifest.run.id, 'run.json'))).data?.leftOut ?? null;
}

async function configOf(store: ReportStore, { manifest }: StoredRecord): Promise<object | null> {
  return (
    z.looseObject({}).safeParse(await jsonOf(store, runKey(manifest.run.id, 'config.json'))).data ?? null
  );
}

async function jsonOf(store: ReportStore, key: string): Promise<unknown> {
  const bytes = await store.get(key);
  if (bytes === null) return null;
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
}

interface Column {
  readonly name: string;
  readonly value: (row: IndexRow) => CellValue;
}

const manifestOf = ({ record }: IndexRow) => record.manifest;
const status =
  (name: string) =>
  ({ summary }: IndexRow): CellValue =>
    summary === null ? null : (summary.findings.byStatus[name] ?? 0);

const COLUMNS: readonly Column[] = [
  { name: 'run', value: (row) => manifestOf(row).run.id },
  { name: 'started_at', value: (row) => manifestOf(row).run.startedAt },
  { name: 'sequence', value: (row) => manifestOf(row).sequence },
  { name: 'verification', value: ({ outcome }) => outcome },
  { name: 'signature', value: ({ signature }) => signature },
  { name: 'problems', value: ({ problems }) => problems.join(' ') },
  { name: 'manifest_sha256', value: ({ record }) => record.sha256 },
  { name: 'previous_run', value: (row) => manifestOf(row).previous?.run ?? null },
  { name: 'previous_manifest_sha256', value: (row) => manifestOf(row).previous?.sha256 ?? null },
  { name: 'tool_version', value: (row) => manifestOf(row).tool.version },
  { name: 'bundle_sha256', value: (row) => manifestOf(row).tool.bundleSha256 },
  { name: 'config_sha256', value: (row) => manifestOf(row).configSha256 },
  { name: 'signing_key', value: (row) => manifestOf(row).signingKey },
  { name: 'objects', value: (row) => manifestOf(row).objects.length },
  { name: 'clusters', value: ({ summary }) => summary?.clusters.total ?? null },
  { name: 'clusters_not_audited', value: ({ summary }) => summary?.clusters.failed ?? null },
  { name: 'findings_new', value: status('new') },
  { name: 'findings_open', value: status('open') },
  { name: 'findings_exempt', value: status('exempt') },
  { name: 'findings_fixed', value: status('fixed') },
  { name: 'findings_gone', value: status('gone') },
  { name: 'findings_withdrawn', value: status('withdrawn') },
  { name: 'not_evaluated', value: ({ summary }) => summary?.notEvaluated.total ?? null },
];

export const indexCsv = (rows: readonly IndexRow[]): string =>
  csvHeader(COLUMNS) +
  rows.map((row) => COLUMNS.map(({ value }) => cellText(value(row))).join(',') + CRLF).join('');
