import { apartFindings, apartNews } from '../../findings/apart.ts';
import type { Finding } from '../../findings/finding.ts';
import { type FoldedCause, fixedParts, type ToldCause, tellOnce } from '../../findings/fold-causes.ts';
import type { RunResult } from '../../findings/run-result.ts';
import { storyText } from '../../report/image-story.ts';
import { clusterRowKey, sortedClusters } from '../../report/order.ts';
import { asCalled } from '../../report/own-commands.ts';
import { remainsText } from '../../report/resolved.ts';
import { coverageOf } from '../../report/summary.ts';
import { count, listed, thousands } from '../../report/words.ts';
import { resolvesText, toldText } from './causes.ts';
import { namesIn, paragraphLines } from './columns.ts';
import { type LabelledLine, labelledLines } from './labelled-lines.ts';
import type { RunCanvas } from './page.ts';

const NAMES = 3;
const MOST_NEW = 4;
const MOST_FIXES = 3;

/** What was audited, in one line. */
export function auditedLine(run: RunResult, { width, nameOf }: RunCanvas): readonly string[] {
  const clusters = sortedClusters(run);
  if (clusters.length === 0) return ['No cluster was found, so nothing was audited.'];
  const sum = (of: (totals: (typeof clusters)[number]['totals']) => number): number =>
    clusters.reduce((all, { totals }) => all + of(totals), 0);
  const failed = clusters.filter(({ outcome }) => outcome === 'failed').length;
  const { decided, total } = coverageOf(clusters);
  const facts = [
    ...(clusters.length === 1 ? [] : [count(clusters.length, 'cluster')]),
    ...(failed === 0 ? [] : [`${thousands(failed)} of them not audited`]),
    count(
      sum(({ workloads }) => workloads),
      'workload',
    ),
    count(
      sum(({ pods }) => pods),
      'pod',
    ),
  ].join(', ');
  const verdicts =
    decided === total ? `All ${thousands(total)}` : `${thousands(decided)} of ${thousands(total)}`;
  const rest = `: ${facts}. ${verdicts} verdicts decided.`;
  const names = clusters.map(({ cluster }) => nameOf(cluster));
  const room = width - rest.length;
  const shown = room >= 30 ? namesIn(names, Math.min(room, 60)) : listed(names, 1);
  return paragraphLines(`${shown}${rest}`, { width, indent: 0, lines: 3 });
}

/** What is new, where an earlier run says what was known: by cause, the worst first. */
export function newLines(
  run: RunResult,
  causes: readonly FoldedCause[],
  canvas: RunCanvas,
): readonly string[] {
  const fresh = causes.filter((cause) => cause.fresh > 0);
  const compared = run.clusters.some(({ firstRun }) => firstRun !== true);
  if (!compared) return [];
  const { style } = canvas;
  const found = fresh.reduce((all, cause) => all + cause.fresh, 0);
  const shown = tellOnce(fresh).slice(0, MOST_NEW);
  const rest = fresh.length - partsOf(shown);
  const lines: readonly LabelledLine[] = [
    {
      text:
        found === 0
          ? 'nothing since the last run'
          : `${count(found, 'finding')} since the last run, from ${count(fresh.length, 'cause')}`,
      ...(found === 0 ? { paint: style.dim } : {}),
    },
    ...shown.map(
      (cause): LabelledLine => ({
        text: `${whereOf(cause, run, canvas)}${toldText(cause)}`,
        end: cause.severity.toUpperCase(),
        paint: style.accent,
      }),
    ),
    ...(rest > 0 ? [{ text: `and ${count(rest, 'more cause')}`, paint: style.dim }] : []),
    ...newClusters(run, canvas),
  ];
  return ['', ...labelledLines('NEW', lines, canvas)];
}

/** All of a cluster that no run knew would be new. */
function newClusters({ clusters }: RunResult, { nameOf, style }: RunCanvas): readonly LabelledLine[] {
  const names = clusters.flatMap(({ firstRun, cluster }) => (firstRun ? [nameOf(cluster)] : []));
  return names.length === 0
    ? []
    : [{ text: `audited for the first time: ${listed(names, NAMES)}`, paint: style.dim }];
}

/** The cluster, where there are several. */
const whereOf = ({ cluster }: FoldedCause, { clusters }: RunResult, { nameOf }: RunCanvas): string =>
  clusters.length > 1 ? `${nameOf(cluster)}  ` : '';

/** The worst causes, each with its fix and whom to ask. */
export function fixFirstLines(
  run: RunResult,
  causes: readonly FoldedCause[],
  canvas: RunCanvas,
): readonly string[] {
  if (causes.length === 0) return [];
  const hasOwners = run.clusters.some(({ findings }) => findings.some(({ owner }) => owner != null));
  const shown = tellOnce(causes).slice(0, MOST_FIXES);
  const lines = shown.flatMap((cause, index): readonly LabelledLine[] => {
    const { nameOf, style } = canvas;
    const facts = [
      `resolves ${resolvesText(cause)}`,
      ...(run.clusters.length > 1 ? [nameOf(cause.cluster)] : []),
      ...ownersOf(cause.findings, hasOwners),
    ];
    return [
      { text: `${index + 1}  ${toldText(cause)}`, paint: style.bold },
      {
        text: `   ${cause.severity.toUpperCase()}, ${facts.join(', ')}`,
        paint: style.severity[cause.severity],
      },
      ...storyLines(cause, run),
      ...fixedParts(cause.parts).flatMap((part) => fixLines(part, canvas)),
      ...remainLines(cause, canvas),
    ];
  });
  const rest = causes.length - partsOf(shown);
  const last = rest > 0 ? [{ text: `and ${count(rest, 'more cause')}`, paint: canvas.style.dim }] : [];
  return ['', ...labelledLines('FIX FIRST', [...lines, ...last], canvas)];
}

/** How many causes the rows tell. */
const partsOf = (rows: readonly ToldCause[]): number =>
  rows.reduce((sum, { parts }) => sum + parts.length, 0);

function storyLines({ parts, written, cause }: ToldCause, { run }: RunResult): readonly LabelledLine[] {
  const story = storyText(parts, run.startedAt);
  if (story !== '') return [{ text: `   ${story}`, lines: 4, hang: 3 }];
  return written === null || cause.kind === 'drifted' ? [] : [{ text: `   ${written}` }];
}

function remainLines({ remains }: FoldedCause, { style }: RunCanvas): readonly LabelledLine[] {
  const text = remainsText(remains);
  return text === null ? [] : [{ text: `   ${text}`, paint: style.dim }];
}

/** In words, with what it may break: commands are for the page of the workload, where there is room to read first. */
function fixLines({ findings }: FoldedCause, canvas: RunCanvas): readonly LabelledLine[] {
  const [first] = findings;
  const fix = findings.find((finding) => finding.fix != null)?.fix;
  const risk = fix?.risk ?? null;
  return [
    { text: asCalled(fix?.text ?? first.remediation, canvas), lines: 3, hang: 3 },
    ...(risk === null ? [] : [{ text: `   risk: ${asCalled(risk, canvas)}`, paint: canvas.style.dim }]),
  ];
}

function ownersOf(findings: readonly Finding[], hasOwners: boolean): readonly string[] {
  if (!hasOwners) return [];
  const owners = [...new Set(findings.flatMap(({ owner }) => owner ?? []))];
  return [owners.length === 0 ? 'owner: none' : `owner: ${listed(owners, 2)}`];
}

/** What stands apart, counted and never silent. @param list the command that lists it */
export function managedLines(run: RunResult, list: string, canvas: RunCanvas): readonly string[] {
  const findings = run.clusters.flatMap(apartFindings);
  if (findings.length === 0) return [];
  const isAws = findings.every(
    ({ managedBy }) => managedBy?.startsWith('EKS ') || managedBy?.startsWith('AWS '),
  );
  const names = [...new Set(findings.map(({ workload }) => workload.name))];
  const clusters = new Set(findings.map(({ cluster }) => clusterRowKey(cluster))).size;
  const where = clusters > 1 ? ` in ${count(clusters, 'cluster')}` : '';
  const text = `${listed(names, NAMES)}${where}: ${count(findings.length, 'finding')}${newsOfManaged(run)}`;
  return ['', ...labelledLines(isAws ? 'AWS-MANAGED' : 'MANAGED', [{ text, end: list }], canvas)];
}

/** Of the clusters that have any. */
export const newsOfManaged = ({ clusters }: RunResult): string =>
  apartNews(clusters.filter((result) => apartFindings(result).length > 0));
