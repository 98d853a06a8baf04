import type { Finding } from '../findings/finding.ts';
import { mailSubject } from './escape.ts';
import type { Summary } from './summary.ts';
import { count, thousands } from './words.ts';

export interface SubjectInput {
  readonly summary: Summary;
  /** Those that the mail reports. */
  readonly newFindings: readonly Finding[];
  readonly firstRun: boolean;
  /** See `DigestInput`. */
  readonly newsUnknown: boolean;
}

/**
 * The line that is read on a phone: what is missing, what is new, what is open. No name from a cluster
 * stands in it.
 */
export function digestSubject({ summary, newFindings, firstRun, newsUnknown }: SubjectInput): string {
  const { clusters, coverage, findings } = summary;
  if (clusters.total === 0) return 'EKS audit FAILED: no cluster was found';
  if (clusters.audited === 0) {
    const none =
      clusters.total === 1 ? 'the only cluster was not' : `none of ${count(clusters.total, 'cluster')} was`;
    return mailSubject(`EKS audit FAILED: ${none} audited`);
  }
  const news = firstRun ? 'first run' : newsPhrase(newFindings, newsUnknown);
  const { critical } = findings.bySeverity;
  const saidCritical = !firstRun && newFindings.some(({ severity }) => severity === 'critical');
  const open =
    findings.active === 0
      ? 'no finding'
      : `${thousands(findings.active)} open${saidCritical ? '' : criticals(critical.new + critical.open)}`;
  const parts = [...missing(summary), news, open];
  if (coverage.complete) parts.push(count(clusters.audited, 'cluster'));
  return mailSubject(`EKS audit${coverage.complete ? '' : ' INCOMPLETE'}: ${parts.join(', ')}`);
}

function newsPhrase(fresh: readonly Finding[], unknown: boolean): string {
  if (fresh.length === 0) return unknown ? 'news unknown' : 'nothing new';
  return `${thousands(fresh.length)} new${criticals(fresh.filter(({ severity }) => severity === 'critical').length)}`;
}

const criticals = (found: number): string => (found === 0 ? '' : ` (${thousands(found)} critical)`);

function missing({ clusters, coverage }: Summary): readonly string[] {
  if (clusters.failed > 0)
    return [`${thousands(clusters.failed)} of ${count(clusters.total, 'cluster')} not audited`];
  return coverage.complete ? [] : [`${thousands(coverage.total - coverage.decided)} not evaluated`];
}
