import { counted, element, thousands } from './dom.ts';
import {
  checkOf,
  clusterOf,
  containerOf,
  firstSeenOf,
  messageOf,
  nameOf,
  podsOf,
  severityOf,
  statusOf,
  workloadOf,
} from './row.ts';
import type { Table } from './unpack.ts';
import type { Group, Sort, SortColumn } from './view.ts';

/** Columns of the table, from left to right. */
export const HEADINGS: readonly (readonly [SortColumn, string])[] = [
  ['severity', 'Severity'],
  ['workload', 'Workload'],
  ['check', 'Check and finding'],
  ['status', 'Status'],
  ['owner', 'Owner'],
  ['pods', 'Pods'],
  ['since', 'Since'],
];

/** The row of headings; each sorts by its column, and once more the other way round. */
export function headRow(sortBy: (column: SortColumn) => void): {
  readonly head: HTMLElement;
  show(sort: Sort): void;
} {
  const cells = HEADINGS.map(([column, title]) => {
    const pressed = element('button', { type: 'button' }, title);
    pressed.addEventListener('click', () => sortBy(column));
    return element('div', { role: 'columnheader', class: `cell ${column}` }, pressed);
  });
  return {
    head: element('div', { role: 'row', class: 'row head', 'aria-rowindex': '1' }, ...cells),
    show({ column, descending }) {
      for (const [index, cell] of cells.entries()) {
        const isOwn = HEADINGS[index]?.[0] === column;
        cell.setAttribute('aria-sort', isOwn ? (descending ? 'descending' : 'ascending') : 'none');
      }
    },
  };
}

export function findingRow(table: Table, row: number): HTMLElement {
  const workload = workloadOf(table, row);
  const container = containerOf(table, row);
  const severity = severityOf(table, row);
  const where = `${clusterOf(table, row)[0]}${container === null ? '' : `, container ${container}`}`;
  return element(
    'div',
    { role: 'row', class: `row ${statusOf(table, row)}` },
    cell('severity', element('span', { class: `badge ${severity}` }, severity)),
    cell('workload', element('b', {}, nameOf(workload)), element('small', {}, where)),
    cell('check', element('span', {}, checkOf(table, row)[0]), element('small', {}, messageOf(table, row))),
    cell('status', statusOf(table, row)),
    cell('owner', workload[4] ?? workload[5] ?? ''),
    cell('pods', thousands(podsOf(table, row)[0])),
    cell('since', firstSeenOf(table, row).slice(0, 10)),
  );
}

export const groupRow = ({ title, rows }: Group): HTMLElement =>
  element(
    'div',
    { role: 'row', class: 'row group' },
    element(
      'div',
      { role: 'gridcell', class: 'cell', 'aria-colspan': String(HEADINGS.length) },
      element('b', {}, title),
      element('small', {}, counted(rows.length, 'finding')),
    ),
  );

const cell = (name: SortColumn, ...children: readonly (Node | string)[]): HTMLElement =>
  element('div', { role: 'gridcell', class: `cell ${name}` }, ...children);
