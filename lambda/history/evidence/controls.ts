import { csv2json } from 'csv42';
import { nearest } from '../../config/suggest.ts';
import { UsageError } from '../../errors.ts';
import { type CellValue, CRLF, cellText, csvHeader } from '../../report/csv-cells.ts';
import { runKey } from '../../store/layout.ts';
import type { ReportStore } from '../../store/store.ts';
import type { StoredRecord } from '../records.ts';

/** A row of `compliance.csv`, by the names of its columns. */
type Row = Readonly<Record<string, string>>;

/** Rows of some controls in all runs of a period. */
export interface ControlRows {
  /** The text of `controls.csv`. */
  readonly text: string;
  readonly rows: number;
  /** Runs of versions that wrote no such table. */
  readonly without: readonly string[];
}

/**
 * What each run says of some controls.
 * @param asked `PCI DSS` for all of a framework, `PCI DSS 1.3.2` for one of its controls.
 * @throws UsageError when no run knows one of them
 */
export async function controlRows(
  store: ReportStore,
  records: readonly StoredRecord[],
  asked: readonly string[],
): Promise<ControlRows> {
  const rows: Row[] = [];
  const without: string[] = [];
  const known = new Set<string>();
  const met = new Set<string>();
  for (const { manifest } of records) {
    const { id } = manifest.run;
    const bytes = await store.get(runKey(id, 'compliance.csv'));
    if (bytes === null) {
      without.push(id);
      continue;
    }
    for (const row of rowsOf(bytes)) {
      const names = [row['framework'] ?? '', `${row['framework']} ${row['control']}`];
      for (const name of names) known.add(name);
      const matching = asked.filter((one) => names.some((name) => name.toLowerCase() === one.toLowerCase()));
      for (const one of matching) met.add(one);
      if (matching.length > 0) rows.push(row);
    }
  }
  const unknown = asked.find((one) => !met.has(one));
  if (unknown !== undefined && known.size > 0) throw new UsageError(noSuchControl(unknown, [...known]));
  return { text: tableOf(rows), rows: rows.length, without };
}

function rowsOf(bytes: Uint8Array): readonly Row[] {
  const text = Buffer.from(bytes)
    .toString('utf8')
    .replace(/^\ufeff/, '');
  return csv2json<Row>(text, { parseValue: unquoted, nested: false });
}

/** A cell as text; the library would make numbers of some. */
const unquoted = (cell: string): string =>
  cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;

function noSuchControl(name: string, known: readonly string[]): string {
  const close = nearest(name, known);
  const hint = close === null ? 'docs/controls.md lists them.' : `Did you mean "${close}"?`;
  return `No run of the period knows the control "${name}". ${hint}`;
}

/** Columns of all rows: later versions have more. */
function tableOf(rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const line = (row: Row): string =>
    names.map((name) => cellText((row[name] ?? null) as CellValue)).join(',') + CRLF;
  return csvHeader(names.map((name) => ({ name }))) + rows.map(line).join('');
}
