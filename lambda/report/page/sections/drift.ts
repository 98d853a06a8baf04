import type { Finding } from '../../../findings/finding.ts';
import { isActive } from '../../../findings/identity.ts';
import { writtenText } from '../../../findings/written.ts';
import { compareText } from '../../../inventory/workload.ts';
import { count, workloadName } from '../../words.ts';
import { link, section, table } from '../components.ts';
import { html, type Markup } from '../markup.ts';
import { findingLink, type PageFacts, queryLink } from '../page-facts.ts';

/** Rows before the rest is counted. */
const ROWS = 20;

/** What was measured or read of what runs, and not only what could happen. */
const OBSERVED: ReadonlySet<string> = new Set([
  'writable-layer-drifted',
  'debug-container-attached',
  'image-digest-drifted',
  'image-too-old',
  'image-scan-stale',
  'image-without-sbom',
]);

/** What containers wrote since they were started, and what has become of their images meanwhile. */
export function driftSection({ clusters, nameOf }: PageFacts): Markup {
  const rows = clusters
    .flatMap(({ findings }) => findings.filter((finding) => OBSERVED.has(finding.check) && isActive(finding)))
    .sort((a, b) => order(a) - order(b) || compareText(a.firstSeen, b.firstSeen) || compareText(a.id, b.id));
  const asked = new Set(clusters.flatMap(({ tallies }) => tallies.map(({ check }) => check)));
  const gaps = clusters.reduce(
    (sum, { notEvaluated }) => sum + notEvaluated.filter(({ check }) => OBSERVED.has(check)).length,
    0,
  );
  return section({ id: 'drift', title: 'Drift of what runs' }, [
    asked.has('writable-layer-drifted')
      ? html``
      : html`<p>Writable layers were not measured, so that nothing is known of what containers wrote (measure.writableLayer of the configuration).</p>\n`,
    gaps === 0
      ? html``
      : html`<p class="warning">${count(gaps, 'verdict')} about drift could not be decided.</p>\n`,
    rows.length === 0
      ? html`<p>Nothing was found in what was looked at.</p>\n`
      : table({
          caption: 'Drift by workload',
          columns: [{ title: 'Workload' }, { title: 'What was found' }, { title: 'First seen' }],
          rows: rows
            .slice(0, ROWS)
            .map((finding) => [
              html`${link(findingLink(finding, nameOf), workloadName(finding.workload))}${finding.container === null ? '' : `, container ${finding.container}`}<br>${nameOf(finding.cluster)}`,
              html`${foundText(finding)}`,
              html`${finding.firstSeen.slice(0, 10)}`,
            ]),
        }),
    rows.length > ROWS
      ? html`<p>and ${count(rows.length - ROWS, 'more finding')}: ${link(queryLink('check:writable-layer-drifted'), 'measured layers')}, ${link(queryLink('check:image-'), 'images')}</p>\n`
      : html``,
  ]);
}

const order = ({ check }: Finding): number => [...OBSERVED].indexOf(check);

function foundText({ check, evidence, message }: Finding): string {
  const written = check === 'writable-layer-drifted' ? writtenText(evidence) : null;
  return written === null ? message : written;
}
