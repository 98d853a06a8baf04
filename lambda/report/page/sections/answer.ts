import { countedFindings } from '../../../findings/apart.ts';
import { isActive } from '../../../findings/identity.ts';
import { SEVERITIES, type Severity } from '../../../severity.ts';
import { headlineTexts } from '../../digest-headline.ts';
import { unfinishedText } from '../../digest-shortfalls.ts';
import { isIncomplete } from '../../summary.ts';
import { count, instant, thousands } from '../../words.ts';
import { link, list, paragraphs, section } from '../components.ts';
import { html, type Markup } from '../markup.ts';
import { type PageFacts, queryLink } from '../page-facts.ts';

/** What changed, what is open and whether anything is missing: the answer, before everything else. */
export function answerSection(facts: PageFacts): Markup {
  const { input, summary, news } = facts;
  const { run, shortfalls = [], late = null } = input.digest;
  const unfinished = unfinishedText(input.digest.unfinished ?? []);
  return section({ id: 'answer', title: 'The answer' }, [
    html`<div class="answer ${isIncomplete(run.clusters) ? 'incomplete' : 'complete'}">\n`,
    paragraphs([...unread(facts), ...headlineTexts(input.digest, summary, news)]),
    html`</div>\n`,
    shortfalls.length === 0
      ? html``
      : html`<p class="warning">The record of this run is not complete: ${count(shortfalls.length, 'part')} missing.</p>\n${list(
          shortfalls.slice(0, 10).map(({ part, problem }) => html`${part}: ${problem}`),
        )}`,
    late === null
      ? html``
      : html`<p>The mails of ${count(late.runs.length, 'run')} since ${instant(late.since)} were not sent. Their changes are among those of this run.</p>\n`,
    unfinished === null ? html`` : html`<p class="warning">${unfinished}</p>\n`,
    tiles(facts),
  ]);
}

/** A cluster that was not read has nothing to say: it goes before all that the others say. */
function unread({ summary: { clusters } }: PageFacts): readonly string[] {
  if (clusters.failed === 0 || clusters.audited === 0) return [];
  return [`${thousands(clusters.failed)} of ${count(clusters.total, 'cluster')} could not be read.`];
}

interface Tile {
  readonly name: string;
  readonly value: string;
  readonly detail: string;
  readonly query?: string;
  readonly tone?: string;
}

/** Those that are not apart, as the sentences above count them. */
function countsOf(results: PageFacts['clusters']): ReadonlyMap<Severity, number> {
  const counts = new Map<Severity, number>();
  for (const result of results) {
    for (const finding of countedFindings(result)) {
      if (isActive(finding)) counts.set(finding.severity, (counts.get(finding.severity) ?? 0) + 1);
    }
  }
  return counts;
}

function tiles({ input, summary, clusters: results }: PageFacts): Markup {
  const { findings, causes, coverage, notEvaluated, clusters } = summary;
  const { byGap } = notEvaluated;
  const open = countsOf(results);
  const bySeverity = SEVERITIES.map((severity) => ({
    name: `${severity} open`,
    value: thousands(open.get(severity) ?? 0),
    detail: `${count(causes.bySeverity[severity], 'cause')}`,
    query: `severity:${severity} is:active -is:apart`,
    tone: severity,
  }));
  const all: readonly Tile[] = [
    ...bySeverity,
    {
      name: 'new',
      value: thousands(findings.byStatus.new),
      detail: input.digest.firstRun ? 'this is the first audit' : 'since the last run',
      query: 'is:new',
    },
    {
      name: 'closed',
      value: thousands(findings.byStatus.fixed + findings.byStatus.gone + findings.byStatus.withdrawn),
      detail: `${thousands(findings.byStatus.fixed)} fixed, ${thousands(findings.byStatus.gone)} gone, ${thousands(findings.byStatus.withdrawn)} withdrawn`,
      query: 'is:closed',
    },
    { name: 'exempt', value: thousands(findings.byStatus.exempt), detail: 'accepted', query: 'is:exempt' },
    {
      name: 'not evaluated',
      value: thousands(notEvaluated.total),
      detail: `${thousands(byGap.lost)} lost, ${thousands(byGap.fixable)} fixable, ${thousands(byGap.known)} known`,
      ...(notEvaluated.total > 0 || clusters.audited < clusters.total ? { tone: 'gap' } : {}),
    },
    {
      name: 'decided',
      value: coverage.total === 0 ? 'none' : share(coverage.decided, coverage.total),
      detail: `${thousands(coverage.decided)} of ${count(coverage.total, 'verdict')}`,
      ...(coverage.complete ? {} : { tone: 'gap' }),
    },
    {
      name: 'looked at',
      value: thousands(summary.pods),
      detail: `pods, ${count(summary.workloads, 'workload')}, ${thousands(clusters.audited)} of ${count(clusters.total, 'cluster')}`,
    },
  ];
  return html`<dl class="tiles">\n${all.map(
    ({ name, value, detail, query, tone = 'plain' }) =>
      html`<div class="tile ${tone}"><dt>${query === undefined || value === '0' ? name : html`<a href="${queryLink(query)}">${name}</a>`}</dt><dd><b>${value}</b> <span>${detail}</span></dd></div>\n`,
  )}</dl>\n${findings.apart === 0 ? html`` : html`<p class="note">${link(queryLink('is:apart'), `${count(findings.apart, 'open finding')} of managed workloads`)} ${findings.apart === 1 ? 'is' : 'are'} counted apart.</p>\n`}`;
}

/** Rounded down: never 100 % where something is missing. */
const share = (part: number, whole: number): string =>
  `${(Math.floor((part / whole) * 1000) / 10).toFixed(1).replace(/\.0$/, '')} %`;
