import type { GapClass } from '../../../findings/not-evaluated.ts';
import { gapPlaces, withGap } from '../../digest-coverage.ts';
import { day, isSince } from '../../digest-time.ts';
import { type GapGroup, groupGaps, unexplained } from '../../gaps.ts';
import { clusterName, count, listed, reasonWords, thousands, UNVERIFIED } from '../../words.ts';
import { list, section, table } from '../components.ts';
import { html, type Markup } from '../markup.ts';
import type { PageFacts } from '../page-facts.ts';

/** Groups of one class before the rest is counted. */
const GROUPS = 20;
const CHECKS = 6;

const CLASSES: readonly (readonly [GapClass, string])[] = [
  ['lost', 'Lost coverage: decided before, and not any more'],
  ['fixable', 'Can be fixed: a right, a network or a setting would decide it'],
  ['known', 'Known: no setting decides it, or the configuration accepts it'],
];

/** What could not be decided, by what would decide it; what is new goes first. */
export function notEvaluatedSection(facts: PageFacts): Markup {
  const { clusters, summary } = facts;
  const mute = unexplained(clusters.filter(({ outcome }) => outcome === 'failed'));
  const unverified = clusters.filter((result) => result.unverified !== undefined);
  const isEmpty = summary.notEvaluated.total === 0 && mute.length === 0 && clusters.length > 0;
  return section(
    {
      id: 'not-evaluated',
      title: 'What could not be checked',
      ...(isEmpty ? {} : { lead: 'Not evaluated is not passed: about these, the audit says nothing.' }),
    },
    [
      ...CLASSES.map(([gap, title]) => gapTable(facts, gap, title)),
      mute.length === 0
        ? html``
        : html`<h3>Not audited, without a reason</h3>\n${list(mute.map(({ cluster }) => html`${clusterName(cluster)}: run the audit of this cluster with --verbose.`))}`,
      unverified.length === 0
        ? html``
        : html`<h3>Server not verified</h3>\n${list(
            unverified.map(
              ({ cluster, unverified: how = 'plain-http' }) =>
                html`${clusterName(cluster)}: ${UNVERIFIED[how].what} ${UNVERIFIED[how].remedy}`,
            ),
          )}`,
      clusters.length === 0
        ? html`<p class="warning">No cluster was found, so nothing was checked.</p>\n`
        : html``,
      isEmpty ? html`<p>Every check was decided.</p>\n` : html``,
    ],
  );
}

function gapTable(facts: PageFacts, gap: GapClass, title: string): Markup {
  const { now } = facts;
  const groups = groupGaps(withGap(facts.clusters, gap)).toSorted(
    (a, b) => Number(isSince(a.since, now)) - Number(isSince(b.since, now)),
  );
  if (groups.length === 0) return html``;
  const rest = groups.slice(GROUPS);
  return html`<h3>${title}</h3>\n${table({
    caption: title,
    columns: [
      { title: 'Reason and remedy' },
      { title: 'Where' },
      { title: 'Verdicts', numeric: true },
      { title: 'Since', unbroken: true },
    ],
    rows: groups.slice(0, GROUPS).map((group) => gapRow(group, facts)),
  })}${
    rest.length === 0
      ? html``
      : html`<p>and ${count(rest.length, 'more reason')} behind ${count(
          rest.reduce((sum, { rows }) => sum + rows, 0),
          'verdict',
        )}, all of them in not-evaluated.ndjson.gz</p>\n`
  }`;
}

function gapRow(
  { reason, messages, remediation, checks, clusters, rows, since, audited }: GapGroup,
  { nameOf, now }: PageFacts,
): readonly Markup[] {
  const [message = '', ...others] = messages;
  const alike = others.length === 0 ? '' : ` (${thousands(others.length)} more like it)`;
  return [
    html`<b>${reasonWords(reason)}</b><p>${message}${alike}</p><p class="remedy">${remediation}</p>`,
    html`${gapPlaces(clusters, nameOf)}${audited ? html`<p>${count(checks.length, 'check')}: ${listed(checks, CHECKS)}</p>` : html`<p>all checks</p>`}`,
    html`${thousands(rows)}`,
    html`${isSince(since, now) ? day(since, now) : 'new'}`,
  ];
}
