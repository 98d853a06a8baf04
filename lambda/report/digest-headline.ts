import { apartOver } from '../findings/apart.ts';
import type { NewsCounts } from '../findings/cluster-numbers.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import { knownShort } from './digest-coverage.ts';
import type { DigestInput } from './digest-input.ts';
import { type Entry, paragraph } from './digest-layout.ts';
import type { News } from './digest-news.ts';
import { mailSafe } from './escape.ts';
import { severityText, totalOf } from './news-counts.ts';
import { isIncomplete, missingVerdicts, type Summary } from './summary.ts';
import { count, excludedPods, instant, thousands } from './words.ts';

/** What changed, what is open, and whether anything is missing: the answer, before everything else. */
export const headline = (input: DigestInput, summary: Summary, news: News): Entry =>
  headlineTexts(input, summary, news).flatMap((text) => paragraph(text));

/** {@link headline} as paragraphs that are not broken into lines. It holds numbers, and no text of a cluster. */
export function headlineTexts(input: DigestInput, summary: Summary, news: News): readonly string[] {
  const { run } = input;
  const { audited, total } = summary.clusters;
  if (audited === 0) return [nothingAudited(total)];
  return [`${changes(input, news)} ${openText(news)}`, ...incomplete(run.clusters)];
}

/** What was looked at and when, and what the lists leave out: at the end, where the report is. */
export function scope(input: DigestInput, summary: Summary, news: News): Entry {
  const { audited, total } = summary.clusters;
  const clusters =
    audited === total ? count(total, 'cluster') : `${thousands(audited)} of ${count(total, 'cluster')}`;
  const numbers = `${clusters}, ${count(summary.pods, 'pod')}, ${count(news.counts.openFindings, 'open finding')}`;
  return paragraph(
    [`Audit of ${instant(input.run.run.startedAt)}: ${numbers}.`, ...lesser(input, summary, news)].join(' '),
  );
}

function changes({ firstRun, newsUnknown = false }: DigestInput, news: News): string {
  if (firstRun) return 'First audit: what changes is in the next mails.';
  const { fresh, changed, fixed, gone, withdrawn, ended, ...counts } = news.counts;
  const [asked, added] = [totalOf(counts.asked), totalOf(counts.added)];
  const parts = [
    ...(totalOf(fresh) === 0 ? [] : [`${newText(news.counts)} (${severityText(fresh)})`]),
    ...counted(changed, 'changed for the worse'),
    ...counted(asked, 'new by changed checks or settings'),
    ...counted(added, 'in new clusters'),
    ...counted(fixed, 'fixed'),
    ...counted(gone, 'gone'),
    ...counted(withdrawn, 'withdrawn'),
    ...counted(ended, 'no longer exempt'),
  ];
  const unknown = newsUnknown ? ' What is new could not be determined in full.' : '';
  if (parts.length === 0) return newsUnknown ? unknown.trim() : 'Nothing is new.';
  const isNew = totalOf(fresh) + changed + asked + added + ended > 0;
  const lead = isNew || newsUnknown ? '' : 'Nothing new, ';
  return `${lead}${parts.join(', ')}.${unknown}`;
}

const counted = (findings: number, what: string): readonly string[] =>
  findings === 0 ? [] : [`${thousands(findings)} ${what}`];

/** `2 new`, `17 new from 3 causes`. */
function newText({ fresh, freshCauses }: NewsCounts): string {
  const findings = totalOf(fresh);
  const what = `${thousands(findings)} new`;
  return freshCauses === findings ? what : `${what} from ${count(freshCauses, 'cause')}`;
}

/** `26 causes open (3 critical, 11 high).` */
const openText = ({ counts: { open } }: News): string =>
  totalOf(open) === 0
    ? 'No finding is open.'
    : `${count(totalOf(open), 'cause')} open (${severityText(open)}).`;

/** Only what a person can do something about. */
function incomplete(clusters: readonly ClusterResult[]): readonly string[] {
  if (!isIncomplete(clusters)) return [];
  const failed = clusters.filter((result) => result.outcome === 'failed' && isIncomplete([result])).length;
  const rows = clusters
    .filter(({ outcome }) => outcome === 'audited')
    .reduce((sum, result) => sum + missingVerdicts(result), 0);
  const sentences = [
    ...(failed === 0 ? [] : [`${thousands(failed)} of ${count(clusters.length, 'cluster')} not audited`]),
    ...(rows === 0 ? [] : [`${count(rows, 'verdict')} missing${failed === 0 ? '' : ' in the others'}`]),
  ];
  return [`INCOMPLETE: ${sentences.join(', ')}. Not evaluated is not passed.`];
}

function nothingAudited(total: number): string {
  const what =
    total === 0
      ? 'NOTHING WAS AUDITED. No cluster was found. Check the clusters, accounts and regions of the configuration.'
      : `NOTHING WAS AUDITED. ${total === 1 ? 'The only cluster' : `None of ${count(total, 'cluster')}`} could be read.`;
  return `${what} This mail says nothing about their state: not evaluated is not passed.`;
}

/** What is left out of the lists, and why. */
function lesser(
  { run, firstRun, options, suspended }: DigestInput,
  summary: Summary,
  { counts: { freshBelow, changedBelow } }: News,
): readonly string[] {
  const { exempt } = summary.findings.byStatus;
  const left = excludedPods(run.clusters);
  return [
    ...(firstRun || freshBelow === 0
      ? []
      : [`${count(freshBelow, 'new finding')} below ${options.minSeverity} not listed.`]),
    ...(changedBelow === 0
      ? []
      : [`${count(changedBelow, 'finding')} below ${options.minSeverity} changed for the worse.`]),
    ...(exempt === 0 ? [] : [`${count(exempt, 'finding')} exempt.`]),
    ...(left === '' ? [] : [mailSafe(`${left} not judged.`)]),
    ...suspendedText(suspended),
  ];
}

/** The first of these accounts by id; `run.json` lists them all. */
const NAMED_ACCOUNTS = 3;

const suspendedText = (ids: readonly string[] = []): readonly string[] => {
  if (ids.length === 0) return [];
  const more = ids.length - NAMED_ACCOUNTS;
  const names = [...ids.slice(0, NAMED_ACCOUNTS), ...(more > 0 ? [`${thousands(more)} more`] : [])];
  return [`${count(ids.length, 'suspended account')} not audited (${names.join(', ')}).`];
};

/** Nothing changed and nothing is missing that can be fixed: two lines, and where the report is. Otherwise `null`. */
export function quietLines(input: DigestInput, summary: Summary, news: News): Entry | null {
  if (!isQuiet(input, news)) return null;
  const { run, options } = input;
  const { exempt } = summary.findings.byStatus;
  const known = knownShort(run.clusters, run.run.startedAt);
  const below = [
    ...counted(news.counts.freshBelow, 'new'),
    ...counted(news.counts.changedBelow, 'changed for the worse'),
  ];
  const lead = below.length > 0 ? `${below.join(', ')}, all below ${options.minSeverity}` : 'Nothing new';
  const scope = `${count(summary.clusters.audited, 'cluster')}, ${count(summary.pods, 'pod')}`;
  const left = excludedPods(run.clusters);
  const open =
    totalOf(news.counts.open) === 0
      ? 'No finding is open'
      : `Open: ${count(totalOf(news.counts.open), 'cause')} (${severityText(news.counts.open)})`;
  return [
    ...paragraph(`${lead}: ${scope}, ${known ?? 'every check decided'}.`),
    ...paragraph(
      `${open}${exempt === 0 ? '' : `; ${thousands(exempt)} exempt`}.${left === '' ? '' : mailSafe(` ${left} not judged.`)}`,
    ),
    ...suspendedText(input.suspended).flatMap((line) => paragraph(line)),
  ];
}

function isQuiet(input: DigestInput, news: News): boolean {
  const {
    run,
    exemptions,
    acceptedGaps,
    late = null,
    gone = [],
    shortfalls = [],
    unfinished = [],
    changes: changed = null,
  } = input;
  const { fresh, asked, added, changed: worse, fixed, gone: over, withdrawn, ended } = news.counts;
  const numbers = [totalOf(fresh), totalOf(asked), totalOf(added), worse, fixed, over, withdrawn, ended];
  const lists = [
    ...[gone, shortfalls, unfinished],
    ...[exemptions.expired, exemptions.expiring, exemptions.unused],
    ...[acceptedGaps?.expired ?? [], acceptedGaps?.expiring ?? [], acceptedGaps?.unused ?? []],
    ...[changed?.settings ?? []],
  ];
  const ofManaged = run.clusters.some((result) => apartOver(result).length > 0);
  const odd = run.clusters.some(
    ({ totals, unverified, firstRun }) => totals.pods === 0 || unverified !== undefined || firstRun === true,
  );
  const unknown = input.newsUnknown === true || late !== null;
  const begins = input.firstRun && totalOf(news.counts.open) > 0;
  return (
    !(isIncomplete(run.clusters) || odd || ofManaged || unknown || begins) &&
    numbers.every((found) => found === 0) &&
    lists.every((list) => list.length === 0)
  );
}
