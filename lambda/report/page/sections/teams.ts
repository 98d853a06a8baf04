import { SEVERITIES } from '../../../severity.ts';
import { daysBetween } from '../../digest-time.ts';
import { clusterRowKey } from '../../order.ts';
import { count, thousands } from '../../words.ts';
import { link, section, table } from '../components.ts';
import { html, type Markup } from '../markup.ts';
import { type PageFacts, queryLink } from '../page-facts.ts';
import { queryTerm } from '../query-term.ts';
import { type Tally, tallyBy } from '../tally.ts';

/** Rows of a table before the rest is counted. */
const ROWS = 50;

/** Whose findings these are, and in which namespaces. */
export function teamsSection(facts: PageFacts): Markup {
  const { clusters, nameOf, hasOwners } = facts;
  const owners = tallyBy(clusters, {
    ofFinding: ({ owner }) => owner ?? '',
    // What concerns a whole cluster is of no owner.
    ofGap: ({ owner, workload }) => (workload === null ? undefined : (owner ?? '')),
    text: (owner) => owner,
  });
  const namespaces = tallyBy(clusters, {
    ofFinding: ({ cluster, workload: { namespace } }) => ({ cluster, namespace }),
    ofGap: ({ cluster, workload }) =>
      workload === null ? undefined : { cluster, namespace: workload.namespace },
    text: ({ cluster, namespace }) => `${clusterRowKey(cluster)}${namespace}`,
  });
  return section(
    {
      id: 'teams',
      title: 'Teams and namespaces',
      lead: 'Open findings by severity, without those of managed workloads. Gaps of whole clusters are in none of these rows.',
    },
    namespaces.length === 0
      ? [nothing(facts)]
      : [
          hasOwners
            ? tallyTable(facts, {
                what: 'Owner',
                of: owners,
                name: (owner) => [
                  owner === '' ? 'no owner' : owner,
                  owner === '' ? 'is:unowned' : queryTerm('owner', owner),
                ],
              })
            : html`<p>No workload has an owner: with owners in the configuration this page names whom to call.</p>\n`,
          tallyTable(facts, {
            what: 'Namespace',
            of: namespaces,
            name: ({ cluster, namespace }) => [
              `${namespace === '' ? '(none)' : namespace} in ${nameOf(cluster)}`,
              `${queryTerm('cluster', nameOf(cluster))} ${queryTerm('namespace', namespace)}`,
            ],
          }),
        ],
  );
}

/** Of what could not be read it is not said that there is nothing. */
const nothing = ({ clusters }: PageFacts): Markup =>
  html`<p>No namespace${clusters.every(({ outcome }) => outcome === 'audited') && clusters.length > 0 ? '' : ' that could be read'} has a finding or a workload that was not evaluated.</p>\n`;

interface TallyTable<Key> {
  readonly what: string;
  readonly of: readonly Tally<Key>[];
  /** What is shown, and the query that finds it. */
  readonly name: (key: Key) => readonly [string, string];
}

function tallyTable<Key>({ now }: PageFacts, { what, of, name }: TallyTable<Key>): Markup {
  if (of.length === 0) return html``;
  const number = (value: number, tone = ''): Markup =>
    value === 0 ? html`<span class="none">0</span>` : html`<span class="${tone}">${thousands(value)}</span>`;
  return html`${table({
    caption: `By ${what.toLowerCase()}`,
    columns: [
      { title: what },
      ...SEVERITIES.map((severity) => ({ title: severity, numeric: true })),
      ...['new', 'not evaluated', 'exempt', 'oldest'].map((title) => ({ title, numeric: true })),
    ],
    rows: of.slice(0, ROWS).map(({ key, open, fresh, exempt, notEvaluated, oldest }) => {
      const [text, query] = name(key);
      const days = oldest === null ? null : daysBetween(oldest, now);
      return [
        link(queryLink(query), text),
        ...SEVERITIES.map((severity) => number(open[severity], `count ${severity}`)),
        number(fresh),
        number(notEvaluated, 'count gap'),
        number(exempt),
        html`${days === null ? '' : `${thousands(days)} d`}`,
      ];
    }),
  })}${of.length > ROWS ? html`<p>and ${count(of.length - ROWS, `more ${what.toLowerCase()}`)}, all of them in the table of findings</p>\n` : html``}`;
}
