import type { Finding } from '../../../findings/finding.ts';
import { isActive } from '../../../findings/identity.ts';
import { AGE_DAYS, noAges } from '../../../findings/population.ts';
import { DAY } from '../../../inventory/durations.ts';
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
export function agesSection({ clusters, input: { config } }: PageFacts): Markup {
  const limit = podLimit(config);
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
      ? html`${left > 0 && known.length === 0 ? '' : html`<p>No running pod was seen.</p>\n`}`
      : table({
          caption: 'Running pods by age',
          columns: [
            { title: 'Age' },
            { title: 'Pods', numeric: true },
            ...(limit === null ? [] : [{ title: 'Limit' }]),
            { title: 'Share' },
          ],
          rows: ages.map((pods, index) => [
            html`${LABELS[index] ?? ''}`,
            html`${thousands(pods)}`,
            ...(limit === null ? [] : [html`${beside(index, limit)}`]),
            html`<svg class="share" width="${WIDTH}" height="14" viewBox="0 0 ${WIDTH} 14" aria-hidden="true"><rect x="0" y="1" width="${Math.round((pods / most) * WIDTH)}" height="12"/></svg>`,
          ]),
        }),
    hasOverrides(config)
      ? html`<p class="note">Overrides set other limits for some workloads.</p>\n`
      : html``,
    clusters.some(({ findings }) => findings.some(isTooOld))
      ? html`<p>${link(queryLink('check:*-too-old is:active'), 'Those that are older than allowed')}</p>\n`
      : html``,
  ]);
}

const isTooOld = (finding: Finding): boolean => finding.check.endsWith('-too-old') && isActive(finding);

/** How the pods of a row are to the limit, which need not be at a bound of the rows. */
function beside(index: number, limit: number): string {
  if (index > AGE_DAYS.length) return 'not known';
  const [from, to] = [(AGE_DAYS[index - 1] ?? 0) * DAY, (AGE_DAYS[index] ?? Number.POSITIVE_INFINITY) * DAY];
  if (to <= limit) return 'within';
  return `${from >= limit ? '' : 'some '}older than ${days(limit)}`;
}

/** In the unit of the rows; hundredths are enough. */
function days(milliseconds: number): string {
  const value = Math.round((milliseconds / DAY) * 100) / 100;
  return `${value} ${value === 1 ? 'day' : 'days'}`;
}

/** `limits.podMaxAge` in milliseconds, as the configuration is recorded; `null`: not known. */
function podLimit(config: object | null): number | null {
  const limits: unknown = config !== null && 'limits' in config ? config.limits : null;
  if (typeof limits !== 'object' || limits === null || !('podMaxAge' in limits)) return null;
  return typeof limits.podMaxAge === 'number' ? limits.podMaxAge : null;
}

const hasOverrides = (config: object | null): boolean =>
  config !== null && 'overrides' in config && Array.isArray(config.overrides) && config.overrides.length > 0;
