import type { Exemption } from '../config/config.ts';
import { matches, matchesCluster } from '../config/match.ts';
import { EVERY_CHECK } from '../config/schema-accepted.ts';
import { hidesOwner } from '../findings/coverage.ts';
import type { Finding, WorkloadExemption } from '../findings/finding.ts';
import { clusterKey, isActive, isClosed } from '../findings/identity.ts';
import type { NotEvaluated } from '../findings/not-evaluated.ts';
import { DAY } from '../inventory/durations.ts';
import type { ClusterIdentity } from '../inventory/names.ts';

/** How many days before its last day an exemption is named. */
export const EXPIRING_DAYS = 14;

export interface ExemptionNote {
  readonly exemption: Exemption;
  /** How many findings of this run it covers, or would cover had it not expired. */
  readonly findings: number;
}

export interface AppliedExemptions {
  /** All findings in the order given; covered ones are `exempt` and say by what. */
  readonly findings: readonly Finding[];
  /** Were exempt in the previous run and fire again: their exemption expired, was removed or changed. */
  readonly ended: readonly Finding[];
  /** Past their last day: what they covered fires again. */
  readonly expired: readonly ExemptionNote[];
  /** Still valid; their last day is today or at most 14 days ahead. */
  readonly expiring: readonly ExemptionNote[];
  /** Valid, but nothing matches them, nor could anything that was not evaluated. */
  readonly unused: readonly ExemptionNote[];
}

export interface ExemptionOptions {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Given only where the configuration accepts annotations. */
  readonly annotations?: readonly WorkloadExemption[];
  /** Of the same run: what could not be decided might be what an exemption is for. */
  readonly notEvaluated?: readonly NotEvaluated[];
  /** Ids of findings that were exempt in the previous run, from the comparison. */
  readonly previouslyExempt?: ReadonlySet<string>;
}

/**
 * Decides which findings are accepted. To be applied to all findings of a run at once, after the
 * comparison with the previous run and to its unconfirmed findings, too; closed ones stay as they are.
 *
 * An exemption counts through the end of its last day in UTC. Where several cover a finding, the one
 * that ends last stands in the row, the first listed among those that end together.
 */
export function applyExemptions(
  findings: readonly Finding[],
  exemptions: readonly Exemption[],
  options: ExemptionOptions,
): AppliedExemptions {
  const { now, annotations = [], notEvaluated = [], previouslyExempt = new Set<string>() } = options;
  const rules = [...exemptions.map(fromConfig), ...annotations.map(fromAnnotation)];
  const byCheck = Map.groupBy(rules, ({ exemption }) => exemption.check);
  const covered = new Map<Rule, number>();
  const decided = findings.map((finding) => {
    if (isClosed(finding)) return finding;
    const rule = coveringRule(finding, byCheck, covered, now);
    return rule === null ? uncovered(finding) : accepted(finding, rule);
  });
  const note = (rule: Rule): ExemptionNote => ({
    exemption: rule.exemption,
    findings: covered.get(rule) ?? 0,
  });
  const valid = rules.filter(({ end }) => now < end);
  return {
    findings: decided,
    ended: decided.filter((finding) => isActive(finding) && previouslyExempt.has(finding.id)),
    expired: rules.filter(({ end }) => !(now < end)).map(note),
    // From now to the start of the last day: the hour of the run does not decide.
    expiring: valid.filter(({ end }) => end - DAY - now <= EXPIRING_DAYS * DAY).map(note),
    unused: valid
      .filter((rule) => !covered.has(rule) && !notEvaluated.some((record) => mightCover(rule, record)))
      .map(note),
  };
}

/** The covering rule that ends last; all that match are counted, expired ones as well. */
function coveringRule(
  finding: Finding,
  byCheck: ReadonlyMap<string, readonly Rule[]>,
  covered: Map<Rule, number>,
  now: number,
): Rule | null {
  let best: Rule | null = null;
  for (const check of [finding.check, EVERY_CHECK]) {
    for (const rule of byCheck.get(check) ?? []) {
      if (!covers(rule, finding)) continue;
      covered.set(rule, (covered.get(rule) ?? 0) + 1);
      if (now < rule.end && (best === null || endsLater(rule, best))) best = rule;
    }
  }
  return best;
}

const endsLater = (rule: Rule, best: Rule): boolean =>
  rule.end > best.end || (rule.end === best.end && rule.index < best.index);

const accepted = (finding: Finding, { exemption }: Rule): Finding => {
  const { reason, owner, expires } = exemption;
  return { ...finding, status: 'exempt', exemption: { reason, owner, expires } };
};

/** A row of an earlier run may still say that it is exempt. */
const uncovered = (finding: Finding): Finding =>
  finding.status === 'exempt' ? { ...finding, status: 'open', exemption: null } : finding;

/** An exemption made ready for many comparisons. */
interface Rule {
  readonly exemption: Exemption;
  readonly index: number;
  /** Epoch milliseconds of the first moment at which it no longer counts; NaN never counts. */
  readonly end: number;
  readonly cluster: (cluster: ClusterIdentity) => boolean;
  readonly namespace: Matcher;
  readonly kind: Matcher;
  readonly name: Matcher;
  /** `null`: any container, and findings about the workload as a whole. */
  readonly container: Matcher | null;
}

type Matcher = (text: string) => boolean;

const anything: Matcher = () => true;
const nothing: Matcher = () => false;
const literal =
  (expected: string): Matcher =>
  (text) =>
    text === expected;

function pattern(text: string | null): Matcher {
  if (text === null) return anything;
  return /[*?]/.test(text) ? (name) => matches(text, name) : literal(text);
}

function fromConfig(exemption: Exemption, index: number): Rule {
  const { cluster, namespace, workload, container } = exemption;
  const [kind = null, name = null] = workload?.split('/') ?? [];
  return {
    exemption,
    index,
    end: endOfDay(exemption.expires),
    cluster: cluster === null ? () => true : (identity) => matchesCluster(cluster, identity),
    namespace: pattern(namespace),
    kind: pattern(kind),
    name: workload !== null && name === null ? nothing : pattern(name),
    container: container === null ? null : pattern(container),
  };
}

/** Names come from the cluster and are compared as they are: a `*` in them is no pattern. */
function fromAnnotation(asked: WorkloadExemption, index: number): Rule {
  const { check, container, reason, owner, expires, workload } = asked;
  const { namespace, kind, name } = workload;
  const key = clusterKey(asked.cluster);
  return {
    exemption: {
      check,
      cluster: key,
      namespace,
      workload: `${kind}/${name}`,
      container,
      reason,
      owner,
      expires,
    },
    index: Number.MAX_SAFE_INTEGER / 2 + index,
    end: endOfDay(expires),
    cluster: (identity) => clusterKey(identity) === key,
    namespace: literal(namespace),
    kind: literal(kind),
    name: literal(name),
    container: container === null ? null : literal(container),
  };
}

function covers(rule: Rule, { cluster, workload, container }: Finding): boolean {
  if (!rule.namespace(workload.namespace) || !rule.name(workload.name) || !rule.kind(workload.kind))
    return false;
  if (rule.container !== null && (container === null || !rule.container(container))) return false;
  return rule.cluster(cluster);
}

/** Whether what was not evaluated could hold a finding that the rule is for. */
function mightCover(rule: Rule, record: NotEvaluated): boolean {
  const { check } = rule.exemption;
  if ((check !== EVERY_CHECK && check !== record.check) || !rule.cluster(record.cluster)) return false;
  const { workload, container } = record;
  if (workload === null) return true;
  if (!rule.namespace(workload.namespace)) return false;
  if (!hidesOwner(record) && !(rule.kind(workload.kind) && rule.name(workload.name))) return false;
  return rule.container === null || container === null || rule.container(container);
}

/** The first moment after a day `YYYY-MM-DD` in UTC; days have 24 hours there, leap seconds not counted. */
export function endOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) + DAY;
}
