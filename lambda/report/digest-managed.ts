import { apartFindings, apartNews, apartOver } from '../findings/apart.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import { compareText } from '../inventory/workload.ts';
import { bullet, quoted, type Section } from './digest-layout.ts';
import { count, listed, type NameOf, thousands } from './words.ts';

const NAMES = 4;
const CLUSTERS = 3;

interface Line {
  readonly clusters: readonly string[];
  readonly findings: number;
  /** Names of workloads. */
  readonly names: readonly string[];
  readonly news: string;
}

/**
 * What AWS, or somebody else whom the configuration names, runs: one line a cluster, and not ranked. Of many clusters
 * those with the same workloads share a line.
 */
export function managedSection(
  clusters: readonly ClusterResult[],
  { top, nameOf }: { readonly top: number; readonly nameOf: NameOf },
): Section {
  const lines = linesOf(clusters, { top, nameOf });
  return {
    title: 'MANAGED WORKLOADS',
    detail: ', judged and not ranked',
    intro: [],
    entries: [
      ...lines.slice(0, top).map((line) => bullet(lineText(line))),
      ...(lines.length > top ? [bullet(`and ${count(lines.length - top, 'more cluster')}`)] : []),
    ],
  };
}

/** One sentence for each cluster, or for those with the same workloads. */
export const managedLines = (
  clusters: readonly ClusterResult[],
  options: { readonly top: number; readonly nameOf: NameOf },
): readonly string[] => linesOf(clusters, options).map(lineText);

function linesOf(
  clusters: readonly ClusterResult[],
  { top, nameOf }: { readonly top: number; readonly nameOf: NameOf },
): readonly Line[] {
  const each = clusters.flatMap((result): readonly Line[] => {
    const [findings, over] = [apartFindings(result), apartOver(result)];
    if (findings.length + over.length === 0) return [];
    const named = [...findings, ...over].map(({ workload }) => quoted(workload.name));
    const names = [...new Set(named)].sort(compareText);
    const gone = over.filter(({ status }) => status === 'gone').length;
    const news = `${apartNews([result])}${counted(over.length - gone, 'fixed')}${counted(gone, 'gone')}`;
    return [{ clusters: [quoted(nameOf(result.cluster))], findings: findings.length, names, news }];
  });
  return each.length > top ? joined(each) : each;
}

const counted = (findings: number, what: string): string =>
  findings === 0 ? '' : `, ${thousands(findings)} ${what}`;

const joined = (lines: readonly Line[]): readonly Line[] =>
  [...Map.groupBy(lines, ({ names, news }) => JSON.stringify([names, news])).values()].flatMap((of) => {
    const [first] = of;
    if (first === undefined) return [];
    const findings = of.reduce((sum, line) => sum + line.findings, 0);
    return [{ ...first, findings, clusters: of.flatMap((line) => line.clusters) }];
  });

function lineText({ clusters, findings, names, news }: Line): string {
  const where =
    clusters.length > CLUSTERS
      ? `${count(clusters.length, 'cluster')} (${listed(clusters, CLUSTERS)})`
      : clusters.join(', ');
  return `${where}: ${count(findings, 'finding')}${news}: ${listed(names, NAMES)}`;
}
