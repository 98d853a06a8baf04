import { SEVERITY_NAMES, STATUS_NAMES } from '../block/format.ts';
import { causeOf, checkOf, clusterOf, isActive, nameOf, workloadOf } from './row.ts';
import type { Table } from './unpack.ts';

/** What a person may choose from a list. */
export const FACETS = ['severity', 'status', 'check', 'cluster', 'namespace', 'owner'] as const;
export type Facet = (typeof FACETS)[number];

/** The values of a facet, and which one each row has. */
export interface FacetIndex {
  readonly values: readonly string[];
  readonly placeOf: (row: number) => number;
}

/** Made once: from then on a row has a number for each facet. */
export function facetIndexes(table: Table): Readonly<Record<Facet, FacetIndex>> {
  const { columns } = table;
  const ofWorkload = (text: (entry: Table['workloads'][number]) => string): FacetIndex => {
    const values = [...new Set(table.workloads.map(text))].sort();
    const places = new Map(values.map((value, place) => [value, place]));
    const ofEntry = Uint32Array.from(table.workloads, (entry) => places.get(text(entry)) ?? 0);
    return { values, placeOf: (row) => ofEntry[columns.workload[row] ?? 0] ?? 0 };
  };
  return {
    severity: { values: SEVERITY_NAMES, placeOf: (row) => columns.severity[row] ?? 0 },
    status: { values: STATUS_NAMES, placeOf: (row) => columns.status[row] ?? 0 },
    check: { values: table.checks.map(([id]) => id), placeOf: (row) => columns.check[row] ?? 0 },
    cluster: ofWorkload(([cluster]) => table.clusters[cluster]?.[0] ?? ''),
    namespace: ofWorkload(([, namespace]) => namespace),
    owner: ofWorkload(([, , , , owner]) => owner ?? ''),
  };
}

export type Chosen = Readonly<Partial<Record<Facet, string>>>;

export interface Filtered {
  /** In the order of the block. */
  readonly rows: Uint32Array;
  /** How many rows there would be with each value of a facet, whatever is chosen of that facet now. */
  readonly counts: Readonly<Record<Facet, Uint32Array>>;
}

/** One pass: a row that fails one facet alone counts for the values of that facet. */
export function filterRows(
  indexes: Readonly<Record<Facet, FacetIndex>>,
  fits: Uint8Array,
  chosen: Chosen,
): Filtered {
  const counts = Object.fromEntries(
    FACETS.map((facet) => [facet, new Uint32Array(indexes[facet].values.length)]),
  ) as Record<Facet, Uint32Array>;
  const facets = FACETS.map((facet) => {
    const { values, placeOf } = indexes[facet];
    const value = chosen[facet];
    return { counts: counts[facet], placeOf, wanted: value === undefined ? ANY : values.indexOf(value) };
  });
  const rows = new Uint32Array(fits.length);
  const places = new Uint32Array(facets.length);
  let found = 0;
  for (let row = 0; row < fits.length; row++) {
    if (fits[row] === 0) continue;
    const failed = failedOf(facets, row, places);
    if (failed === SEVERAL) continue;
    if (failed === NONE) rows[found++] = row;
    for (let index = 0; index < facets.length; index++) {
      if (failed === NONE || index === failed) add(facets[index]?.counts, places[index] ?? 0);
    }
  }
  return { rows: rows.slice(0, found), counts };
}

const ANY = -2;
const [NONE, SEVERAL] = [-1, -2];

interface FacetTest extends Pick<FacetIndex, 'placeOf'> {
  /** The place of the value that is chosen; {@link ANY}: none is. */
  readonly wanted: number;
}

/**
 * The facet that a row fails, where it is one alone.
 *
 * @param places Takes the value that the row has of each.
 */
function failedOf(facets: readonly FacetTest[], row: number, places: Uint32Array): number {
  let failed = NONE;
  for (let index = 0; index < facets.length; index++) {
    const facet = facets[index];
    const place = facet?.placeOf(row) ?? 0;
    places[index] = place;
    if (facet === undefined || facet.wanted === ANY || place === facet.wanted) continue;
    failed = failed === NONE ? index : SEVERAL;
  }
  return failed;
}

function add(counts: Uint32Array | undefined, place: number): void {
  if (counts !== undefined) counts[place] = (counts[place] ?? 0) + 1;
}

export const SORTS = ['severity', 'workload', 'check', 'status', 'owner', 'pods', 'since'] as const;
export type SortColumn = (typeof SORTS)[number];

export interface Sort {
  readonly column: SortColumn;
  readonly descending: boolean;
}

/** Ranks of all rows in one column, the same for equal values; made once a column. */
export function createRanks(table: Table): (column: SortColumn) => Uint32Array {
  const known = new Map<SortColumn, Uint32Array>();
  return (column) => {
    const made = known.get(column) ?? ranksOf(table, column);
    known.set(column, made);
    return made;
  };
}

function ranksOf(table: Table, column: SortColumn): Uint32Array {
  const { columns } = table;
  const byEntry = (of: ArrayLike<number>, ranks: Uint32Array): Uint32Array =>
    Uint32Array.from({ length: table.rows }, (_, row) => ranks[of[row] ?? 0] ?? 0);
  switch (column) {
    case 'severity':
      // What asks somebody to act goes before what is exempt, and that before what is over; what AWS manages has no rank.
      return Uint32Array.from({ length: table.rows }, (_, row) => {
        const status = STATUS_NAMES[columns.status[row] ?? 0] ?? 'open';
        const group = isActive(status) ? 0 : status === 'exempt' ? 1 : 2;
        return (
          group * 16 +
          (columns.severity[row] ?? 0) * 4 +
          (columns.apart[row] ?? 0) * 2 +
          (status === 'new' ? 0 : 1)
        );
      });
    case 'status':
      return Uint32Array.from(columns.status);
    case 'workload':
      return byEntry(
        columns.workload,
        rankTexts(table.workloads.map((entry) => `${nameOf(entry)}\n${table.clusters[entry[0]]?.[0] ?? ''}`)),
      );
    case 'check':
      return byEntry(columns.check, rankTexts(table.checks.map(([id]) => id)));
    case 'owner':
      // Without an owner last.
      return byEntry(
        columns.workload,
        rankTexts(table.workloads.map(([, , , , owner]) => owner ?? '\uffff')),
      );
    case 'pods':
      return byEntry(
        columns.pods,
        Uint32Array.from(table.pods, ([count]) => count),
      );
    case 'since':
      return byEntry(columns.firstSeen, rankTexts(table.times));
  }
}

/** Places of texts when they are sorted; equal texts have the same. */
function rankTexts(texts: readonly string[]): Uint32Array {
  const order = [...new Set(texts)].sort();
  const places = new Map(order.map((text, place) => [text, place]));
  return Uint32Array.from(texts, (text) => places.get(text) ?? 0);
}

/** Sorts rows by their ranks, equal ones as they were; numbers sort many times faster than rows. */
export function sortRows(rows: Uint32Array, ranks: Uint32Array, descending: boolean): Uint32Array {
  const size = rows.length;
  let most = 0;
  for (const row of rows) most = Math.max(most, ranks[row] ?? 0);
  const keys = Float64Array.from(rows, (row, index) => {
    const rank = ranks[row] ?? 0;
    return (descending ? most - rank : rank) * size + index;
  }).sort();
  return Uint32Array.from(keys, (key) => rows[key % size] ?? 0);
}

export const GROUPS = ['none', 'workload', 'cause', 'check', 'owner', 'namespace'] as const;
export type Grouping = (typeof GROUPS)[number];

/** Rows of one group, in their order; groups in the order of their first row. */
export interface Group {
  readonly title: string;
  readonly rows: readonly number[];
}

export function groupRows(table: Table, rows: Uint32Array, grouping: Grouping): readonly Group[] {
  const groups = new Map<string, number[]>();
  for (const row of rows) {
    const title = groupTitle(table, row, grouping);
    const group = groups.get(title);
    if (group === undefined) groups.set(title, [row]);
    else group.push(row);
  }
  return Array.from(groups, ([title, of]) => ({ title, rows: of }));
}

function groupTitle(table: Table, row: number, grouping: Grouping): string {
  const workload = workloadOf(table, row);
  const [cluster] = clusterOf(table, row);
  switch (grouping) {
    case 'workload':
      return `${nameOf(workload)} in ${cluster}`;
    case 'cause':
      return `${causeOf(table, row) ?? checkOf(table, row)[0]} in ${cluster}`;
    case 'check':
      return checkOf(table, row)[0];
    case 'owner':
      return workload[4] ?? 'no owner';
    case 'namespace':
      return `${workload[1] === '' ? '(none)' : workload[1]} in ${cluster}`;
    case 'none':
      return '';
  }
}
