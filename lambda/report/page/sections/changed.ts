import type { Finding } from '../../../findings/finding.ts';
import { compareCauses, foldCauses } from '../../../findings/fold-causes.ts';
import { compareClusters } from '../../../findings/order.ts';
import { acrossClusters, firstSeenOf, worstOf } from '../../digest-cause-groups.ts';
import { changeLines } from '../../digest-changes.ts';
import { day, isSince } from '../../digest-time.ts';
import { totalOf } from '../../news-counts.ts';
import { workloadsOf } from '../../order.ts';
import { clusterName, count, severityCounts, thousands, workloadName } from '../../words.ts';
import { badge, link, list, section } from '../components.ts';
import { html, type Markup } from '../markup.ts';
import { findingLink, type PageFacts, queryLink, SHOWN } from '../page-facts.ts';
import { causeTitle, inWhatWasDecided, ownersText } from '../page-words.ts';

/** What is not as it was in the last run, by what became of it. */
export function changedSection(facts: PageFacts): Markup {
  const { news, input, clusters } = facts;
  const { changes = null, gone = [], firstRun } = input.digest;
  const { begun = [] } = input.digest.exemptions;
  const { counts } = news;
  const lines = changeLines(news, changes);
  const settings = changes?.settings ?? [];
  const added = clusters.filter(({ firstRun: first }) => first === true && !firstRun);
  const body = [
    ...(firstRun
      ? [html`<p>This is the first audit: what changes is in the next ones.</p>\n`]
      : [
          block('New', causeItems(facts, news.fresh), [
            news.fresh,
            'is:new',
            totalOf(counts.fresh) + counts.freshBelow,
          ]),
          block(
            'New clusters, audited for the first time',
            added.slice(0, SHOWN).map(({ cluster }) => {
              const own = news.added.filter((finding) => compareClusters(finding.cluster, cluster) === 0);
              return html`${clusterName(cluster)}: ${own.length === 0 ? 'no finding' : `${count(own.length, 'finding')} (${severityCounts(own)})`}`;
            }),
            [news.added, 'is:new', totalOf(counts.added)],
          ),
        ]),
    block('Became worse', changedItems(facts, news.changed), [
      news.changed,
      null,
      counts.changed + counts.changedBelow,
    ]),
    block('Fixed', workloadItems(facts, news.fixed), [news.fixed, 'is:fixed', counts.fixed]),
    block('Gone with their workloads', workloadItems(facts, news.gone), [news.gone, 'is:gone', counts.gone]),
    settings.length + lines.length === 0
      ? html``
      : html`<h3>Changed configuration or version</h3>\n${list([
          ...settings.slice(0, 2 * SHOWN).map((setting) => html`<code>${setting}</code>`),
          ...more(settings.length - 2 * SHOWN, 'setting'),
        ])}${list([
          ...lines.slice(0, SHOWN).map((line) => html`${line}`),
          ...more(lines.length - SHOWN, 'effect'),
        ])}${news.withdrawn.length === 0 ? html`` : html`<p>${link(queryLink('is:withdrawn'), `All ${count(news.withdrawn.length, 'withdrawn finding')}`)}</p>\n`}`,
    block('Newly exempt', exemptItems(facts, begun), [begun, null, counts.begun ?? 0]),
    block('No longer exempt', workloadItems(facts, news.ended), [news.ended, null, counts.ended]),
    block(
      'Clusters that are not found any more',
      gone
        .slice(0, SHOWN)
        .map(
          ({ cluster, findings, lastRun }) =>
            html`${clusterName(cluster)}${findings === null ? '' : `: ${count(findings, 'finding')} open in its last run`}${lastRun === null ? '' : ` (${lastRun})`}`,
        ),
      null,
    ),
  ];
  return section({ id: 'changed', title: 'What changed since the last run' }, [
    ...body,
    ...(isUnchanged(facts, lines.length)
      ? [html`<p>Nothing changed${inWhatWasDecided(facts.summary)}</p>\n`]
      : []),
    ...(input.digest.newsUnknown === true
      ? [html`<p class="warning">What is new could not be determined in full.</p>\n`]
      : []),
  ]);
}

const isUnchanged = ({ news, input: { digest } }: PageFacts, lines: number): boolean =>
  !digest.firstRun &&
  digest.newsUnknown !== true &&
  lines === 0 &&
  [
    news.fresh,
    news.added,
    news.changed,
    news.fixed,
    news.gone,
    digest.exemptions.begun ?? [],
    news.ended,
    digest.gone ?? [],
  ].every(({ length }) => length === 0) &&
  (digest.changes?.settings ?? []).length === 0;

/** A list with its heading, and the way to the rest of it where the table can find just that; nothing where there is nothing. */
function block(
  title: string,
  items: readonly Markup[],
  all: readonly [findings: readonly Finding[], query: string | null, total: number] | null,
): Markup {
  if (items.length === 0) return html``;
  const [findings, query, total] = all ?? [[], null, 0];
  return html`<h3>${title}${all === null ? '' : `: ${countText(findings.length, total)}`}</h3>\n${list(items)}${
    query === null
      ? html``
      : html`<p>${link(queryLink(query), `All in the table (${thousands(findings.length)})`)}</p>\n`
  }`;
}

/** A page that does not hold all rows of its run counts all, and says how many it holds. */
const countText = (held: number, total: number): string =>
  total > held
    ? `${count(total, 'finding')}, of which this page has ${thousands(held)}`
    : count(held, 'finding');

const more = (left: number, what: string): readonly Markup[] =>
  left > 0 ? [html`and ${count(left, `more ${what}`)}`] : [];

/** What is new, as the changes that would remove it. */
function causeItems(facts: PageFacts, findings: readonly Finding[]): readonly Markup[] {
  const groups = acrossClusters(foldCauses(findings).toSorted(compareCauses));
  const items = groups.slice(0, SHOWN).map((group) => {
    const worst = worstOf(group.findings);
    const since = firstSeenOf(group.findings);
    return html`${badge(group.severity)} ${link(findingLink(worst, facts.nameOf), causeTitle(group, facts))}${
      isSince(since, facts.now) ? `, since ${day(since, facts.now)}` : ''
    }${ownersText(group.findings, facts)}. ${worst.message}`;
  });
  return [...items, ...more(groups.length - SHOWN, 'cause')];
}

function workloadItems({ nameOf }: PageFacts, findings: readonly Finding[]): readonly Markup[] {
  const groups = [...workloadsOf(findings)].flatMap((rows) =>
    rows[0] === undefined ? [] : [[rows[0], rows] as const],
  );
  const items = groups.slice(0, SHOWN).map(([first, rows]) => {
    const checks = [...new Set(rows.map(({ check }) => check))];
    return html`${link(findingLink(first, nameOf), workloadName(first.workload))} in ${nameOf(first.cluster)}: ${checks.join(', ')}`;
  });
  return [...items, ...more(groups.length - SHOWN, 'workload')];
}

/** Facts of one finding before the rest is counted. */
const FACTS = 3;

/** What is worse than it was in a finding that was known. */
function changedItems({ nameOf, now }: PageFacts, findings: readonly Finding[]): readonly Markup[] {
  const items = findings.slice(0, SHOWN).map((finding) => {
    const { facts = [], since = null } = finding.changed ?? {};
    const left = facts.length - FACTS;
    const said = [...facts.slice(0, FACTS), ...(left > 0 ? [`and ${count(left, 'more fact')}`] : [])];
    return html`${badge(finding.severity)} ${link(findingLink(finding, nameOf), workloadName(finding.workload))}${containerOf(finding)} in ${nameOf(finding.cluster)}, ${finding.check}${finding.status === 'exempt' ? ', exempt' : ''}. Changed since ${since === null ? 'the last run' : day(since, now)}: ${said.join('; ')}`;
  });
  return [...items, ...more(findings.length - SHOWN, 'finding')];
}

/** What was accepted since the last run, with who did and until when. */
function exemptItems({ nameOf }: PageFacts, findings: readonly Finding[]): readonly Markup[] {
  const items = findings.slice(0, SHOWN).map((finding) => {
    const { exemption } = finding;
    return html`${badge(finding.severity)} ${link(findingLink(finding, nameOf), workloadName(finding.workload))}${containerOf(finding)} in ${nameOf(finding.cluster)}: ${finding.check}${exemption === null ? '' : `, accepted by ${exemption.owner} until ${exemption.expires}: ${exemption.reason}`}`;
  });
  return [...items, ...more(findings.length - SHOWN, 'finding')];
}

const containerOf = ({ container }: Finding): string =>
  container === null ? '' : `, container ${container},`;
