import { SEVERITIES, type Severity } from '../../severity.ts';
import type { TrendRow } from '../trend.ts';
import { html, type Markup } from './markup.ts';

/** A run in the picture. */
export interface TrendPoint {
  readonly startedAt: string;
  readonly config: string;
  readonly version: string;
  /** New and open findings. */
  readonly open: Readonly<Record<Severity, number>>;
  /** Share of verdicts that were decided, 0 to 1; `null`: there were none. */
  readonly coverage: number | null;
  readonly failed: number;
}

export const trendPoint = ({
  startedAt,
  config,
  version,
  findings,
  coverage,
  clusters,
}: TrendRow): TrendPoint => ({
  startedAt,
  config,
  version,
  open: {
    critical: findings.critical.new + findings.critical.open,
    high: findings.high.new + findings.high.open,
    medium: findings.medium.new + findings.medium.open,
    low: findings.low.new + findings.low.open,
  },
  coverage: coverage.total === 0 ? null : coverage.decided / coverage.total,
  failed: clusters.failed,
});

const WIDTH = 720;
const HEIGHT = 160;
const FOOT = 18;

/**
 * Bars of open findings by severity, the share of decided verdicts as a line above them, and a mark below runs whose
 * configuration or version was not that of the run before. Said in words by the table beside it.
 */
export function trendChart(points: readonly TrendPoint[]): Markup {
  const most = Math.max(1, ...points.map(totalOf));
  const step = WIDTH / points.length;
  const bar = Math.max(1, Math.min(step * 0.8, 40));
  const x = (index: number): number => index * step + (step - bar) / 2;
  const scale = (value: number): number => (value / most) * (HEIGHT - 20);
  const bars = points.flatMap((point, index) => {
    let top = HEIGHT;
    return SEVERITIES.map((severity) => {
      const height = scale(point.open[severity]);
      top -= height;
      return height === 0
        ? html``
        : html`<rect class="bar ${severity}" x="${px(x(index))}" y="${px(top)}" width="${px(bar)}" height="${px(height)}"/>`;
    });
  });
  const line = points
    .map(({ coverage }, index) => ({ coverage, at: index * step + step / 2 }))
    .flatMap(({ coverage, at }) =>
      coverage === null ? [] : [`${px(at)},${px(HEIGHT - coverage * (HEIGHT - 20))}`],
    )
    .join(' ');
  const marks = points.map((point, index) => {
    const before = points[index - 1];
    const isSame =
      before === undefined || (before.config === point.config && before.version === point.version);
    return isSame
      ? html``
      : html`<path class="mark" d="M ${px(index * step + step / 2)} ${px(HEIGHT + 3)} l 5 9 l -10 0 z"/>`;
  });
  return html`<svg class="trend" viewBox="0 0 ${WIDTH} ${HEIGHT + FOOT}" role="img" aria-label="Open findings by severity in the last ${points.length} runs">
${bars}
<polyline class="coverage" points="${line}"/>
<line class="axis" x1="0" y1="${HEIGHT}" x2="${WIDTH}" y2="${HEIGHT}"/>
${marks}
</svg>
`;
}

export const totalOf = ({ open }: TrendPoint): number =>
  SEVERITIES.reduce((sum, severity) => sum + open[severity], 0);

/** Tenths of a pixel are enough. */
const px = (value: number): string => String(Math.round(value * 10) / 10);
