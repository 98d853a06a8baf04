import type { Finding } from '../../findings/finding.ts';
import { writtenText } from '../../findings/written.ts';
import { day } from '../digest-time.ts';

/** `null`: the evidence does not say it, as in rows of other versions. */
type Teller = (finding: Finding, now: string) => string | null;

const dayOf = (value: unknown, now: string): string | null =>
  typeof value === 'string' ? day(value, now) : null;

/** What is said of a container in one sentence where more than one of them is found; in the order of the sentence. */
const TELLERS: Readonly<Record<string, Teller>> = {
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

/** Whether findings of this check are told with those of the same container. */
export const isTold = (check: string): boolean => Object.hasOwn(TELLERS, check);

/**
 * What has become of a container and its image since it was started, in one sentence: `Container app: the oldest pod was
 * started on 12 Nov; its tag points at another image now; it wrote 48 MiB since 12 Nov.`
 *
 * @param findings of one workload
 * @returns `null` where fewer than two things are known of the container: then the finding itself says it
 */
export function imageStory(findings: readonly Finding[], container: string, now: string): string | null {
  const said = Object.entries(TELLERS).flatMap(([check, tell]) => {
    const finding = findings.find((one) => one.check === check && one.container === container);
    // Nothing that was found goes unsaid.
    return finding === undefined ? [] : [tell(finding, now) ?? finding.message.replace(/\.$/, '')];
  });
  if (said.length < 2) return null;
  const old = findings.find(({ check }) => check === AGE)?.pods.oldestStartedAt ?? null;
  const start = old === null ? [] : [`the oldest pod was started on ${day(old, now)}`];
  return `Container ${container}: ${[...start, ...said].join('; ')}.`;
}

/** The stories of a workload, one a container. */
export function imageStories(findings: readonly Finding[], now: string): readonly string[] {
  const containers = new Set(
    findings.flatMap(({ check, container }) => (container !== null && isTold(check) ? [container] : [])),
  );
  return [...containers].flatMap((container) => imageStory(findings, container, now) ?? []);
}
