import { element } from './dom.ts';

/** What the grid shows: a row of the table, or the heading of a group as −1 − its number. */
export type Entries = Int32Array;

export interface GridOptions {
  readonly head: HTMLElement;
  readonly columns: number;
  /** The element of an entry, with `role="row"`. */
  readonly make: (entry: number) => HTMLElement;
  readonly open: (entry: number) => void;
}

export interface Grid {
  readonly host: HTMLElement;
  show(entries: Entries): void;
  /** Brings an entry into view, and focuses it. */
  focus(index?: number): void;
  /** Where an entry is; -1: nowhere. */
  indexOf(entry: number): number;
}

/** As in the style sheet. */
const ROW_PIXELS = 46;
/** Made above and below what can be seen. */
const SPARE = 6;

/**
 * A grid of any number of rows of which only those exist that can be seen. One of them takes the focus (roving tabindex,
 * https://www.w3.org/WAI/ARIA/apg/patterns/grid/).
 */
export function createGrid({ head, columns, make, open }: GridOptions): Grid {
  const spacer = element('div', { class: 'spacer', role: 'rowgroup' });
  const top = element('div', { class: 'top', role: 'rowgroup' }, head);
  const scroller = element('div', { class: 'scroller', role: 'presentation' }, top, spacer);
  const host = element(
    'div',
    { class: 'grid', role: 'grid', 'aria-label': 'Findings', 'aria-colcount': String(columns) },
    scroller,
  );
  let entries: Entries = new Int32Array();
  let active = 0;
  let drawn = [-1, -1];

  function draw(again: boolean): void {
    const first = Math.max(0, Math.floor(scroller.scrollTop / ROW_PIXELS) - SPARE);
    const last = Math.min(
      entries.length,
      Math.ceil((scroller.scrollTop + scroller.clientHeight) / ROW_PIXELS) + SPARE,
    );
    if (!again && drawn[0] === first && drawn[1] === last) return;
    drawn = [first, last];
    const hadFocus = spacer.contains(document.activeElement);
    const rows: HTMLElement[] = [];
    for (let index = first; index < last; index++) rows.push(rowAt(index));
    spacer.replaceChildren(...rows);
    if (hadFocus) rows[active - first]?.focus({ preventScroll: true });
  }

  function rowAt(index: number): HTMLElement {
    const row = make(entries[index] ?? 0);
    row.style.top = `${index * ROW_PIXELS}px`;
    row.setAttribute('aria-rowindex', String(index + 2));
    row.tabIndex = index === active ? 0 : -1;
    row.dataset['index'] = String(index);
    return row;
  }

  function moveTo(index: number): void {
    active = Math.min(Math.max(index, 0), Math.max(entries.length - 1, 0));
    const above = active * ROW_PIXELS;
    if (above < scroller.scrollTop) scroller.scrollTop = above;
    // The headings stay above the rows.
    const below = above + ROW_PIXELS - scroller.clientHeight + top.offsetHeight;
    if (below > scroller.scrollTop) scroller.scrollTop = below;
    draw(true);
    spacer.querySelector<HTMLElement>(`[data-index="${active}"]`)?.focus({ preventScroll: true });
  }

  const steps: Readonly<Record<string, () => number>> = {
    ArrowDown: () => active + 1,
    ArrowUp: () => active - 1,
    PageDown: () => active + Math.floor(scroller.clientHeight / ROW_PIXELS),
    PageUp: () => active - Math.floor(scroller.clientHeight / ROW_PIXELS),
    Home: () => 0,
    End: () => entries.length - 1,
  };
  spacer.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = steps[event.key];
    const opens = event.key === 'Enter' || event.key === ' ';
    if (step === undefined && !opens) return;
    // Else the same key would press the first button of what it opens.
    event.preventDefault();
    if (step !== undefined) moveTo(step());
    else if (entries.length > 0) open(entries[active] ?? 0);
  });
  spacer.addEventListener('click', (event) => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-index]') : null;
    if (row === null) return;
    moveTo(Number(row.dataset['index']));
    open(entries[active] ?? 0);
  });
  let waiting = false;
  const later = (): void => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw(false);
    });
  };
  scroller.addEventListener('scroll', later, { passive: true });
  addEventListener('resize', later, { passive: true });

  return {
    host,
    show(shown) {
      entries = shown;
      active = 0;
      scroller.scrollTop = 0;
      spacer.style.height = `${entries.length * ROW_PIXELS}px`;
      host.hidden = entries.length === 0;
      host.setAttribute('aria-rowcount', String(entries.length + 1));
      draw(true);
    },
    focus: (index = active) => moveTo(index),
    indexOf: (entry) => entries.indexOf(entry),
  };
}
