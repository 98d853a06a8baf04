import { copyText } from './copy.ts';
import { csvOf } from './csv.ts';
import { createDetail, findingAddress, rowOfAddress } from './detail.ts';
import { button, choice, counted, element, option, thousands } from './dom.ts';
import { facetChoices } from './facet-choices.ts';
import { createGrid } from './grid.ts';
import { wirePrint } from './print.ts';
import { matchQuery, parseQuery, textsOf } from './query.ts';
import { findingRow, groupRow, HEADINGS, headRow } from './rows.ts';
import { addressOf, findingOf, isNarrowed, START, type State, stateOf } from './state.ts';
import type { Table } from './unpack.ts';
import {
  createRanks,
  facetIndexes,
  filterRows,
  GROUPS,
  type Group,
  groupRows,
  SORTS,
  sortRows,
} from './view.ts';

/** What the page does not hold. */
export interface Left {
  readonly count: number;
  /** The file that holds all, in words. */
  readonly csv: string;
}

/** Search, lists, grid and dialog over the findings of the page. Its state is the address of the page. */
export function createExplorer(table: Table, left: Left): HTMLElement {
  const indexes = facetIndexes(table);
  const ranksOf = createRanks(table);
  let state: State = START;
  let fits = matchQuery(table, []);
  let rows: Uint32Array = new Uint32Array();
  let groups: readonly Group[] = [];

  const search = element('input', { type: 'search', id: 'search', autocomplete: 'off', spellcheck: 'false' });
  const facets = facetChoices(indexes, (facet, value) => {
    const { [facet]: _, ...others } = state.chosen;
    change({ chosen: value === null ? others : { ...others, [facet]: value } });
  });
  const grouping = choice('group by', 'group');
  grouping.select.append(...GROUPS.map((group) => option(group, group === 'none' ? 'nothing' : group)));
  const head = headRow((column) => {
    const { sort } = state;
    change({ sort: { column, descending: sort.column === column && !sort.descending } });
  });
  const result = element('p', { class: 'result', role: 'status' });
  const detail = createDetail({ table, closed: () => backToTable() });
  const grid = createGrid({
    head: head.head,
    columns: HEADINGS.length,
    make: (entry) =>
      entry >= 0 ? findingRow(table, entry) : groupRow(groups[-1 - entry] ?? { title: '', rows: [] }),
    open: (entry) => (entry >= 0 ? open(entry) : undefined),
  });

  function change(part: Partial<State>): void {
    apply({ ...state, ...part });
    history.replaceState(null, '', addressOf(state));
  }

  function apply(next: State): void {
    if (next.query !== state.query) fits = matchQuery(table, parseQuery(next.query));
    state = next;
    const filtered = filterRows(indexes, fits, state.chosen);
    rows = sortRows(filtered.rows, ranksOf(state.sort.column), state.sort.descending);
    groups = state.group === 'none' ? [] : groupRows(table, rows, state.group);
    grid.show(state.group === 'none' ? Int32Array.from(rows) : grouped(groups));
    if (search.value !== state.query) search.value = state.query;
    grouping.select.value = state.group;
    head.show(state.sort);
    facets.show(state.chosen, filtered.counts);
    const all = `${thousands(rows.length)} of ${counted(table.rows, 'finding')}`;
    result.textContent = `${all}${groups.length === 0 ? '' : ` in ${counted(groups.length, 'group')}`}${rows.length === 0 ? ': nothing fits' : ''}`;
  }

  function open(row: number): void {
    detail.open(row);
    history.replaceState(null, '', findingAddress(table, row));
  }

  function backToTable(): void {
    history.replaceState(null, '', addressOf(state));
    grid.focus();
  }

  /** Follows the address where it is of the table or of a finding. */
  function follow(): void {
    const parts = findingOf(location.hash);
    const row = parts === null ? null : rowOfAddress(table, parts);
    const next = stateOf(location.hash);
    if (next === null && parts === null) return;
    if (next !== null) apply(next);
    if (detail.dialog.open && parts === null) detail.dialog.close();
    document.getElementById('findings')?.scrollIntoView();
    if (row !== null) {
      const index = grid.indexOf(row);
      if (index >= 0) grid.focus(index);
      detail.open(row);
    } else if (parts !== null) {
      result.textContent = `This run has no finding ${parts.join('/')}: it is fixed, gone${left.count > 0 ? `, only in ${left.csv}` : ''}, or of another run.`;
    }
  }

  search.addEventListener('input', () => change({ query: search.value }));
  grouping.select.addEventListener('change', () =>
    change({ group: GROUPS.find((one) => one === grouping.select.value) ?? 'none' }),
  );
  addEventListener('hashchange', follow);
  addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key !== '/' || isTyping || detail.dialog.open || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    search.focus();
  });
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' || rows.length === 0) return;
    event.preventDefault();
    grid.focus(0);
  });

  const host = element(
    'div',
    { class: 'explorer' },
    left.count === 0
      ? null
      : element(
          'p',
          { class: 'warning' },
          `${counted(left.count, 'finding')} more, none of them critical, high or new unless all shown are, ${left.count === 1 ? 'is' : 'are'} only in ${left.csv}.`,
        ),
    element(
      'div',
      { class: 'tools', role: 'search', 'aria-label': 'Findings' },
      element(
        'div',
        { class: 'choice wide' },
        element('label', { for: 'search' }, 'search (press /)'),
        search,
      ),
      ...facets.boxes,
      grouping.box,
    ),
    help(),
    element(
      'div',
      { class: 'actions' },
      result,
      button('Show all', () => change(START)),
      button('Copy link', () => void copyText(`${location.href.split('#')[0]}${addressOf(state)}`)),
      button('CSV of this view', () => save(csvOf(table, rows), `findings-${table.head.run}.csv`)),
    ),
    grid.host,
    wirePrint(table, { shown: () => ({ rows, isNarrowed: isNarrowed(state) }), csv: left.csv }),
    detail.dialog,
  );
  // The grid has no height before it is in the page.
  queueMicrotask(() => {
    apply(START);
    follow();
    whenIdle(() => {
      SORTS.forEach(ranksOf);
      textsOf(table);
    });
  });
  return host;
}

function grouped(groups: readonly Group[]): Int32Array {
  const entries = new Int32Array(groups.reduce((sum, { rows }) => sum + 1 + rows.length, 0));
  let at = 0;
  for (const [index, { rows }] of groups.entries()) {
    entries[at] = -1 - index;
    entries.set(rows, at + 1);
    at += 1 + rows.length;
  }
  return entries;
}

const help = (): HTMLElement =>
  element(
    'details',
    { class: 'help' },
    element('summary', {}, 'How to search'),
    element(
      'p',
      {},
      'Words are looked for in names, images, checks and messages; all must fit, and a minus in front excludes. Whole values, with * for any text: severity: status: check: cluster: namespace: kind: name: container: owner: cause:. A part of a control: control:. And is:new, is:active, is:closed, is:exempt, is:managed, is:apart, is:unowned, is:drifted, is:implied. Arrow keys move through the rows, Enter opens one, Esc closes it.',
    ),
  );

function save(pieces: Iterable<string>, name: string): void {
  // With a byte order mark, without which spreadsheets guess the encoding.
  const address = URL.createObjectURL(new Blob(['\ufeff', ...pieces], { type: 'text/csv;charset=utf-8' }));
  const link = element('a', { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function whenIdle(act: () => void): void {
  if ('requestIdleCallback' in window) requestIdleCallback(act);
  else setTimeout(act, 500);
}
