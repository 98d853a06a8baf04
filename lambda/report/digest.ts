import type { Config } from '../config/config.ts';
import type { Finding } from '../findings/finding.ts';
import { isActive, isClosed } from '../findings/identity.ts';
import type { RunResult } from '../findings/run-result.ts';
import { isAtLeast } from '../severity.ts';
import { attributeBytes, attributesOf } from './digest-attributes.ts';
import { coverageSections } from './digest-coverage.ts';
import { exemptionSections } from './digest-exemptions.ts';
import {
  byWorkload,
  foundSection,
  listSection,
  newSection,
  nothingMentioned,
  worstSection,
} from './digest-findings.ts';
import { goneSection } from './digest-gone.ts';
import { type Entry, layOut, paragraph, type Section, untitled } from './digest-layout.ts';
import type { Digest } from './digest-message.ts';
import { lateSection, NOT_STORED, REPORT_AT, SHORTFALL_BYTES, withShortfalls } from './digest-shortfalls.ts';
import { digestSubject } from './digest-subject.ts';
import { withdrawnSection } from './digest-withdrawn.ts';
import { mailSafe } from './escape.ts';
import type { ExemptionNotes } from './exemption-notes.ts';
import type { ListedWorkload } from './listed-workload.ts';
import type { GoneCluster, LateNews, Shortfall } from './news.ts';
import { sortedClusters, sortedFindings } from './order.ts';
import { type Summary, summarize } from './summary.ts';
import { count, excludedPods, instant, severityCounts, shortNames, thousands } from './words.ts';

/**
 * SNS counts the body and the attributes (name, type and value) together: 262,144 bytes
 * (https://docs.aws.amazon.com/sns/latest/api/API_MessageAttributeValue.html).
 */
const MESSAGE_BYTES = 256 * 1024;

/** Names and types of the attributes, the short ones' values, and the transport's own overhead. */
const ATTRIBUTE_OVERHEAD = 1024;

export interface DigestInput {
  readonly run: RunResult;
  /** Worst first; only workloads with active findings. */
  readonly ranked: readonly ListedWorkload[];
  readonly exemptions: ExemptionNotes;
  /** No earlier run is known, so that everything is new. */
  readonly firstRun: boolean;
  /** Known from earlier runs and not found any more. */
  readonly gone?: readonly GoneCluster[];
  /** News of earlier runs that were not sent. */
  readonly late?: LateNews | null;
  /** What is missing of the record, as far as it is known when the mail is decided. */
  readonly shortfalls?: readonly Shortfall[];
  /** It could not be read what is new, so the mail must not say that nothing is. */
  readonly newsUnknown?: boolean;
  /** Console link, `s3://` address or path; never a presigned URL. `null` when nothing was stored. */
  readonly reportLocation: string | null;
  readonly options: Pick<Config['digest'], 'minSeverity' | 'top'>;
  /** Of a mail about a part of the run. @defaultValue what SNS takes */
  readonly maxBytes?: number;
  /** Owners that get no mail of their own, since there are too many. @defaultValue none */
  readonly ownersWithoutMail?: number;
}

/** The mail about one run. Pure: the same input gives the same bytes. */
export function digest(input: DigestInput): Digest {
  const summary = summarize(input.run);
  const news = newsOf(input);
  const attributes = attributesOf(input.run, summary, news.fresh);
  const { maxBytes: limit = MESSAGE_BYTES, ownersWithoutMail = 0 } = input;
  const maxBytes = limit - ATTRIBUTE_OVERHEAD - SHORTFALL_BYTES - attributeBytes(attributes);
  const foot = footer(input.reportLocation, ownersWithoutMail);
  const quiet = quietLines(input, summary, news);
  const body =
    quiet === null
      ? layOut(sectionsOf(input, summary, news), foot, maxBytes)
      : layOut([], [...quiet, reportLine(input.reportLocation)], maxBytes);
  const { firstRun, newsUnknown = false } = input;
  const subject = digestSubject({ summary, newFindings: news.fresh, firstRun, newsUnknown });
  return withShortfalls({ subject, body, attributes }, input.shortfalls ?? []);
}

const reportLine = (location: string | null): string =>
  location === null ? NOT_STORED : `${REPORT_AT}${mailSafe(location)}`;

const footer = (location: string | null, ownersWithoutMail: number): Entry => [
  ...(ownersWithoutMail === 0
    ? []
    : paragraph(
        `${count(ownersWithoutMail, 'owner')} of less severe findings got no separate mail: too many owners are named.`,
      )),
  reportLine(location),
  'How to fix a finding: eks-drift-audit checks explain CHECK',
];

/** What changed, at or above the severity that the mail reports. */
interface News {
  readonly fresh: readonly Finding[];
  readonly fixed: readonly Finding[];
  readonly gone: readonly Finding[];
  /** Of every severity: what is no longer asked must not go unsaid. */
  readonly withdrawn: readonly Finding[];
  /** New findings below that severity. */
  readonly freshBelow: number;
}

function newsOf({ run, options, late }: DigestInput): News {
  const found = new Set(late?.found);
  const fresh: Finding[] = [];
  const fixed: Finding[] = [];
  const gone: Finding[] = [];
  const withdrawn: Finding[] = [];
  let freshBelow = 0;
  const add = (finding: Finding, isNew: boolean): void => {
    const isShown = isAtLeast(finding.severity, options.minSeverity);
    if (isNew && isShown) fresh.push(finding);
    else if (isNew) freshBelow++;
    else if (finding.status === 'withdrawn') withdrawn.push(finding);
    else if (finding.status === 'gone' && isShown) gone.push(finding);
    else if (isClosed(finding) && isShown) fixed.push(finding);
  };
  for (const finding of sortedFindings(run)) add(finding, finding.status === 'new' || found.has(finding.id));
  for (const finding of late?.rows ?? []) add(finding, isActive(finding));
  return { fresh, fixed, gone, withdrawn, freshBelow };
}

function endedOf({ run, exemptions, late }: DigestInput): readonly Finding[] {
  const ids = new Set(late?.ended);
  const rows = ids.size === 0 ? [] : run.clusters.flatMap(({ findings }) => findings);
  return [...exemptions.ended, ...rows.filter(({ id }) => ids.has(id))];
}

function sectionsOf(input: DigestInput, summary: Summary, news: News): readonly Section[] {
  const { run, ranked, exemptions, firstRun, options } = input;
  const { top } = options;
  const mentioned = nothingMentioned(shortNames(run.clusters.map(({ cluster }) => cluster)));
  return [
    untitled([`EKS drift audit of ${instant(run.run.startedAt)}`]),
    lateSection(input.late ?? null),
    ...coverageSections(sortedClusters(run), top),
    goneSection(input.gone ?? [], top),
    withdrawnSection(news.withdrawn, top),
    untitled(summary.clusters.audited === 0 ? [] : overview(input, summary, news)),
    firstRun ? foundSection(activeFindings(run)) : newSection(byWorkload(news.fresh, ranked), top, mentioned),
    worstSection(ranked, top, mentioned),
    listSection('FIXED', byWorkload(news.fixed, ranked), { top, mentioned }),
    listSection('GONE with their workloads', byWorkload(news.gone, ranked), { top, mentioned }),
    listSection('NO LONGER EXEMPT', byWorkload(endedOf(input), ranked), { top, mentioned }),
    ...exemptionSections(exemptions, run.run.startedAt, top),
  ];
}

/** The state of what was audited, in two or three lines. */
function overview(
  { run, firstRun, newsUnknown = false, options }: DigestInput,
  summary: Summary,
  news: News,
): Entry {
  const active = activeFindings(run);
  const { audited } = summary.clusters;
  const lines = [
    `${count(audited, 'cluster')} audited, ${count(summary.pods, 'pod')} in ${count(summary.workloads, 'workload')}.`,
    active.length === 0
      ? 'No finding is open.'
      : `${count(active.length, 'open finding')}: ${severityCounts(active)}.`,
  ];
  if (firstRun) lines.push('This is the first run; later mails report what changed.');
  else if (newsUnknown) lines.push('What is new could not be determined in full.');
  else if (news.fresh.length === 0) lines.push('Nothing is new.');
  if (!firstRun && news.freshBelow > 0) {
    lines.push(`${count(news.freshBelow, 'new finding')} below ${options.minSeverity} not listed here.`);
  }
  const { exempt } = summary.findings.byStatus;
  if (exempt > 0) lines.push(`${count(exempt, 'finding')} exempt.`);
  const excluded = excludedPods(run.clusters);
  if (excluded !== '') lines.push(mailSafe(`${excluded} not judged.`));
  return paragraph(lines.join(' '));
}

const activeFindings = (run: RunResult): readonly Finding[] =>
  run.clusters.flatMap((result) => result.findings.filter(isActive));

/** Nothing changed and nothing is missing: two lines, and where the report is. Otherwise `null`. */
function quietLines(input: DigestInput, summary: Summary, news: News): Entry | null {
  const { ended, expired, expiring, unused } = input.exemptions;
  const changes = [
    news.fresh,
    news.fixed,
    news.gone,
    news.withdrawn,
    input.gone ?? [],
    ended,
    expired,
    expiring,
    unused,
  ];
  const empty = input.run.clusters.some((result) => result.totals.pods === 0);
  const unverified = input.run.clusters.some((result) => result.unverified !== undefined);
  const untold = input.late !== null && input.late !== undefined;
  const unknown = input.newsUnknown === true || untold || (input.shortfalls ?? []).length > 0;
  const missing = !summary.coverage.complete || empty || unverified || unknown;
  if (missing || changes.some((list) => list.length > 0)) return null;
  const active = activeFindings(input.run);
  const { exempt } = summary.findings.byStatus;
  const excluded = excludedPods(input.run.clusters);
  return [
    ...paragraph(
      `${quietLead(input, news)}: ${count(summary.clusters.audited, 'cluster')}, ` +
        `${count(summary.pods, 'pod')}, every check decided.`,
    ),
    ...paragraph(
      `${active.length === 0 ? 'No finding is open' : `Open: ${severityCounts(active)}`}` +
        `${exempt === 0 ? '' : `; ${thousands(exempt)} exempt`}.` +
        (excluded === '' ? '' : mailSafe(` ${excluded} not judged.`)),
    ),
  ];
}

function quietLead({ firstRun, options }: DigestInput, { freshBelow }: News): string {
  if (freshBelow > 0) return `${thousands(freshBelow)} new, all below ${options.minSeverity}`;
  return firstRun ? 'First run' : 'Nothing new';
}
