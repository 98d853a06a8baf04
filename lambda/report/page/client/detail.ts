import { visible } from '../../visible.ts';
import { queryTerm } from '../query-term.ts';
import { copyText } from './copy.ts';
import { button, element, thousands } from './dom.ts';
import {
  causeOf,
  checkOf,
  clusterOf,
  containerOf,
  controlsOf,
  evidenceOf,
  exemptionOf,
  firstSeenOf,
  fixOf,
  impliedOf,
  lastSeenOf,
  messageOf,
  nameOf,
  originOf,
  patchOf,
  podsOf,
  reasonOf,
  severityOf,
  statusOf,
  workloadOf,
} from './row.ts';
import { addressOf, START, wellFormed } from './state.ts';
import type { Table } from './unpack.ts';

/** The address of one finding: the same in every run. */
export function findingAddress(table: Table, row: number): string {
  const [, namespace, kind, name] = workloadOf(table, row);
  const parts = [
    clusterOf(table, row)[0],
    namespace,
    kind,
    name,
    containerOf(table, row) ?? '',
    checkOf(table, row)[0],
  ];
  return `#f=${parts.map((part) => encodeURIComponent(wellFormed(part))).join('/')}`;
}

/** The row that an address names; `null`: it is not embedded, or fixed for long. */
export function rowOfAddress(table: Table, parts: readonly string[]): number | null {
  const wanted = parts.map(wellFormed);
  for (let row = 0; row < table.rows; row++) {
    const [, namespace, kind, name] = workloadOf(table, row);
    const own = [
      clusterOf(table, row)[0],
      namespace,
      kind,
      name,
      containerOf(table, row) ?? '',
      checkOf(table, row)[0],
    ];
    if (own.every((part, index) => wellFormed(part) === wanted[index])) return row;
  }
  return null;
}

export interface DetailOptions {
  readonly table: Table;
  readonly closed: () => void;
}

export interface Detail {
  readonly dialog: HTMLDialogElement;
  open(row: number): void;
}

/** All that is known of one finding, in a dialog. */
export function createDetail({ table, closed }: DetailOptions): Detail {
  const dialog = element('dialog', { 'aria-labelledby': 'detail-title' });
  dialog.addEventListener('close', closed);
  // A click beside it.
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  return {
    dialog,
    open(row) {
      dialog.replaceChildren(...content(table, row, () => dialog.close()));
      if (!dialog.open) dialog.showModal();
      dialog.scrollTop = 0;
    },
  };
}

function content(table: Table, row: number, close: () => void): readonly (Node | string)[] {
  const workload = workloadOf(table, row);
  const [id, title] = checkOf(table, row);
  const severity = severityOf(table, row);
  const [text, command, risk, remediation] = fixOf(table, row);
  const patch = patchOf(table, row);
  const link = button(
    'Copy link',
    () => void copyText(`${location.href.split('#')[0]}${findingAddress(table, row)}`),
  );
  return [
    element(
      'div',
      { class: 'detail' },
      element('p', { class: 'actions' }, element('span', { class: 'result' }), link, button('Close', close)),
      element(
        'h2',
        { id: 'detail-title' },
        nameOf(workload),
        ' ',
        element('span', { class: `badge ${severity}` }, severity),
      ),
      element('p', {}, element('code', {}, id), title === id ? '' : `: ${title}`),
      element('p', { class: 'message' }, messageOf(table, row)),
      element('h3', {}, 'Fix'),
      element('p', {}, text ?? remediation),
      command === null || visible(command) !== command ? null : commandBox(command),
      risk === null ? null : element('p', { class: 'risk' }, `Risk: ${risk}`),
      text === null || text === remediation ? null : element('p', { class: 'note' }, remediation),
      patch === null
        ? null
        : element(
            'details',
            { class: 'copied' },
            element('summary', {}, `Patch: ${patch[0]}`),
            commandBox(patch[1]),
          ),
      element('h3', {}, 'Facts'),
      element('dl', { class: 'pairs' }, ...facts(table, row).map(([name, value]) => pair(name, value))),
      element('h3', {}, 'Evidence'),
      element('pre', { tabindex: '0' }, ...evidenceLines(evidenceOf(table, row))),
      element('h3', {}, 'Controls'),
      element('ul', {}, ...controlsOf(table, row).map((control) => element('li', {}, control))),
    ),
  ];
}

const pair = (name: string, value: string | Node): HTMLElement =>
  element('div', {}, element('dt', {}, name), element('dd', {}, value));

const evidenceLines = (evidence: unknown): readonly (Node | string)[] =>
  lines(JSON.stringify(evidence, null, 2) ?? '');

/** Line by line, since a line break inside of a value is written out. */
const lines = (text: string): readonly (Node | string)[] =>
  text.split('\n').flatMap((line, index) => (index === 0 ? [line] : [document.createTextNode('\n'), line]));

function commandBox(command: string): HTMLElement {
  return element(
    'div',
    { class: 'command' },
    element('pre', { tabindex: '0' }, element('code', {}, ...lines(command))),
    element('button', { type: 'button', class: 'copy' }, 'Copy'),
  );
}

function facts(table: Table, row: number): readonly (readonly [string, string | Node])[] {
  const [, , , , owner, managedBy] = workloadOf(table, row);
  const [cluster, fullCluster] = clusterOf(table, row);
  const [pods, oldest, examples] = podsOf(table, row);
  const container = containerOf(table, row);
  const exemption = exemptionOf(table, row);
  const origin = originOf(table, row);
  const reason = reasonOf(table, row);
  const cause = causeOf(table, row);
  const implied = impliedOf(table, row);
  const more = pods > examples.length ? ` and ${thousands(pods - examples.length)} more` : '';
  return [
    ['Status', `${statusOf(table, row)}${reason === null ? '' : ` (${reason})`}`],
    ['Cluster', fullCluster],
    ...(container === null ? [] : [['Container', container] as const]),
    ['Owner', owner ?? 'none'],
    ...(managedBy === null ? [] : [['Run by', managedBy] as const]),
    ['Pods', `${thousands(pods)}${examples.length === 0 ? '' : `: ${examples.join(', ')}${more}`}`],
    ...(oldest === null ? [] : [['Oldest pod started', timeText(oldest)] as const]),
    ['First seen', timeText(firstSeenOf(table, row))],
    ['Last seen', timeText(lastSeenOf(table, row))],
    ...(cause === null ? [] : [['Cause', causeLink(cause, cluster)] as const]),
    ...(implied === null
      ? []
      : [
          [
            'Follows from',
            element('a', { href: findingAddress(table, implied) }, checkOf(table, implied)[0]),
          ] as const,
        ]),
    ...(exemption === null
      ? []
      : [['Exempt', `${exemption[0]}; owner ${exemption[1]}, last day ${exemption[2]}`] as const]),
    ...(origin === null ? [] : [['Declared in', `${origin[0]}:${origin[1]}`] as const]),
  ];
}

/** `2026-03-02 06:00 UTC` */
const timeText = (rfc3339: string): string =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d.*Z$/.test(rfc3339)
    ? `${rfc3339.slice(0, 10)} ${rfc3339.slice(11, 16)} UTC`
    : rfc3339;

const causeLink = (cause: string, cluster: string): HTMLElement =>
  element(
    'a',
    { href: addressOf({ ...START, query: `${queryTerm('cause', cause)} ${queryTerm('cluster', cluster)}` }) },
    cause,
  );
