import { createFormatValue } from 'csv42';
import type { FoundUse, PackageAnswer, UnsearchableImage } from '../../questions/find-package.ts';
import { csvSafe, terminalSafe } from '../../report/escape.ts';
import { jsonLine } from '../../report/rows.ts';
import { clusterName, count, instant, shortNames, thousands, workloadName } from '../../report/words.ts';
import { type Cell, paragraphLines, tableLines } from './columns.ts';
import { type Canvas, canvasOf } from './page.ts';
import type { Look } from './style.ts';

/** What was asked, and what was answered. */
export interface SbomPage {
  /** As it was asked. */
  readonly asked: string;
  readonly answer: PackageAnswer;
  /** All rows, and not only the first. */
  readonly all: boolean;
}

/** So many rows are shown on a terminal; more are for files and programs. */
const SHOWN = 40;

const HEAD = ['PACKAGE', 'VERSION', 'IMAGE', 'CLUSTER', 'WORKLOAD', 'PODS', 'RUNNING SINCE'];

/** `sbom find` as a table; its last line says how much could not be searched. */
export function renderSbom(page: SbomPage, look: Look): string {
  const canvas = canvasOf(look);
  const lines = [...foundLines(page, canvas), ...noteLines(page, canvas), lastLine(page.answer)];
  return `${lines.join('\n')}\n`;
}

function foundLines({ asked, answer: { found, asOf }, all }: SbomPage, canvas: Canvas): readonly string[] {
  const { style, width } = canvas;
  const when = `the last run (${instant(asOf)})`;
  if (found.length === 0) {
    return paragraphLines(`No SBOM of the images that ran at ${when} lists ${asked}.`, { width, indent: 0 });
  }
  const nameOf = shortNames(found.map(({ use }) => use.cluster));
  const shown = all ? found : found.slice(0, SHOWN);
  const rows = shown.map((row): readonly Cell[] => {
    const { package: one, match, image, use } = row;
    return [
      { text: one.name },
      { text: versionText(one.version, match), ...(match === 'unknown' ? { paint: style.warn } : {}) },
      { text: shortImage(image) },
      { text: nameOf(use.cluster) },
      { text: workloadName(use.workload) },
      { text: thousands(use.pods.length) },
      { text: use.runningSince?.slice(0, 10) ?? 'not now' },
    ];
  });
  const table = tableLines([HEAD.map((text) => ({ text, paint: style.dim })), ...rows], {
    columns: [
      { cut: 'middle' },
      { cut: 'end' },
      { cut: 'middle' },
      { cut: 'middle' },
      { cut: 'middle' },
      { align: 'right' },
      {},
    ],
    width,
    indent: 0,
  });
  const more = found.length - shown.length;
  const unsure = found.filter(({ match }) => match === 'unknown').length;
  return [
    ...table,
    ...(more === 0 ? [] : [style.dim(`… and ${thousands(more)} more rows: add --all, or -o csv`)]),
    '',
    ...paragraphLines(foundText(found, when), { width, indent: 0 }),
    ...(unsure === 0 ? [] : paragraphLines(unsureText(unsure), { width, indent: 0, paint: style.warn })),
  ];
}

const versionText = (version: string | null, match: FoundUse['match']): string =>
  match === 'yes' ? (version ?? '-') : `${version ?? ''} ?`.trim();

const unsureText = (rows: number): string =>
  rows === 1
    ? 'One row is marked with ?: the version or the type of its package cannot be compared, so look at it.'
    : `${thousands(rows)} rows are marked with ?: the versions or the types of their packages cannot be compared, so look at them.`;

/** Registry and digest tell a reader of a table little; other formats have them. */
const shortImage = (image: string): string =>
  image.replace(/@sha256:[0-9a-f]+$/, '').replace(/^[^/]+\.[^/]+\//, '');

function foundText(found: readonly FoundUse[], when: string): string {
  const workloads = new Set(found.map(({ use }) => use)).size;
  const images = new Set(found.map(({ digest }) => digest)).size;
  return `Found in ${count(images, 'image')} of ${count(workloads, 'workload')}, by ${when}.`;
}

function noteLines(
  { answer: { stale, unsearchable } }: SbomPage,
  { width, style }: Canvas,
): readonly string[] {
  const clusters = stale.map(({ cluster, date }) => {
    const name = clusterName(cluster);
    return date === null
      ? `The pods of cluster ${name} were never listed: what it runs is not known.`
      : `The last run did not list all pods of cluster ${name}: its rows are of ${date}.`;
  });
  const reasons = [...Map.groupBy(unsearchable, ({ reason }) => reason)]
    .map(([reason, of]) => ({ reason, images: of.length }))
    .toSorted((a, b) => b.images - a.images);
  const why = reasons.slice(0, 3).map(({ reason, images }) => `${count(images, 'image')}: ${reason}`);
  return [...clusters, ...why].flatMap((text) =>
    paragraphLines(text, { width, indent: 0, paint: style.dim }),
  );
}

/** SPEC §4: always the last line. */
function lastLine({ images, unsearchable }: PackageAnswer): string {
  if (images === 0) return 'No running image is known; any may contain it.';
  const number = unsearchable.length;
  const which = `${thousands(number)} of ${count(images, 'running image')}`;
  if (number === 0) return `0 of ${count(images, 'running image')} have no searchable SBOM.`;
  return `${which} ${number === 1 ? 'has' : 'have'} no searchable SBOM; ${number === 1 ? 'it' : 'they'} may contain it.`;
}

/** `-o json`: one document, each row in a line. */
export function* sbomJson({ asked, answer }: SbomPage): Generator<string> {
  const { found, images, unsearchable, asOf, stale } = answer;
  yield `{\n"query": ${jsonLine(asked)},\n"asOf": ${jsonLine(asOf)},\n`;
  yield `"images": ${jsonLine({ running: images, unsearchable: unsearchable.length })},\n`;
  yield* list('found', found, foundRow);
  yield ',\n';
  yield* list('unsearchable', unsearchable, unsearchableRow);
  yield `,\n"stale": ${jsonLine(stale)}\n}\n`;
}

function* list<T>(key: string, items: readonly T[], row: (item: T) => object): Generator<string> {
  yield `"${key}": [`;
  for (const [index, item] of items.entries()) yield `${index === 0 ? '\n' : ',\n'}${jsonLine(row(item))}`;
  yield items.length === 0 ? ']' : '\n]';
}

const foundRow = ({ package: one, match, image, digest, use }: FoundUse): object => {
  const { cluster, workload, containers, pods, runningSince } = use;
  const { name, arn, accountId, region } = cluster;
  return {
    package: one,
    match,
    image,
    digest,
    cluster: { name, arn, accountId, region },
    workload,
    containers,
    pods,
    runningSince,
  };
};

const unsearchableRow = ({ image, digest, reason, uses }: UnsearchableImage): object => ({
  image,
  digest,
  reason,
  workloads: uses.map(({ cluster, workload, pods }) => ({
    cluster: cluster.name,
    ...workload,
    pods: pods.length,
  })),
});

type CsvValue = string | number | null;

const CSV_COLUMNS: readonly { readonly name: string; readonly value: (row: FoundUse) => CsvValue }[] = [
  { name: 'package', value: ({ package: { name } }) => name },
  { name: 'version', value: ({ package: { version } }) => version },
  { name: 'purl', value: ({ package: { purl } }) => purl },
  { name: 'match', value: ({ match }) => match },
  { name: 'image', value: ({ image }) => image },
  { name: 'digest', value: ({ digest }) => digest },
  { name: 'account', value: ({ use }) => use.cluster.accountId },
  { name: 'region', value: ({ use }) => use.cluster.region },
  { name: 'cluster', value: ({ use }) => use.cluster.name },
  { name: 'namespace', value: ({ use }) => use.workload.namespace },
  { name: 'kind', value: ({ use }) => use.workload.kind },
  { name: 'workload', value: ({ use }) => use.workload.name },
  { name: 'containers', value: ({ use }) => use.containers.join(' ') },
  { name: 'pods', value: ({ use }) => use.pods.length },
  { name: 'running_since', value: ({ use }) => use.runningSince },
];

const quoted = createFormatValue(',');

/** `-o csv`: RFC 4180, for spreadsheets, formulas neutralised. */
export function* sbomCsv({ answer: { found } }: SbomPage): Generator<string> {
  yield `\ufeff${CSV_COLUMNS.map(({ name }) => name).join(',')}\r\n`;
  for (const row of found) {
    const cells = CSV_COLUMNS.map(({ value }) => cell(value(row)));
    yield `${cells.join(',')}\r\n`;
  }
}

const cell = (value: CsvValue): string =>
  value === null || value === '' ? '' : quoted(typeof value === 'string' ? csvSafe(value) : value);

/** What a reader of CSV or JSON sees beside it. */
export const sbomRemark = (answer: PackageAnswer): string => `${terminalSafe(lastLine(answer))}\n`;
