import { isTold } from '../../../findings/container-story.ts';
import type { Finding } from '../../../findings/finding.ts';
import { clusterKey, isActive } from '../../../findings/identity.ts';
import { writtenText } from '../../../findings/written.ts';
import { compareText, workloadKey } from '../../../inventory/workload.ts';
import { imageStory } from '../../image-story.ts';
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
export function driftSection({ clusters, nameOf, now }: PageFacts): Markup {
  const found = clusters
    .flatMap(({ findings }) => findings.filter((finding) => OBSERVED.has(finding.check) && isActive(finding)))
    .sort((a, b) => order(a) - order(b) || compareText(a.firstSeen, b.firstSeen) || compareText(a.id, b.id));
  const rows = stories(found, clusters, now);
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
          columns: [
            { title: 'Workload' },
            { title: 'What was found' },
            { title: 'First seen', unbroken: true },
          ],
          rows: rows
            .slice(0, ROWS)
            .map(({ finding, text, firstSeen }) => [
              html`${link(findingLink(finding, nameOf), workloadName(finding.workload))}${finding.container === null ? '' : `, container ${finding.container}`}<br>${nameOf(finding.cluster)}`,
              html`${text}`,
              html`${firstSeen.slice(0, 10)}`,
            ]),
        }),
    rows.length > ROWS
      ? html`<p>and ${count(rows.length - ROWS, 'more container or pod', 'more containers or pods')}: ${link(queryLink('check:writable-layer-drifted'), 'measured layers')}, ${link(queryLink('check:image-'), 'images')}</p>\n`
      : html``,
  ]);
}

interface Story {
  /** The first of those that it is about. */
  readonly finding: Finding;
  readonly text: string;
  readonly firstSeen: string;
}

/** What was found of one container is one story; all else is for itself. */
function stories(found: readonly Finding[], clusters: PageFacts['clusters'], now: string): readonly Story[] {
  const scope = ({ cluster, workload }: Finding): string =>
    `${clusterKey(cluster)}\n${workloadKey(workload)}`;
  const wanted = new Set(found.map(scope));
  const active = clusters.flatMap(({ findings }) =>
    findings.filter((finding) => isActive(finding) && wanted.has(scope(finding))),
  );
  const byWorkload = Map.groupBy(active, scope);
  const groups = Map.groupBy(found, (finding) =>
    isTold(finding.check) ? `${scope(finding)}\n${finding.container ?? ''}` : finding,
  );
  return [...groups.values()].flatMap((rows) => {
    const [finding] = rows;
    if (finding === undefined) return [];
    const all = byWorkload.get(scope(finding)) ?? [];
    const story = finding.container === null ? null : imageStory(all, finding.container, now);
    if (story === null)
      return rows.map((row) => ({ finding: row, text: foundText(row), firstSeen: row.firstSeen }));
    return [
      { finding, text: story, firstSeen: rows.map(({ firstSeen }) => firstSeen).sort(compareText)[0] ?? '' },
    ];
  });
}

const order = ({ check }: Finding): number => [...OBSERVED].indexOf(check);

function foundText({ check, evidence, message }: Finding): string {
  const written = check === 'writable-layer-drifted' ? writtenText(evidence) : null;
  return written === null ? message : written;
}
