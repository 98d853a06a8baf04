import { causeObjectText } from '../../findings/cause.ts';
import { terminalSafe } from '../../report/escape.ts';
import { asCalled } from '../../report/own-commands.ts';
import { remainsText, resolvedText } from '../../report/resolved.ts';
import { count, listed } from '../../report/words.ts';
import type { ChangeRow, FixesPage } from '../commands/fixes-page.ts';
import { commandFor } from '../kubectl.ts';
import { paragraphLines, tableLines } from './columns.ts';
import { type Canvas, canvasOf } from './page.ts';
import type { Look } from './style.ts';

const INDENT = 4;

/** What `fixes` prints: changes, those first that resolve most, each with how it is made. */
export function renderFixes(page: FixesPage, look: Look): string {
  const canvas = canvasOf(look);
  const lines = [
    ...page.rows.slice(0, page.shown).flatMap((row) => rowLines(row, page, canvas)),
    ...(page.rows.length > 0 ? [''] : []),
    ...endLines(page, canvas),
  ];
  return `${lines.join('\n')}\n`;
}

function rowLines(row: ChangeRow, { manyClusters }: FixesPage, canvas: Canvas): readonly string[] {
  const { change, rank, clusters, files } = row;
  const { style, width } = canvas;
  const { fix, owners } = change;
  const where = manyClusters || clusters.length > 1 ? `  ${listed(clusters, 3)}` : '';
  const pods = change.pods > 0 ? `, ${count(change.pods, 'pod')}` : '';
  const remains = remainsText(change.remains);
  const body = { width, indent: INDENT };
  return [
    '',
    ...tableLines(
      [
        [
          { text: String(rank).padStart(2), paint: style.dim },
          { text: change.severity.toUpperCase(), paint: style.severity[change.severity] },
          { text: `${causeObjectText(change.object)}${where}`, paint: style.bold },
        ],
      ],
      { columns: [{}, {}, { cut: 'middle' }], width, indent: 0 },
    ),
    ...paragraphLines(
      `Resolves ${resolvedText(change.findings, change.resolves)} in ${count(change.workloads, 'workload')}${pods}.${remains === null ? '' : ` ${remains}.`}${owners.length === 0 ? '' : ` Owner: ${listed(owners, 3)}.`}`,
      { ...body, paint: style.dim },
    ),
    ...(fix === null ? [] : paragraphLines(asCalled(fix.text, canvas), { ...body, lines: 4 })),
    ...(fix?.risk == null
      ? []
      : paragraphLines(asCalled(fix.risk, canvas), { ...body, lines: 5, lead: 'Risk: ', paint: style.dim })),
    ...(files.length > 0 ? [] : commandsOf(change, canvas).map((command) => commandLine(command, canvas))),
    ...files.flatMap(({ cluster, planned: { file, command, draft } }) => [
      ...paragraphLines(`${file}${clusters.length > 1 ? ` (${cluster})` : ''}`, {
        ...body,
        lines: 10,
        lead: draft === null ? 'File: ' : 'Draft, to be reviewed: ',
      }),
      ...(draft === null || draft.remaining.length <= change.findings - change.resolves
        ? []
        : paragraphLines(
            `With it, ${draft.remaining.length} of ${count(change.findings, 'finding')} would remain; the file names them.`,
            { ...body, paint: style.warn },
          )),
      ...(command === null ? [] : [commandLine(command, canvas)]),
    ]),
  ];
}

/** In each of its clusters: pods have other names there. */
const commandsOf = ({ causes }: ChangeRow['change'], canvas: Canvas): readonly string[] =>
  causes.flatMap(({ cluster, findings }) => {
    const command = findings.find(({ fix }) => fix != null)?.fix?.command ?? null;
    return command === null ? [] : [commandFor(command, cluster, canvas)];
  });

/** Never broken: it is copied. */
const commandLine = (command: string, { style }: Canvas): string =>
  `${' '.repeat(INDENT)}${style.accent(`$ ${terminalSafe(command)}`)}`;

function endLines(page: FixesPage, canvas: Canvas): readonly string[] {
  const { style, width } = canvas;
  const { rows, shown, findings, open, apart, next } = page;
  const total = rows.length;
  const of = total > shown ? `${count(shown, 'change')} of ${total}` : count(total, 'change');
  return [
    ...paragraphLines(
      total === 0
        ? 'No open finding asks for a change.'
        : `${of}, by what they resolve (a critical finding counts 27, high 9, medium 3, low 1); ${count(findings, 'open finding')} in all.`,
      { width, indent: 0 },
    ),
    ...(apart === 0
      ? []
      : paragraphLines(
          `${count(apart, 'finding')} about workloads that AWS or others manage are not ranked.`,
          {
            width,
            indent: 0,
            paint: style.dim,
          },
        )),
    ...(open === 0
      ? []
      : paragraphLines(
          `${count(open, 'verdict')} could not be evaluated, so changes may be missing: audit says which and why.`,
          { width, indent: 0, paint: style.warn },
        )),
    ...next.map((command) => commandLine(asCalled(command, canvas), canvas)),
  ];
}
