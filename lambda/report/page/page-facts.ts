import type { Finding } from '../../findings/finding.ts';
import type { ClusterResult } from '../../findings/run-result.ts';
import type { ClusterIdentity } from '../../inventory/names.ts';
import { type News, newsOf } from '../digest-news.ts';
import { sortedClusters } from '../order.ts';
import { type Summary, summarize } from '../summary.ts';
import { type NameOf, shortNames } from '../words.ts';
import { type PatchText, patchTexts } from './drawn-patches.ts';
import type { PageInput } from './page-input.ts';

/** What the sections of the page say, computed once. */
export interface PageFacts {
  readonly input: PageInput;
  readonly summary: Summary;
  /** Of every severity, whatever the mail leaves out. */
  readonly news: News;
  readonly clusters: readonly ClusterResult[];
  readonly nameOf: NameOf;
  /** RFC 3339: the start of the run. */
  readonly now: string;
  /** By the id of their cause, of the worst workloads. */
  readonly patches: ReadonlyMap<string, PatchText>;
  /** Whether anything has an owner. */
  readonly hasOwners: boolean;
}

/** Rows of a list before it counts the rest and leads to the table of all findings. */
export const SHOWN = 10;

export function pageFacts(input: PageInput): PageFacts {
  const { run } = input.digest;
  const clusters = sortedClusters(run);
  return {
    input,
    summary: summarize(run),
    news: newsOf({ ...input.digest, options: { ...input.digest.options, minSeverity: 'low' } }),
    clusters,
    nameOf: shortNames(identitiesOf(clusters)),
    now: run.run.startedAt,
    patches: patchTexts(clusters),
    hasOwners: clusters.some(({ findings }) => findings.some(({ owner }) => owner != null)),
  };
}

/** Rows of a cluster that was replaced name another one than their result. */
function identitiesOf(clusters: readonly ClusterResult[]): Iterable<ClusterIdentity> {
  const known = new Set<ClusterIdentity>();
  for (const { cluster, findings } of clusters) {
    known.add(cluster);
    for (const finding of findings) known.add(finding.cluster);
  }
  return known;
}

/** The address of the table of all findings with only what a query finds. */
export const queryLink = (query: string): string => `#q=${encoded(query)}`;

/** The address of one finding, by what makes it the same one in every run. */
export const findingLink = (finding: Finding, nameOf: NameOf): string =>
  `#f=${findingPath({ ...finding, cluster: nameOf(finding.cluster), ...finding.workload })}`;

export interface FindingPath {
  readonly cluster: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly container: string | null;
  readonly check: string;
}

/** `cluster/namespace/kind/name/container/check`, each encoded, the container empty where there is none. */
const findingPath = ({ cluster, namespace, kind, name, container, check }: FindingPath): string =>
  [cluster, namespace, kind, name, container ?? '', check].map(encoded).join('/');

/** Half a surrogate pair has no encoding, and a name may hold one. */
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());
