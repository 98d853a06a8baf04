import type { Cause } from '../findings/cause.ts';
import type { Evidence, Fix } from '../findings/finding.ts';
import { keepOne, keepRecent } from '../inventory/keep-one.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import type { FixFacts } from './facts.ts';
import { fixOf } from './fix.ts';

/** A failing verdict, as far as its fix depends on it. */
export interface Failing extends Pick<FixFacts, 'workload' | 'group' | 'origin' | 'managedBy'> {
  readonly cause: Cause;
  readonly evidence: Evidence;
  readonly check: { readonly remediation: string };
  readonly pods: { readonly count: number; readonly examples: readonly string[] };
}

/**
 * Computes fixes of one cluster, one for all findings of a cause that follow each other: findings come by workload, and
 * there may be a million.
 */
export function createFixes(cluster: ClusterIdentity): (failing: Failing) => Fix {
  const alike = keepRecent<Fix>((a, b) => a.text === b.text && a.command === b.command && a.risk === b.risk);
  // Most workloads risk the same.
  const risks = keepOne<string>((risk) => risk);
  let last: { readonly cause: string; readonly remediation: string; readonly fix: Fix } | null = null;
  return ({ cause, evidence, check: { remediation }, workload, group, pods, origin, managedBy }) => {
    if (last?.cause === cause.id && last.remediation === remediation) return last.fix;
    const because = evidence['because'];
    const found = fixOf({
      cluster,
      cause,
      workload,
      group,
      pods: { count: pods.count, names: pods.examples },
      origin,
      managedBy,
      remediation,
      because: typeof because === 'string' ? because : null,
    });
    const fix = alike({ ...found, risk: found.risk === null ? null : risks(found.risk) });
    last = { cause: cause.id, remediation, fix };
    return fix;
  };
}
