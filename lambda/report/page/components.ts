import type { Severity } from '../../severity.ts';
import { mailSafe } from '../escape.ts';
import { html, joined, type Markup, NOTHING } from './markup.ts';

/** Parts of the page that several sections are made of. */

export interface SectionText {
  readonly id: string;
  readonly title: string;
  /** One sentence on how to read it. */
  readonly lead?: string;
}

/** A section with its anchor; `heading` names it for who jumps from section to section. */
export const section = ({ id, title, lead }: SectionText, body: readonly Markup[]): Markup => html`
<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${lead === undefined ? NOTHING : html`<p class="lead">${lead}</p>\n`}${body}
</section>
`;

export interface Column {
  readonly title: string;
  /** Right-aligned. */
  readonly numeric?: boolean;
  /** Never broken into lines, such as a day. */
  readonly unbroken?: boolean;
}

export interface TableText {
  /** What the table holds, for who does not see it. */
  readonly caption: string;
  readonly columns: readonly Column[];
  /** The first cell of each row is its heading. */
  readonly rows: readonly (readonly Markup[])[];
}

/** It scrolls sideways in its own frame, which takes the focus so that a keyboard can do it. */
export const table = ({ caption, columns, rows }: TableText): Markup => html`
<div class="frame" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map((column) => html`<th scope="col"${className(column)}>${column.title}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (cells) =>
    html`<tr>${cells.map((cell, index) =>
      index === 0 ? html`<th scope="row">${cell}</th>` : html`<td${className(columns[index])}>${cell}</td>`,
    )}</tr>\n`,
)}</tbody>
</table></div>
`;

const className = ({ numeric, unbroken }: Partial<Column> = {}): Markup =>
  numeric === true ? html` class="number"` : unbroken === true ? html` class="unbroken"` : NOTHING;

/** A severity in its colour and in words. */
export const badge = (severity: Severity): Markup => html`<span class="badge ${severity}">${severity}</span>`;

export const list = (items: readonly Markup[]): Markup =>
  items.length === 0 ? NOTHING : html`<ul>\n${items.map((item) => html`<li>${item}</li>\n`)}</ul>\n`;

export const link = (address: string, text: string): Markup => html`<a href="${address}">${text}</a>`;

/** A command in one line that can be copied; of what would have to be escaped nothing is shown, since it would be another. */
export const command = (text: string | null | undefined): Markup =>
  text == null || mailSafe(text) !== text
    ? NOTHING
    : html`<div class="command"><pre tabindex="0"><code>${text}</code></pre><button type="button" class="copy" hidden>Copy</button></div>\n`;

/** Text of several lines that can be copied, folded under its title. */
export const copied = (title: string, text: string): Markup =>
  html`<details class="copied"><summary>${title}</summary><div class="command"><pre tabindex="0"><code>${text.split('\n').flatMap((line, index) => (index === 0 ? [html`${line}`] : [html`\n`, html`${line}`]))}</code></pre><button type="button" class="copy" hidden>Copy</button></div></details>\n`;

export const paragraphs = (texts: readonly string[]): Markup =>
  joined(texts.map((text) => html`<p>${text}</p>\n`));
