import { causeObjectText } from '../findings/cause.ts';
import { CAUSE_WORDS } from '../findings/cause-words.ts';
import type { Finding } from '../findings/finding.ts';
import { compareCauses, foldCauses } from '../findings/fold-causes.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import type { Anchor } from './anchor.ts';
import { acrossClusters, type CauseGroup, fixedBy, isStory } from './digest-cause-groups.ts';
import { knownShort } from './digest-coverage.ts';
import { headlineTexts } from './digest-headline.ts';
import type { DigestInput } from './digest-input.ts';
import { type News, newsOf } from './digest-news.ts';
import { digestSubject } from './digest-subject.ts';
import { chatSafe } from './escape.ts';
import { storyWords } from './image-story.ts';
import { sortedClusters } from './order.ts';
import { isIncomplete, summarize } from './summary.ts';
import {
  count,
  instant,
  listed,
  type NameOf,
  reasonWords,
  shortened,
  shortNames,
  workloadName,
} from './words.ts';

/**
 * What Amazon Q Developer in chat applications (formerly AWS Chatbot) shows in Slack and Teams; it drops what has another
 * form (https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html, "Event schema").
 */
export interface ChatMessage {
  readonly version: '1.0';
  readonly source: 'custom';
  readonly id: string;
  readonly content: {
    readonly textType: 'client-markdown';
    readonly title: string;
    readonly description: string;
    readonly nextSteps?: readonly string[];
    readonly keywords: readonly string[];
  };
  readonly metadata: {
    /** Messages of one thread are shown below the first one: those of a run that is sent twice, and no others. */
    readonly threadId: string;
    readonly summary: string;
    readonly eventType: string;
    readonly relatedResources?: readonly string[];
    readonly additionalContext: Readonly<Record<string, string>>;
  };
}

export type ChatOptions = DigestInput['options'];

/** Slack takes 3,000 characters in a section (https://docs.slack.dev/reference/block-kit/blocks/section-block). */
const DESCRIPTION = 3000;
const NAME = 100;
const SENTENCE = 300;

/** A message is glanced at: what more there is, the report has. */
const MOST = { news: 5, steps: 3, clusters: 3, settings: 3, names: 3, resources: 10 };

/** The message about one run, from the facts of its mail. Pure: the same input gives the same message. */
export function chatMessage(input: DigestInput, anchor: Anchor | null): ChatMessage {
  const { run, shortfalls = [], reportLocation } = input;
  const summary = summarize(run);
  const news = newsOf(input);
  const clusters = sortedClusters(run);
  const nameOf = shortNames(clusters.map(({ cluster }) => cluster));
  const subject = digestSubject(input, summary, news);
  const title = shortfalls.length === 0 ? subject : subject.replace(/^EKS audit:/, 'EKS audit INCOMPLETE:');
  const steps = [...remedies(clusters), ...fixes(news, nameOf)].slice(0, MOST.steps);
  const arns = clusters.flatMap(({ cluster: { arn } }) => arn ?? []).slice(0, MOST.resources);
  const severity = summary.findings.maxSeverity ?? 'none';
  return {
    version: '1.0',
    source: 'custom',
    id: run.run.id,
    content: {
      textType: 'client-markdown',
      title,
      description: description(input, news, { clusters, nameOf }),
      ...(steps.length === 0 ? {} : { nextSteps: steps }),
      keywords: ['EKS', `severity ${severity}`, ...(/INCOMPLETE|FAILED/.test(title) ? ['incomplete'] : [])],
    },
    metadata: {
      threadId: run.run.id,
      summary: title,
      eventType: 'eks-drift-audit',
      ...(arns.length === 0 ? {} : { relatedResources: arns }),
      additionalContext: {
        run: run.run.id,
        complete: String(summary.coverage.complete && shortfalls.length === 0),
        ...(reportLocation === null ? {} : { report: reportLocation }),
        ...(anchor === null ? {} : { manifestSha256: anchor.sha256 }),
      },
    },
  };
}

interface Named {
  readonly clusters: readonly ClusterResult[];
  readonly nameOf: NameOf;
}

function description(input: DigestInput, news: News, { clusters, nameOf }: Named): string {
  const { run, late = null, changes = null, shortfalls = [], gone = [], reportLocation } = input;
  const settings = (changes?.settings ?? []).map((text) => code(text, SENTENCE));
  const known = knownShort(clusters, run.run.startedAt);
  const first = headlineTexts(input, summarize(run), news).map(ofMessage);
  const others = [
    ...(late === null
      ? []
      : [`*LATE*: ${count(late.runs.length, 'run')} since ${instant(late.since)} had no message here.`]),
    ...(shortfalls.length === 0
      ? []
      : [`*RECORD NOT COMPLETE*: ${count(shortfalls.length, 'part')} missing.`]),
    ...coverageLines(clusters, nameOf),
    ...(gone.length === 0 ? [] : [`*NOT FOUND*: ${count(gone.length, 'cluster')} of earlier runs.`]),
    ...(settings.length === 0 ? [] : [`The configuration changed: ${listed(settings, MOST.settings)}.`]),
    ...newsLines(input, news, nameOf),
    ...(known === null ? [] : [`${known}: no action needed, and no pass.`]),
  ];
  const last = reportLocation === null ? 'This run was not stored.' : `Report: ${link(reportLocation)}`;
  return bounded(first, others, last);
}

/** Texts that the mail and the message share name the mail. */
const ofMessage = (text: string): string =>
  text.replace('This mail says', 'This message says').replace('in the next mails', 'in the next messages');

/** Whole lines alone are left out, and that is said: markup that is cut in two would reach over what follows. */
function bounded(first: readonly string[], others: readonly string[], last: string): string {
  const more = '(more in the report)';
  let room = DESCRIPTION - [...first, more, last].reduce((sum, line) => sum + line.length + 1, 0);
  const kept: string[] = [];
  for (const line of others) {
    room -= line.length + 1;
    if (room < 0) return [...first, ...kept, more, last].join('\n');
    kept.push(line);
  }
  return [...first, ...kept, last].join('\n');
}

/** Which clusters were not audited, or have lost checks; the numbers are in the headline. */
function coverageLines(clusters: readonly ClusterResult[], nameOf: NameOf): readonly string[] {
  const lines = clusters.flatMap((result) => {
    if (!isIncomplete([result])) return [];
    const name = code(nameOf(result.cluster), NAME);
    const [gap] = result.notEvaluated;
    if (result.outcome === 'failed') {
      return [`${name} *not audited*${gap === undefined ? '' : `: ${reasonWords(gap.reason)}`}.`];
    }
    const lost = [...new Set(result.notEvaluated.flatMap((row) => (row.gap === 'lost' ? row.check : [])))];
    const checks = lost.map((check) => code(check, NAME));
    return lost.length === 0
      ? []
      : [`${name} *lost* ${count(lost.length, 'check')}: ${listed(checks, MOST.names)}.`];
  });
  return some(lines, MOST.clusters, 'more cluster');
}

function newsLines({ firstRun }: DigestInput, news: News, nameOf: NameOf): readonly string[] {
  /** @param total of causes, where more are known than are given: a fleet gives the heaviest ones */
  const lines = (title: string, findings: readonly Finding[], total = 0): readonly string[] => {
    const causes = foldCauses(findings).toSorted(compareCauses);
    const groups = acrossClusters(causes).slice(0, MOST.news);
    if (groups.length === 0) return [];
    const shown = groups.reduce((sum, group) => sum + group.causes.length, 0);
    const rest = Math.max(total, causes.length) - shown;
    return [
      `*${title}*`,
      ...groups.map((group) => `• ${causeText(group, nameOf)}`),
      ...(rest > 0 ? [`• and ${count(rest, 'more cause')}`] : []),
    ];
  };
  if (firstRun) return [];
  return [
    ...lines('New', news.fresh, news.counts.freshCauses),
    ...lines('Changed for the worse', news.changed),
    ...lines('No longer exempt', news.ended),
  ];
}

/** What decides most of what is lost or could be decided: before everything else, for nothing else is known there. */
function remedies(clusters: readonly ClusterResult[]): readonly string[] {
  const rows = clusters
    .filter((result) => isIncomplete([result]))
    .flatMap(({ notEvaluated }) => notEvaluated.filter(({ gap }) => gap !== 'known'));
  const lost = rows.find(({ gap }) => gap === 'lost') ?? rows[0];
  return lost === undefined ? [] : [code(lost.remediation, SENTENCE)];
}

/** The changes that remove most, in the order of the mail; whom to ask is in each. */
function fixes({ open }: News, nameOf: NameOf): readonly string[] {
  return acrossClusters(open)
    .slice(0, MOST.steps)
    .map((group) => {
      const texts = fixedBy(group).map(({ fix, remediation }) => code(fix?.text ?? remediation, SENTENCE));
      return `${causeText(group, nameOf)}: ${texts.join(' ')}`;
    });
}

/** `high: namespace legacy in shop-prod, no egress policy (payments)`, every name in a code span. */
function causeText(group: CauseGroup, nameOf: NameOf): string {
  const { causes, kind, severity, findings } = group;
  const { object } = causes[0].cause;
  const clusters = [...new Set(causes.map(({ cluster }) => code(nameOf(cluster), NAME)))];
  const checks = [...new Set(findings.map(({ check }) => code(check, NAME)))];
  const owners = [...new Set(findings.flatMap(({ owner }) => (owner == null ? [] : code(owner, NAME))))];
  const what =
    kind === 'unknown' ? listed(checks, MOST.names) : isStory(group) ? storyWords(causes) : CAUSE_WORDS[kind];
  const where = listed(clusters, MOST.names);
  const place =
    object.kind === 'Cluster'
      ? where
      : `${code(isStory(group) ? workloadName(findings[0].workload) : causeObjectText({ ...object, part: null }), NAME)} in ${where}`;
  return `*${severity}* ${place}: ${what}${owners.length === 0 ? '' : `, owner ${listed(owners, MOST.names)}`}`;
}

function some(lines: readonly string[], most: number, what: string): readonly string[] {
  const rest = lines.length - most;
  return [
    ...lines.slice(0, most).map((line) => `• ${line}`),
    ...(rest > 0 ? [`• and ${count(rest, what)}`] : []),
  ];
}

/** Text of a cluster or of the configuration. */
const code = (text: string, limit: number): string => chatSafe(shortened(text, limit));

/** Chat applications make links of addresses by themselves, but not in code. */
const link = (location: string): string =>
  /^https:\/\/[\w./?=&%~:-]+$/.test(location) ? location.replaceAll('&', '&amp;') : chatSafe(location);
