import { count, thousands } from '../../words.ts';
import { link, section, table } from '../components.ts';
import { EGRESS_COLUMNS, type Exposure, egressMatrix } from '../egress-matrix.ts';
import { html, type Markup } from '../markup.ts';
import { type PageFacts, queryLink } from '../page-facts.ts';
import { queryTerm } from '../query-term.ts';

/** Namespaces before the rest is counted. */
const ROWS = 60;

/** What each namespace reaches outside of its cluster, in workloads. */
export function egressSection({ clusters, nameOf }: PageFacts): Markup {
  const rows = egressMatrix(clusters);
  const failed = clusters.filter(({ outcome }) => outcome === 'failed').length;
  return section(
    {
      id: 'egress',
      title: 'Egress exposure',
      lead: 'Workloads of each namespace that reach it, managed ones too. A question mark counts those that could not be evaluated; 0 says that none was found to; a dash says that the check was not asked.',
    },
    [
      failed === 0
        ? html``
        : html`<p class="warning">Nothing is known of ${count(failed, 'cluster')} that could not be read.</p>\n`,
      rows.length === 0
        ? html`<p>There is no namespace with a finding or a gap.</p>\n`
        : table({
            caption: 'Egress by namespace',
            columns: [
              { title: 'Namespace' },
              { title: 'workloads', numeric: true },
              ...EGRESS_COLUMNS.map(([, title]) => ({ title, numeric: true })),
            ],
            rows: rows.slice(0, ROWS).map(({ cluster, namespace, workloads, cells }) => {
              const place = `${queryTerm('cluster', nameOf(cluster))} ${queryTerm('namespace', namespace)}`;
              return [
                html`${namespace === '' ? '(none)' : namespace} in ${nameOf(cluster)}`,
                html`${workloads === null ? '?' : thousands(workloads)}`,
                ...cells.map((cell, index) => exposure(cell, `${place} check:${EGRESS_COLUMNS[index]?.[0]}`)),
              ];
            }),
          }),
      rows.length > ROWS ? html`<p>and ${count(rows.length - ROWS, 'more namespace')}</p>\n` : html``,
    ],
  );
}

function exposure({ open, exempt, unknown, asked }: Exposure, query: string): Markup {
  const missing = unknown === 'all' ? '?' : unknown > 0 ? `? ${thousands(unknown)}` : '';
  const parts = [
    ...(open > 0
      ? [html`<span class="count high">${link(queryLink(`${query} is:active`), thousands(open))}</span>`]
      : []),
    ...(missing === '' ? [] : [html`<span class="count gap">${missing}</span>`]),
    ...(exempt > 0 ? [html`<span class="exempt">${thousands(exempt)} exempt</span>`] : []),
  ];
  if (parts.length > 0) return html`${parts.map((part, index) => html`${index === 0 ? '' : ' '}${part}`)}`;
  return asked ? html`<span class="none">0</span>` : html`<span class="none">–</span>`;
}
