import type { NotEvaluated } from '../../findings/not-evaluated.ts';
import type { Gap, GapReason, Resource } from '../../inventory/gap.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { CheckInfo } from '../check.ts';
import type { Verdict } from './verdicts.ts';

/** Resources that are missing as a whole; a gap about one object leaves the rest of its kind usable. */
export function missingResources(gaps: readonly Gap[]): ReadonlySet<Resource> {
  const missing = new Set<Resource>();
  for (const gap of gaps) {
    if (gap.scope) continue;
    missing.add(gap.resource ?? 'pods');
  }
  return missing;
}

/**
 * One record for each check and each cause that keeps what it needs from being read. Every check needs pods. Kinds
 * that are missing for one cause, such as a failed discovery, are gaps each, and the cause is said once.
 */
export function gapRecords(inventory: Inventory, checks: readonly CheckInfo[]): NotEvaluated[] {
  return checks.flatMap((check) => {
    const behind = inventory.gaps.filter(
      ({ resource }) => resource === null || resource === 'pods' || check.needs.includes(resource),
    );
    return distinctCauses(behind).map((gap) => ({
      check: check.id,
      cluster: inventory.cluster,
      workload: gap.scope ?? null,
      container: null,
      pods: null,
      reason: gap.reason,
      message: gap.message,
      remediation: gap.remedy,
    }));
  });
}

const distinctCauses = (gaps: readonly Gap[]): readonly Gap[] => [
  ...new Map(
    gaps.map((gap) => [JSON.stringify([gap.scope, gap.reason, gap.message, gap.remedy]), gap]),
  ).values(),
];

export function toRecord(
  verdict: Extract<Verdict, { kind: 'not-evaluated' }>,
  inventory: Inventory,
  owner: string | null,
): NotEvaluated {
  const reason: GapReason = verdict.reason;
  return {
    check: verdict.check.id,
    cluster: inventory.cluster,
    workload: verdict.workload,
    ...(owner === null ? {} : { owner }),
    container: verdict.container,
    pods: verdict.pods,
    reason,
    message: verdict.message,
    remediation: verdict.remediation,
  };
}

/** Of what was not judged: a record of the whole check, so that none of its findings counts as resolved. */
export const outOfTime = (check: CheckInfo, before: string, { cluster }: Inventory): NotEvaluated => ({
  check: check.id,
  cluster,
  workload: null,
  container: null,
  pods: null,
  reason: 'out-of-time',
  message: `The run was out of time before ${before}.`,
  remediation:
    'Audit each cluster in a separate invocation (deployment.mode: fleet), or give the function more memory, which also means more CPU, or more time.',
});
