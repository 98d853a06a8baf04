import { CAUSE_WORDS } from '../findings/cause-words.ts';
import { STORY_CHECKS, type StoryCheck, toldContainers } from '../findings/container-story.ts';
import type { Finding } from '../findings/finding.ts';
import type { FoldedCause } from '../findings/fold-causes.ts';
import { writtenText } from '../findings/written.ts';
import { day } from './digest-time.ts';

/** `null`: the evidence does not say it, as in rows of other versions. */
type Teller = (finding: Finding, now: string) => string | null;

const dayOf = (value: unknown, now: string): string | null =>
  typeof value === 'string' ? day(value, now) : null;

/** What is said of a container by each. */
const TELLERS: Readonly<Record<StoryCheck, Teller>> = {
  'image-too-old': ({ evidence }, now) => {
    const pushed = dayOf(evidence['pushedAt'], now);
    if (pushed === null) return null;
    return evidence['cached'] === true
      ? `its image is at least as old as ${pushed}`
      : `its image was pushed on ${pushed}`;
  },
  'image-digest-drifted': ({ evidence: { tagged } }) =>
    tagged === null ? 'the registry does not have its tag any more' : 'its tag points at another image now',
  'image-scan-stale': ({ evidence: { state, scannedAt, startedAt } }, now) => {
    if (state === 'NONE') return 'no scan of its image is known';
    if (state === 'SCAN_ELIGIBILITY_EXPIRED') return 'its image is not scanned any more';
    const [scanned, started] = [dayOf(scannedAt, now), dayOf(startedAt, now)];
    if (scanned === null || started === null) return null;
    return `its image was last scanned on ${scanned}, before the container was started on ${started}`;
  },
  'image-without-sbom': () => 'the registry has no SBOM of its image',
  'writable-layer-drifted': ({ evidence }) => {
    const written = writtenText(evidence);
    return written === null ? null : `it ${written}`;
  },
};

const AGE = 'pod-too-old';

/**
 * What has become of a container and its image since it was started, in one sentence: `Container app: the oldest pod was
 * started on 12 Nov; its tag points at another image now; it wrote 48 MiB since 12 Nov.`
 *
 * @param findings of one workload
 * @returns `null` where fewer than two things are known of the container: then the finding itself says it
 */
export function imageStory(findings: readonly Finding[], container: string, now: string): string | null {
  if (!toldContainers(findings).has(container)) return null;
  const said = STORY_CHECKS.flatMap((check) => {
    const finding = findings.find((one) => one.check === check && one.container === container);
    // Nothing that was found goes unsaid.
    return finding === undefined ? [] : [TELLERS[check](finding, now) ?? finding.message.replace(/\.$/, '')];
  });
  const old = findings.find(({ check }) => check === AGE)?.pods.oldestStartedAt ?? null;
  const start = old === null ? [] : [`the oldest pod was started on ${day(old, now)}`];
  return `Container ${container}: ${[...start, ...said].join('; ')}.`;
}

/** The stories of a workload, one a container. */
export const imageStories = (findings: readonly Finding[], now: string): readonly string[] =>
  [...toldContainers(findings)].flatMap((container) => imageStory(findings, container, now) ?? []);

/** The same of causes that are told together; empty where they have none. */
export const storyText = (causes: readonly FoldedCause[], now: string): string =>
  [...new Set(causes.flatMap(({ story }) => story ?? []))]
    .flatMap(({ findings }) => imageStories(findings, now))
    .join(' ');

/** `changed while running, image out of date, not restarted`: what is wrong, in the words of each. */
export const storyWords = (causes: readonly FoldedCause[]): string =>
  [...new Set(causes.map(({ cause }) => CAUSE_WORDS[cause.kind]))].join(', ');
