import { AGE_DAYS, noAges } from '../../../findings/population.ts';
import { count, thousands } from '../../words.ts';
import { link, section, table } from '../components.ts';
import { html, type Markup } from '../markup.ts';
import { type PageFacts, queryLink } from '../page-facts.ts';

const LABELS: readonly string[] = [
  ...AGE_DAYS.map((to, index) => (index === 0 ? 'less than 1 day' : `${AGE_DAYS[index - 1]} to ${to} days`)),
  `${AGE_DAYS.at(-1)} days or more`,
  'not known',
];

/** The widest bar. */
const WIDTH = 300;

/** How long pods have been running, whatever their limits are. */
export function agesSection({ clusters }: PageFacts): Markup {
  const known = clusters.flatMap(({ population }) => population ?? []);
  const ages = noAges().map((_, index) => known.reduce((sum, { ages: of }) => sum + (of[index] ?? 0), 0));
  const total = ages.reduce((sum, pods) => sum + pods, 0);
  const most = Math.max(1, ...ages);
  const left = clusters.length - known.length;
  return section({ id: 'ages', title: 'Ages of running pods' }, [
    left === 0
      ? html``
      : html`<p class="warning">${count(left, 'cluster')} not in it: not all pods could be looked at.</p>\n`,
    total === 0
      ? html`<p>No running pod was seen.</p>\n`
      : table({
          caption: 'Running pods by age',
          columns: [{ title: 'Age' }, { title: 'Pods', numeric: true }, { title: 'Share' }],
          rows: ages.map((pods, index) => [
            html`${LABELS[index] ?? ''}`,
            html`${thousands(pods)}`,
            html`<svg class="share" width="${WIDTH}" height="14" viewBox="0 0 ${WIDTH} 14" aria-hidden="true"><rect x="0" y="1" width="${Math.round((pods / most) * WIDTH)}" height="12"/></svg>`,
          ]),
        }),
    html`<p>${link(queryLink('check:*-too-old is:active'), 'Those that are older than allowed')}</p>\n`,
  ]);
}
