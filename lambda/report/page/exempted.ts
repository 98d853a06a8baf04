import type { Finding } from '../../findings/finding.ts';
import { compareText } from '../../inventory/workload.ts';

/** What was accepted for one reason, by one owner, until one day. */
export interface Exempted {
  readonly reason: string;
  readonly owner: string;
  readonly expires: string;
  readonly findings: number;
  readonly checks: readonly string[];
}

/** Exempt findings by what accepts them, whichever ends first before the others. */
export function exempted(findings: Iterable<Finding>): readonly Exempted[] {
  const groups = new Map<
    string,
    { of: NonNullable<Finding['exemption']>; findings: number; checks: Set<string> }
  >();
  for (const { exemption, check, status } of findings) {
    if (exemption === null || status !== 'exempt') continue;
    const key = JSON.stringify([exemption.expires, exemption.owner, exemption.reason]);
    const group = groups.get(key) ?? { of: exemption, findings: 0, checks: new Set() };
    group.findings++;
    group.checks.add(check);
    groups.set(key, group);
  }
  return [...groups]
    .sort(([a], [b]) => compareText(a, b))
    .map(([, { of, findings: count, checks }]) => ({
      ...of,
      findings: count,
      checks: [...checks].sort(compareText),
    }));
}
