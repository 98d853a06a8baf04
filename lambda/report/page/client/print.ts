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

/** A printer has no use for more. */
const PRINTED = 1000;

export interface PrintOptions {
  readonly shown: () => Uint32Array;
  /** The file that holds all findings, in words. */
  readonly csv: string;
}

/** Patches are for copying, and no printer does that. */
const FOLDED = '#worst details:not(.copied)';

/** Fills a table for the printer with what is shown, and says what is left out. */
export function wirePrint(table: Table, { shown, csv }: PrintOptions): HTMLElement {
  const box = element('div', { class: 'printed' });
  addEventListener('beforeprint', () => {
    for (const folded of document.querySelectorAll<HTMLDetailsElement>(FOLDED)) folded.open = true;
    const rows = shown();
    const printed = [...rows.subarray(0, PRINTED)];
    box.replaceChildren(
      element(
        'p',
        {},
        rows.length > PRINTED
          ? `The first ${counted(PRINTED, 'row')} of ${counted(rows.length, 'finding')}; all are in ${csv}.`
          : counted(rows.length, 'finding'),
      ),
      element(
        'table',
        {},
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            ...['Severity', 'Workload', 'Check and finding', 'Status', 'Since'].map((title) =>
              element('th', { scope: 'col' }, title),
            ),
          ),
        ),
        element('tbody', {}, ...printed.map((row) => printedRow(table, row))),
      ),
    );
  });
  addEventListener('afterprint', () => box.replaceChildren());
  return box;
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
