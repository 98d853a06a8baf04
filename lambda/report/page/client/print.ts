import { counted, element } from './dom.ts';
import {
  checkOf,
  clusterOf,
  containerOf,
  firstSeenOf,
  messageOf,
  nameOf,
  severityOf,
  statusOf,
  workloadOf,
} from './row.ts';
import type { Table } from './unpack.ts';

/** Whoever narrowed the table has chosen what to print. */
const CHOSEN = 1000;
/** Of all findings a few are enough to see what they are: the sections before have the worst workloads, and a file has all. */
const SAMPLE = 25;

/** What the table shows. */
export interface PrintedView {
  readonly rows: Uint32Array;
  /** By a search or a list, not all findings. */
  readonly isNarrowed: boolean;
}

export interface PrintOptions {
  readonly shown: () => PrintedView;
  /** The file that holds all findings, in words. */
  readonly csv: string;
}

/** What is wrong with each workload, and the fix. */
const FOLDED = 'details.causes:not([open])';
const TITLES = ['Severity', 'Workload', 'Check and finding', 'Status', 'Since'];

/** Fills a table for the printer with what is shown, and says what is left out. */
export function wirePrint(table: Table, { shown, csv }: PrintOptions): HTMLElement {
  const box = element('div', { class: 'printed' });
  let opened: readonly HTMLDetailsElement[] = [];
  addEventListener('beforeprint', () => {
    opened = [...opened, ...document.querySelectorAll<HTMLDetailsElement>(FOLDED)];
    for (const folded of opened) folded.open = true;
    const { rows, isNarrowed } = shown();
    const printed = [...rows.subarray(0, isNarrowed ? CHOSEN : SAMPLE)];
    box.replaceChildren(
      element('p', {}, whatIsPrinted(printed.length, rows.length, { isNarrowed, csv })),
      element(
        'table',
        {},
        element(
          'thead',
          {},
          element('tr', {}, ...TITLES.map((title) => element('th', { scope: 'col' }, title))),
        ),
        element('tbody', {}, ...printed.map((row) => printedRow(table, row))),
      ),
    );
  });
  addEventListener('afterprint', () => {
    for (const folded of opened) folded.open = false;
    opened = [];
    box.replaceChildren();
  });
  return box;
}

function whatIsPrinted(
  printed: number,
  rows: number,
  { isNarrowed, csv }: Pick<PrintedView, 'isNarrowed'> & Pick<PrintOptions, 'csv'>,
): string {
  if (printed === rows)
    return isNarrowed ? `${counted(rows, 'finding')} of a search.` : counted(rows, 'finding');
  const first = `The first ${counted(printed, 'row')} of ${counted(rows, 'finding')}; all are in ${csv}.`;
  return isNarrowed ? first : `${first} To print others, narrow the table in a browser.`;
}

function printedRow(table: Table, row: number): HTMLElement {
  const container = containerOf(table, row);
  return element(
    'tr',
    {},
    element('td', {}, severityOf(table, row)),
    element(
      'td',
      {},
      `${nameOf(workloadOf(table, row))} in ${clusterOf(table, row)[0]}${container === null ? '' : `, container ${container}`}`,
    ),
    element('td', {}, `${checkOf(table, row)[0]}: ${messageOf(table, row)}`),
    element('td', {}, statusOf(table, row)),
    element('td', { class: 'unbroken' }, firstSeenOf(table, row).slice(0, 10)),
  );
}
