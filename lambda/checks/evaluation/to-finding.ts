import type { Config } from '../../config/config.ts';
import { type Cause, causeOf } from '../../findings/cause.ts';
import { controlLabel } from '../../findings/control.ts';
import type { Finding } from '../../findings/finding.ts';
import { findingId } from '../../findings/identity.ts';
import { createFixes } from '../../fixes/create-fixes.ts';
import { instantText } from '../../inventory/instant.ts';
import { keepOne, keepRecent } from '../../inventory/keep-one.ts';
import type { ClusterIdentity } from '../../inventory/names.ts';
import { compareExamples, MAX_EXAMPLES } from '../../inventory/population.ts';
import type { Whose } from '../../ownership/whose.ts';
import type { CauseRef } from '../cause.ts';
import type { CheckInfo } from '../check.ts';
import type { EvaluateInput } from './input.ts';
import { originsOf } from './origins.ts';
import type { Verdict } from './verdicts.ts';

/** What all findings have in common, and all findings of a check, is made once: there may be a million. */
export function findingMaker({ inventory, checks, config, now }: EvaluateInput) {
  const { cluster } = inventory;
  const seen = new Date(now).toISOString();
  const shared = new Map(checks.map((check) => [check as CheckInfo, sharedBy(check, config)]));
  const podsOf = podsMaker();
  const causes = causeMaker(cluster);
  const originOf = originsOf(inventory);
  const fixes = createFixes(cluster);
  return (verdict: Extract<Verdict, { kind: 'fail' }>, { owner, managedBy: manager }: Whose): Finding => {
    const { check, workload, container } = verdict;
    const { severity, controls, messages, evidences } = shared.get(check) ?? sharedBy(check, config);
    const cause = causes(verdict.cause);
    const origin = originOf(verdict);
    const pods = podsOf(verdict);
    // People attach debug containers, whoever runs the workload.
    const managedBy = manager !== null && isAttached(verdict) ? null : manager;
    return {
      id: findingId({ cluster, check: check.id, workload, container }),
      check: check.id,
      status: 'new',
      severity,
      cluster,
      workload,
      owner,
      managedBy,
      container,
      pods,
      evidence: evidences(verdict.evidence),
      message: messages(verdict.message),
      remediation: check.remediation,
      controls,
      firstSeen: seen,
      lastSeen: seen,
      exemption: null,
      impliedBy: verdict.impliedBy,
      cause,
      ...(verdict.remainsBy === null ? {} : { remainsBy: causes(verdict.remainsBy) }),
      fix: fixes({ ...verdict, pods, cause, origin: origin.origin ?? null, managedBy }),
      ...origin,
    };
  };
}

const isAttached = ({ container, group }: Extract<Verdict, { kind: 'fail' }>): boolean =>
  container !== null &&
  group.some(({ spec }) =>
    spec.containers.some(({ name, type }) => name === container && type === 'ephemeral'),
  );

/** Findings of a workload mostly share a cause; of a namespace without policies all do. */
function causeMaker(cluster: ClusterIdentity): (ref: CauseRef) => Cause {
  const alike = keepRecent<Cause>((a, b) => a.id === b.id);
  return ({ kind, object, key, rules }) => {
    const cause = causeOf(cluster, kind, object, key);
    return alike(rules === undefined ? cause : { ...cause, rules });
  };
}

type Pods = Pick<Extract<Verdict, { kind: 'fail' }>, 'pods' | 'examples'>;

/** Most findings of a workload are about the same pods: all of them. */
function podsMaker(): (behind: Pods) => Finding['pods'] {
  const alike = keepRecent(samePods);
  let last: (Pods & { readonly made: Finding['pods'] }) | null = null;
  return ({ pods, examples }) => {
    if (last?.examples === examples && last.pods === pods) return last.made;
    const named = [...examples].sort(compareExamples).slice(0, MAX_EXAMPLES);
    const oldest = named[0]?.startedAt ?? null;
    const made = alike({
      count: pods,
      examples: named.map(({ name }) => name),
      oldestStartedAt: oldest === null ? null : instantText(oldest),
    });
    last = { pods, examples, made };
    return made;
  };
}

const samePods = (a: Finding['pods'], b: Finding['pods']): boolean =>
  a.count === b.count &&
  a.oldestStartedAt === b.oldestStartedAt &&
  a.examples.length === b.examples.length &&
  a.examples.every((name, index) => name === b.examples[index]);

function sharedBy(check: CheckInfo, config: Config) {
  const severity = config.checks[check.id];
  const nested = keepOne<Finding['evidence']>(JSON.stringify);
  return {
    severity: severity === undefined || severity === 'off' ? check.severity : severity,
    controls: check.controls.map(controlLabel),
    messages: keepOne<string>((message) => message),
    // A few numbers, such as ages, are hardly ever the same, and no larger than what it takes to find out.
    evidences: (evidence: Finding['evidence']): Finding['evidence'] =>
      Object.values(evidence).some((value) => typeof value === 'object') ? nested(evidence) : evidence,
  };
}
