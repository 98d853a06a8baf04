import { hash } from 'node:crypto';
import type { ReachView } from '../../egress/answers/reach-view.ts';
import { type Asked, MOST_OPENING, type OpenedBy } from '../../egress/answers/reasons.ts';
import type { EnforcementGap } from '../../egress/enforcement/enforcement.ts';
import type { Rule } from '../../egress/policies/policy.ts';
import type { CauseKind, CauseObject } from '../../findings/cause.ts';
import type { ClusterIdentity, WorkloadRef } from '../../inventory/names.ts';
import { compareText } from '../../inventory/workload.ts';
import type { CauseRef } from '../cause.ts';

/** Besides rules that are too wide: what else a reach may be due to. */
export const REACH_CAUSES: readonly CauseKind[] = ['host-network', 'policy-not-enforced', 'no-egress-policy'];

interface Opened {
  readonly workload: WorkloadRef;
  readonly cluster: ClusterIdentity;
  /** What the policies say that open it. */
  readonly declared: ReachView;
  readonly asked: Asked;
}

/** What to change so that something is no longer reachable: the rules that open it, or the namespace that has none. */
export function causeOfReach({ workload, cluster, declared, asked }: Opened): CauseRef {
  const found = declared.openedBy(asked);
  switch (found.by) {
    case 'nothing':
      return noPolicy(workload);
    case 'engine':
      return notEnforced(cluster, found.because);
    case 'rules':
      return ruleTooWide(found);
  }
}

/** Nothing narrows its egress: one policy for all pods of the namespace does. */
const noPolicy = ({ namespace }: WorkloadRef): CauseRef => ({
  kind: 'no-egress-policy',
  object: { kind: 'Namespace', namespace: null, name: namespace, part: null },
});

/** @param because the same for all pods that fare alike */
export const notEnforced = ({ name }: ClusterIdentity, because: string): CauseRef => ({
  kind: 'policy-not-enforced',
  object: { kind: 'Cluster', namespace: null, name, part: because },
  // A cluster has more than one name, and an engine is upgraded without being another reason.
  key: because.replaceAll(/\d+(\.\d+)+/g, 'VERSION'),
});

/** Another reason, which concerns other pods of the same workload. */
export function furtherGap(cluster: ClusterIdentity, gaps: readonly EnforcementGap[]): CauseRef | null {
  const other = gaps.find(({ because }) => because !== gaps[0]?.because);
  return other === undefined ? null : notEnforced(cluster, other.because);
}

const known = new WeakMap<readonly Rule[], CauseRef>();

/** Many pods share the rules that open something. */
function ruleTooWide(found: OpenedByRules): CauseRef {
  const made = known.get(found.rules) ?? causeOfRules(found);
  known.set(found.rules, made);
  return made;
}

type OpenedByRules = Extract<OpenedBy, { by: 'rules' }>;

/** Rules that are added before it change nothing about a rule, so that its place does not tell it from others. */
function causeOfRules({ rules, policies }: OpenedByRules): CauseRef {
  const sorted = [...rules].sort((a, b) => compareText(a.source, b.source));
  const [first = rules[0]] = sorted;
  const identity =
    rules.length < MOST_OPENING
      ? sorted.map((rule) => [policyOf(rule.source), contentOf(rule)])
      : // Which of them were found depends on their order.
        policies;
  return {
    kind: 'rule-too-wide',
    object: objectOf(first, sorted.length - 1),
    key: JSON.stringify(identity.map((one) => JSON.stringify(one)).sort()),
    ...(sorted.length === 1 ? {} : { rules: sorted.map(({ source }) => source) }),
  };
}

const contents = new WeakMap<Rule, string>();

/** What the rule opens, however it says so. */
function contentOf(rule: Rule): string {
  const known = contents.get(rule);
  if (known !== undefined) return known;
  const { action, covers, potentialCover, hosts } = rule;
  const text = JSON.stringify([action, covers, potentialCover, hosts], (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  const content = hash('sha256', text, 'hex');
  contents.set(rule, content);
  return content;
}

/** `NetworkPolicy shop/web: spec.egress[2]` without the place. */
const policyOf = (source: string): string => source.split(': ', 1)[0] ?? source;

/** Kinds have no slash and no name has a space, so that the last space ends the kind. */
function objectOf({ source }: Rule, others: number): CauseObject {
  const policy = policyOf(source);
  const [, kind = 'policy', namespace = null, name = policy] =
    /^(.+) (?:([^ /]+)\/)?([^ /]+)$/.exec(policy) ?? [];
  const place = policy.length < source.length ? source.slice(policy.length + 2) : null;
  const more = others === 0 ? '' : `${others} more ${others === 1 ? 'rule' : 'rules'}`;
  const part = [...(place === null ? [] : [place]), ...(more === '' ? [] : [more])].join(' and ');
  return { kind, namespace, name, part: part === '' ? null : part };
}
