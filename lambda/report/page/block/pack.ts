import type { Finding } from '../../../findings/finding.ts';
import type { ClusterIdentity, WorkloadRef } from '../../../inventory/names.ts';
import { causeText } from '../../cause-words.ts';
import { clusterName, type NameOf } from '../../words.ts';
import type { PatchText } from '../drawn-patches.ts';
import { base64Of, gzipOnce } from './compress.ts';
import { type Dictionary, dictionary } from './dictionary.ts';
import {
  COLUMNS,
  type ColumnName,
  DICTIONARIES,
  type Dictionaries,
  type Head,
  type PatchEntry,
  SEVERITY_NAMES,
  STATUS_NAMES,
} from './format.ts';
import { type RepeatedNames, withoutNames } from './names-in-text.ts';

export interface PackOptions {
  readonly nameOf: NameOf;
  /** Titles of checks, by id. */
  readonly titles: ReadonlyMap<string, string>;
  /** RFC 3339: the start of the run. */
  readonly now: string;
  readonly run: string;
  /** By the id of their cause. */
  readonly patches: ReadonlyMap<string, PatchText>;
  /** Ids of the findings that people see apart. */
  readonly apart: ReadonlySet<string>;
}

/** Findings as the page embeds them, in pieces of base64; see {@link file://./format.ts}. */
export const packFindings = (findings: readonly Finding[], options: PackOptions): Iterable<string> =>
  base64Of(gzipOnce(blockOf(findings, options)));

type Columns = Readonly<Record<ColumnName, Uint32Array>>;
type Dicts = Readonly<Record<keyof Dictionaries, Dictionary>>;

/** The bytes of the block, before they are compressed. */
export function* blockOf(findings: readonly Finding[], options: PackOptions): Generator<Uint8Array> {
  const columns = Object.fromEntries(
    COLUMNS.map((name) => [name, new Uint32Array(findings.length)]),
  ) as unknown as Columns;
  const dicts = Object.fromEntries(DICTIONARIES.map((name) => [name, dictionary()])) as unknown as Dicts;
  fill(findings, { columns, dicts, options });
  const widths = COLUMNS.map((name) => widthOf(columns[name]));
  const head: Head = { version: 1, rows: findings.length, widths, now: options.now, run: options.run };
  yield Buffer.from(`${JSON.stringify(head)}\n`);
  for (const [index, name] of COLUMNS.entries()) yield narrowed(columns[name], widths[index] ?? 4);
  for (const name of DICTIONARIES) yield* jsonArray(dicts[name].texts());
}

interface Filling {
  readonly columns: Columns;
  readonly dicts: Dicts;
  readonly options: PackOptions;
}

function fill(findings: readonly Finding[], { columns, dicts, options }: Filling): void {
  const clusters = new Map<ClusterIdentity, number>();
  const clusterOf = (cluster: ClusterIdentity): number => {
    const known = clusters.get(cluster);
    if (known !== undefined) return known;
    const place = dicts.clusters.add([options.nameOf(cluster), clusterName(cluster)]);
    clusters.set(cluster, place);
    return place;
  };
  const rowOf = impliedRows(findings);
  for (const [row, finding] of findings.entries()) {
    const { workload, pods, fix, exemption, origin, check } = finding;
    columns.severity[row] = SEVERITY_NAMES.indexOf(finding.severity);
    columns.status[row] = STATUS_NAMES.indexOf(finding.status);
    columns.check[row] = dicts.checks.add([check, options.titles.get(check) ?? check]);
    columns.workload[row] = dicts.workloads.add([
      clusterOf(finding.cluster),
      ...namesOf(workload),
      finding.owner ?? null,
      finding.managedBy ?? null,
    ]);
    columns.container[row] = dicts.containers.add(finding.container);
    columns.controls[row] = dicts.controls.add(finding.controls);
    const names: RepeatedNames = { ...workload, container: finding.container };
    const short = (text: string | null): string | null => (text === null ? null : withoutNames(text, names));
    columns.message[row] = dicts.messages.add(short(finding.message));
    columns.evidence[row] = dicts.evidence.add(finding.evidence);
    columns.pods[row] = dicts.pods.add([
      pods.count,
      pods.oldestStartedAt,
      pods.examples.slice(0, 5).map(short),
    ]);
    columns.cause[row] = dicts.causes.add(causeEntry(finding));
    columns.fix[row] = dicts.fixes.add([
      short(fix?.text ?? null),
      short(fix?.command ?? null),
      short(fix?.risk ?? null),
      finding.remediation,
    ]);
    columns.exemption[row] = dicts.exemptions.add(
      exemption === null ? null : [exemption.reason, exemption.owner, exemption.expires],
    );
    columns.firstSeen[row] = dicts.times.add(finding.firstSeen);
    columns.lastSeen[row] = dicts.times.add(finding.lastSeen);
    columns.origin[row] = dicts.origins.add(origin == null ? null : [origin.file, origin.line]);
    columns.reason[row] = dicts.reasons.add(finding.reason ?? null);
    columns.patch[row] = dicts.patches.add(patchEntry(finding, options));
    columns.apart[row] = options.apart.has(finding.id) ? 1 : 0;
    columns.implied[row] = finding.impliedBy == null ? 0 : (rowOf.get(finding.impliedBy) ?? -1) + 1;
  }
}

const causeEntry = ({ cause }: Finding): string | null =>
  cause == null ? null : causeText({ cause, findings: [] });

function patchEntry({ cause }: Finding, { patches }: PackOptions): PatchEntry | null {
  const patch = cause == null ? undefined : patches.get(cause.id);
  return patch === undefined ? null : [patch.name, patch.text];
}

const namesOf = ({ namespace, kind, name }: WorkloadRef): readonly [string, string, string] => [
  namespace,
  kind,
  name,
];

/** Where the findings are from which others follow. */
function impliedRows(findings: readonly Finding[]): ReadonlyMap<string, number> {
  const wanted = new Set(findings.flatMap(({ impliedBy }) => impliedBy ?? []));
  return new Map(findings.flatMap(({ id }, row) => (wanted.has(id) ? [[id, row] as const] : [])));
}

function widthOf(column: Uint32Array): number {
  let most = 0;
  for (const value of column) if (value > most) most = value;
  return most < 2 ** 8 ? 1 : most < 2 ** 16 ? 2 : 4;
}

/**
 * Each number as its difference to the one before, which is mostly 0 or 1, since entries are numbered as they come. Little
 * endian, as all machines are that Node.js and browsers run on; what is below zero wraps round.
 */
function narrowed(column: Uint32Array, width: number): Uint8Array {
  const differences = column.map((value, row) => value - (column[row - 1] ?? 0));
  const numbers =
    width === 1 ? Uint8Array.from(differences) : width === 2 ? Uint16Array.from(differences) : differences;
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/** Gathered before it is encoded: thousands of small texts would be thousands of small buffers. */
const TEXT_CHARACTERS = 32 * 1024;

function* jsonArray(texts: Iterable<string>): Generator<Uint8Array> {
  let text = '[';
  let separator = '';
  for (const entry of texts) {
    text += `${separator}${entry}`;
    separator = ',';
    if (text.length < TEXT_CHARACTERS) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(`${text}]\n`);
}
