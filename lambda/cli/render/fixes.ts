import { causeObjectText } from '../../findings/cause.ts';
import { CAUSE_WORDS } from '../../findings/cause-words.ts';
import { together } from '../../fixes/alike.ts';
import { terminalSafe } from '../../report/escape.ts';
import { asCalled, PROGRAM } from '../../report/own-commands.ts';
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
    ...page.groups.slice(0, page.shown).flatMap((group, index) => groupLines(group, index + 1, page, canvas)),
    ...(page.rows.length > 0 ? [''] : []),
    ...endLines(page, canvas),
  ];
  return `${lines.join('\n')}\n`;
}

/** Of equal changes so many are named, and so many of their files and commands are shown. */
const NAMED = 5;

/** What is wrong, and with what; objects that are a whole cluster say it themselves, in a sentence. */
function oneText({ kind, object }: ChangeRow['change']): string {
  const of = causeObjectText(object);
  return kind === 'unknown' || object.kind === 'Cluster' ? of : `${CAUSE_WORDS[kind]}: ${of}`;
}

function groupLines(
  rows: FixesPage['groups'][number],
  rank: number,
  { manyClusters }: FixesPage,
  canvas: Canvas,
): readonly string[] {
  const [first, ...others] = rows;
  const change = together([first.change, ...others.map((row) => row.change)]);
  const clusters = [...new Set(rows.flatMap((row) => row.clusters))];
  const { style, width } = canvas;
  const { fix, owners } = change;
  const where = manyClusters || clusters.length > 1 ? `  ${listed(clusters, 3)}` : '';
  const what =
    others.length === 0 ? oneText(change) : `${CAUSE_WORDS[change.kind]}, ${count(rows.length, 'time')}`;
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
          { text: `${what}${where}`, paint: style.bold },
        ],
      ],
      { columns: [{}, {}, { cut: 'middle' }], width, indent: 0 },
    ),
    ...(others.length === 0
      ? []
      : paragraphLines(
          `${listed(
            rows.map((row) => causeObjectText(row.change.object)),
            NAMED,
          )}.`,
          { ...body, lines: 6 },
        )),
    ...paragraphLines(
      `Resolves ${resolvedText(change.findings, change.resolves)} in ${count(change.workloads, 'workload')}${pods}.${remains === null ? '' : ` ${remains}.`}${owners.length === 0 ? '' : ` Owner: ${listed(owners, 3)}.`}`,
      { ...body, lines: 5, paint: style.dim },
    ),
    ...(fix === null
      ? []
      : paragraphLines(asCalled(fix.text, canvas), {
          ...body,
          lines: 7,
          ...(others.length === 0 ? {} : { lead: 'The first: ' }),
        })),
    ...(fix?.risk == null
      ? []
      : paragraphLines(asCalled(fix.risk, canvas), { ...body, lines: 5, lead: 'Risk: ', paint: style.dim })),
    ...wayLines(rows, canvas),
  ];
}

/** Files, or else commands: how each of the changes is made. */
function wayLines(rows: readonly ChangeRow[], canvas: Canvas): readonly string[] {
  const ways = rows.flatMap((row): readonly (readonly string[])[] =>
    row.files.length > 0
      ? fileLines(row, canvas)
      : commandsOf(row.change, canvas).map((line) => [commandLine(line, canvas)]),
  );
  // Equal changes in several clusters are few, and each is another place.
  const most = rows.length === 1 ? ways.length : NAMED;
  const rest = ways.length - most;
  return [
    ...ways.slice(0, most).flat(),
    ...(rest > 0
      ? [canvas.style.dim(`${' '.repeat(INDENT)}and ${count(rest, 'more', 'more')} like it: --all`)]
      : []),
  ];
}

function fileLines({ change, clusters, files }: ChangeRow, canvas: Canvas): readonly (readonly string[])[] {
  const body = { width: canvas.width, indent: INDENT };
  return files.map(({ cluster, planned: { file, command, draft } }) => [
    // Never broken: it is copied, too.
    `${' '.repeat(INDENT)}${terminalSafe(`${draft === null ? 'File: ' : 'Draft, to be reviewed: '}${file}${clusters.length > 1 ? ` (${cluster})` : ''}`)}`,
    ...(draft === null || draft.remaining.length <= change.findings - change.resolves
      ? []
      : paragraphLines(
          `With it, ${draft.remaining.length} of ${count(change.findings, 'finding')} would remain; the file names them.`,
          { ...body, paint: canvas.style.warn },
        )),
    ...(command === null ? [] : [commandLine(command, canvas)]),
  ]);
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
  const { rows, groups, shown, findings, open, apart, kubeconfig, next } = page;
  const total = rows.length;
  const inShown = groups.slice(0, shown).reduce((sum, group) => sum + group.length, 0);
  const changes = total > inShown ? `${count(inShown, 'change')} of ${total}` : count(total, 'change');
  const of = inShown > shown ? `${changes}, equal ones together` : changes;
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
          asCalled(
            `${count(open, 'verdict')} could not be evaluated, so changes may be missing: ${PROGRAM} audit says which and why.`,
            canvas,
          ),
          { width, indent: 0, paint: style.warn },
        )),
    ...(kubeconfig.length === 0
      ? []
      : [
          'Once, so that kubectl knows the clusters:',
          ...kubeconfig.map((command) => commandLine(command, canvas)),
        ]),
    ...next.map((command) => commandLine(asCalled(command, canvas), canvas)),
  ];
}
