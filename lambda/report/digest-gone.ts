import { bullet, paragraph, quoted, remedy, type Section } from './digest-layout.ts';
import type { GoneCluster } from './news.ts';
import { clusterName, count } from './words.ts';

/** Clusters that are not there any more: to be confirmed by somebody, never forgotten in silence. */
export const goneSection = (gone: readonly GoneCluster[], top: number): Section => ({
  title: 'NOT FOUND ANY MORE',
  detail: `: ${count(gone.length, 'cluster')}`,
  intro:
    gone.length === 0
      ? []
      : paragraph('Known from earlier runs: deleted, renamed, or no longer covered by the configuration.'),
  entries: [
    ...gone.slice(0, top).map(goneEntry),
    ...(gone.length > top ? [bullet(`and ${count(gone.length - top, 'more cluster')}`)] : []),
  ],
});

const goneEntry = ({ cluster, lastRun, findings, state }: GoneCluster): readonly string[] => [
  ...bullet(`${quoted(clusterName(cluster))}, ${lastKnown(lastRun, findings)}`),
  ...remedy(`If this is expected, delete its stored state: ${quoted(state)}`),
];

function lastKnown(lastRun: string | null, findings: number | null): string {
  if (lastRun === null || findings === null) return 'its state cannot be read';
  return `last known in run ${quoted(lastRun)} with ${count(findings, 'open finding')}`;
}
