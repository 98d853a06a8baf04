import { workloadKey } from '../inventory/workload.ts';
import type { Finding } from './finding.ts';
import { MEASURED_DRIFT } from './growth.ts';
import { clusterKey } from './identity.ts';

/** Checks that say what has become of a container and its image since it was started; in the order in which it is said. */
export const STORY_CHECKS = [
  'image-too-old',
  'image-digest-drifted',
  'image-scan-stale',
  'image-without-sbom',
  MEASURED_DRIFT,
] as const;
export type StoryCheck = (typeof STORY_CHECKS)[number];

const TOLD: ReadonlySet<string> = new Set(STORY_CHECKS);
/** Of whole workloads: they belong to the story of any container. */
const AGES: ReadonlySet<string> = new Set(['pod-too-old', 'container-too-old']);

export const isTold = (check: string): check is StoryCheck => TOLD.has(check);

/** Fewer are no story: the finding itself says it. */
const FEWEST = 2;

/**
 * What has become of the containers of one workload since they were started: an old pod, whose tag points at another image
 * now, that was not scanned since it started, and whose writable layer grew, is one story and not four.
 */
export interface WorkloadStory {
  /** Of its workload: what is said of the containers, and how old they are. */
  readonly findings: readonly [Finding, ...Finding[]];
}

const scopeOf = ({ cluster, workload }: Finding): string =>
  `${clusterKey(cluster)}\n${workloadKey(workload)}`;

/** Containers of which at least two such things were found. @param findings of one workload */
export function toldContainers(findings: Iterable<Finding>): ReadonlySet<string> {
  const checks = new Map<string, Set<string>>();
  for (const { check, container } of findings) {
    if (container === null || !isTold(check)) continue;
    const of = checks.get(container) ?? new Set();
    checks.set(container, of.add(check));
  }
  return new Set([...checks].flatMap(([container, of]) => (of.size < FEWEST ? [] : container)));
}

/** The story that each finding is a part of, for those that are a part of one. @param findings open ones */
export function storiesOf(findings: Iterable<Finding>): ReadonlyMap<Finding, WorkloadStory> {
  const candidates = new Map<string, [Finding, ...Finding[]]>();
  for (const finding of findings) {
    if (!isTold(finding.check) && !AGES.has(finding.check)) continue;
    const scope = scopeOf(finding);
    const there = candidates.get(scope);
    if (there === undefined) candidates.set(scope, [finding]);
    else there.push(finding);
  }
  const stories = new Map<Finding, WorkloadStory>();
  for (const group of candidates.values()) {
    const containers = toldContainers(group);
    const [first, ...others] = group.filter(
      ({ check, container }) => AGES.has(check) || containers.has(container ?? ''),
    );
    if (containers.size === 0 || first === undefined) continue;
    const story: WorkloadStory = { findings: [first, ...others] };
    for (const finding of story.findings) stories.set(finding, story);
  }
  return stories;
}
