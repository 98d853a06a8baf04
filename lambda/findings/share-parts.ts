import { keepOne } from '../inventory/keep-one.ts';
import type { Finding } from './finding.ts';

/**
 * For findings that are read from a record, one by one: those that say the same get the same words. As they are
 * read, each has its own copy, which is most of its memory.
 */
export function shareParts(): (finding: Finding) => Finding {
  const words = keepOne<string>((text) => text);
  const clusters = keepOne<Finding['cluster']>(JSON.stringify);
  const controls = keepOne<Finding['controls']>(JSON.stringify);
  const evidences = keepOne<Finding['evidence']>(JSON.stringify);
  const causes = keepOne<NonNullable<Finding['cause']>>(JSON.stringify);
  const fixes = keepOne<NonNullable<Finding['fix']>>(JSON.stringify);
  const pods = keepOne<Finding['pods']>(JSON.stringify);
  return (finding) => ({
    ...finding,
    check: words(finding.check),
    cluster: clusters(finding.cluster),
    pods: pods(finding.pods),
    evidence: evidences(finding.evidence),
    message: words(finding.message),
    ...(finding.owner == null ? {} : { owner: words(finding.owner) }),
    ...(finding.managedBy == null ? {} : { managedBy: words(finding.managedBy) }),
    ...(finding.cause == null ? {} : { cause: causes(finding.cause) }),
    ...(finding.remainsBy == null ? {} : { remainsBy: causes(finding.remainsBy) }),
    ...(finding.fix == null ? {} : { fix: fixes(finding.fix) }),
    remediation: words(finding.remediation),
    controls: controls(finding.controls),
    firstSeen: words(finding.firstSeen),
    lastSeen: words(finding.lastSeen),
  });
}
