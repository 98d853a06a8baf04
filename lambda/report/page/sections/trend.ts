import { SEVERITIES } from '../../../severity.ts';
import { count, instant, thousands } from '../../words.ts';
import { section, table } from '../components.ts';
import { html, type Markup } from '../markup.ts';
import type { PageFacts } from '../page-facts.ts';
import { type TrendPoint, trendChart, trendPoint } from '../trend-chart.ts';

/** Runs in the picture, and in the table beside it. */
const RUNS = 60;
const LISTED = 10;

/** How the numbers have changed over the last runs. */
export function trendSection(facts: PageFacts): Markup {
  if (facts.input.of === 'one')
    return section({ id: 'trend', title: 'Trend' }, [
      html`<p>The trend of all clusters together is on the page of the run.</p>\n`,
    ]);
  const points = pointsOf(facts);
  const shown = points.slice(-RUNS);
  const last = shown.slice(-LISTED).reverse();
  return section(
    { id: 'trend', title: 'Trend' },
    shown.length < 2
      ? [html`<p>This is the first run whose numbers are known: the trend begins with the next one.</p>\n`]
      : [
          html`<p class="lead">Open findings of the last ${count(shown.length, 'run')}, managed workloads too. The line is the share of verdicts that were decided; a mark below a run says that its configuration or version was not that of the run before.</p>\n`,
          trendChart(shown),
          html`<p class="legend">${SEVERITIES.map((severity) => html`<span class="badge ${severity}">${severity}</span> `)}<span class="key">decided verdicts</span></p>\n`,
          table({
            caption: 'The last runs',
            columns: [
              { title: 'Run' },
              ...SEVERITIES.map((severity) => ({ title: severity, numeric: true })),
              { title: 'decided', numeric: true },
              { title: 'Changed' },
            ],
            rows: last.map((point) => rowOf(point, points[points.indexOf(point) - 1])),
          }),
        ],
  );
}

/** This run counts as it is said here, and no later one: the page is the same when it is made again. */
function pointsOf({ input, summary, now }: PageFacts): readonly TrendPoint[] {
  const { run } = input.digest.run;
  const before = input.trend.filter((row) => row.run < run.id).map(trendPoint);
  const { bySeverity } = summary.findings;
  const own = trendPoint({
    run: run.id,
    startedAt: now,
    version: run.version,
    config: run.config,
    clusters: summary.clusters,
    pods: summary.pods,
    findings: bySeverity,
    apart: summary.findings.apart,
    coverage: summary.coverage,
    notEvaluated: summary.notEvaluated.byGap,
    manifest: null,
  });
  return [...before, own];
}

function rowOf(point: TrendPoint, before: TrendPoint | undefined): readonly Markup[] {
  const changed = [
    ...(before !== undefined && before.version !== point.version ? [`version ${point.version}`] : []),
    ...(before !== undefined && before.config !== point.config ? ['configuration'] : []),
    ...(point.failed > 0 ? [`${count(point.failed, 'cluster')} not audited`] : []),
  ];
  return [
    html`${instant(point.startedAt)}`,
    ...SEVERITIES.map((severity) => html`${thousands(point.open[severity])}`),
    html`${point.coverage === null ? 'none' : `${(Math.floor(point.coverage * 1000) / 10).toFixed(1)} %`}`,
    html`${changed.join(', ')}`,
  ];
}
