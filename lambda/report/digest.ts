import { isActive } from '../findings/identity.ts';
import { isAtLeast } from '../severity.ts';
import { attributeBytes, attributesOf } from './digest-attributes.ts';
import type { CauseOptions } from './digest-cause-groups.ts';
import { addedSection, listSection, newSection } from './digest-causes.ts';
import { changedSection } from './digest-changed.ts';
import { changesSections } from './digest-changes.ts';
import { coverageSections, otherGapsSection, standingSections } from './digest-coverage.ts';
import { acceptedGapSections, exemptionSections } from './digest-exemptions.ts';
import { fixFirstSection } from './digest-fix-first.ts';
import { goneSection } from './digest-gone.ts';
import { headline, quietLines, scope } from './digest-headline.ts';
import type { DigestInput } from './digest-input.ts';
import { type Entry, layOut, paragraph, type Section, untitled } from './digest-layout.ts';
import { managedSection } from './digest-managed.ts';
import type { Digest } from './digest-message.ts';
import { type News, newsOf } from './digest-news.ts';
import {
  lateSection,
  NOT_STORED,
  REPORT_AT,
  SHORTFALL_BYTES,
  unfinishedSection,
  withShortfalls,
} from './digest-shortfalls.ts';
import { digestSubject } from './digest-subject.ts';
import { mailSafe } from './escape.ts';
import { totalOf } from './news-counts.ts';
import { sortedClusters } from './order.ts';
import { shortenedSection } from './shortened.ts';
import { type Summary, summarize } from './summary.ts';
import { count, shortNames } from './words.ts';

/**
 * SNS counts the body and the attributes (name, type and value) together: 262,144 bytes
 * (https://docs.aws.amazon.com/sns/latest/api/API_MessageAttributeValue.html).
 */
const MESSAGE_BYTES = 256 * 1024;

/** Names and types of the attributes, the short ones' values, and the transport's own overhead. */
const ATTRIBUTE_OVERHEAD = 1024;

export type { DigestInput } from './digest-input.ts';

/** The mail about one run. Pure: the same input gives the same bytes. */
export function digest(input: DigestInput): Digest {
  const summary = summarize(input.run);
  const news = newsOf(input);
  const attributes = attributesOf(input.run, summary, allNew(input, news), news.counts.reported);
  const { maxBytes: limit = MESSAGE_BYTES, ownersWithoutMail = 0 } = input;
  const maxBytes = limit - ATTRIBUTE_OVERHEAD - SHORTFALL_BYTES - attributeBytes(attributes);
  const foot = [...scope(input, summary, news), ...footer(input.reportLocation, ownersWithoutMail)];
  const quiet = quietLines(input, summary, news);
  const body =
    quiet === null
      ? layOut(sectionsOf(input, summary, news), foot, maxBytes)
      : layOut([], [...quiet, reportLine(input.reportLocation)], maxBytes);
  const subject = digestSubject(input, summary, news);
  return withShortfalls({ subject, body, attributes }, input.shortfalls ?? []);
}

/** Those that the mail lists or counts by whatever made them new or worse. */
const allNew = ({ options }: DigestInput, { fresh, asked, added, changed }: News) => [
  ...fresh,
  ...changed.filter(isActive),
  ...[...asked, ...added].filter(({ severity }) => isAtLeast(severity, options.minSeverity)),
];

const reportLine = (location: string | null): string =>
  location === null ? NOT_STORED : `${REPORT_AT}${mailSafe(location)}`;

const footer = (location: string | null, ownersWithoutMail: number): Entry => [
  ...(ownersWithoutMail === 0
    ? []
    : paragraph(
        `${count(ownersWithoutMail, 'owner')} of less severe findings got no separate mail: too many owners are named.`,
      )),
  reportLine(location),
  'What a check means: eks-drift-audit checks explain CHECK',
];

function sectionsOf(input: DigestInput, summary: Summary, news: News): readonly Section[] {
  const { run, exemptions, acceptedGaps = null, changes = null, options } = input;
  const { top } = options;
  const clusters = sortedClusters(run);
  const nameOf = shortNames(clusters.map(({ cluster }) => cluster));
  const now = run.run.startedAt;
  const coverage = { top, nameOf, now, firstRun: input.firstRun };
  const hasOwners = news.open.some(({ findings }) => findings.some(({ owner }) => owner != null));
  const causes: CauseOptions = {
    top,
    nameOf,
    now,
    hasOwners,
    firstRun: input.firstRun,
    manyClusters: clusters.length > 1,
    said: new Set(),
  };
  return [
    untitled(headline(input, summary, news)),
    shortenedSection(run.clusters, news),
    lateSection(input.late ?? null),
    unfinishedSection(input.unfinished ?? []),
    ...coverageSections(clusters, coverage),
    goneSection(input.gone ?? [], top),
    ...changesSections(news, changes, top),
    ...(input.firstRun ? [] : [newSection(news.fresh, causes), addedSection(clusters, news.added, causes)]),
    changedSection(news.changed, causes),
    listSection('FIXED', news.fixed, causes),
    listSection('GONE with their workloads', news.gone, causes),
    listSection('NO LONGER EXEMPT', news.ended, causes),
    fixFirstSection(news.open, causes, totalOf(news.counts.open)),
    otherGapsSection(clusters, coverage),
    managedSection(clusters, coverage),
    ...exemptionSections(exemptions, now, top),
    ...acceptedGapSections(acceptedGaps, now, top),
    ...standingSections(clusters, coverage),
  ];
}
