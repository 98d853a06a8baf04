import type { ServiceAccounts } from '../../../inventory/service-account.ts';
import { type Policy, type Rule, type Scope, TIERS } from '../../policies/policy.ts';
import { MATCH_ALL, uncertain } from '../../policies/selector.ts';
import { EVERYTHING, NOTHING, unionAll } from '../../sets/address-set.ts';
import { askAccounts } from './accounts.ts';
import { allOf, type Expression, isTrue, TRUE, UNKNOWN } from './expression.ts';
import type { CalicoRemarks } from './remarks.ts';
import type { CalicoRule } from './rule.ts';
import { scopesOf } from './scope.ts';
import type { Ranks } from './spec.ts';
import type { CalicoTier } from './tiers.ts';

/** A policy that was read, before it is put in its place among others. */
export interface Draft {
  /** Null for a global policy. */
  readonly namespace: string | null;
  readonly serviceAccounts: ServiceAccounts;
  readonly pods: Expression;
  readonly rules: readonly CalicoRule[];
  readonly remarks: CalicoRemarks;
  readonly ranks: Ranks;
  /** Whether it cannot be known that the policy counts at all. */
  readonly uncertain: boolean;
}

/** Neighbouring rules that count for the same pods. */
interface Part {
  readonly from: Expression;
  readonly rules: readonly Rule[];
}

/**
 * Rules that count only for some of the policy's pods become policies of their own, in the same order.
 * One policy is always there for all its pods, since the default action of the tier is too.
 */
export function place(
  draft: Draft,
  { name, order: tierOrder, defaultAction }: CalicoTier,
  order: number,
): readonly Policy[] {
  const parts = partsOf(draft.rules);
  const whole = parts.some(({ from }) => isTrue(from)) ? parts : [...parts, { from: TRUE, rules: [] }];
  return whole.flatMap(({ from, rules }, index) =>
    scopesFor(draft, from).map(
      (scope): Policy => ({
        name: draft.remarks.name,
        scope,
        tier: { name, order: tierOrder },
        order,
        rank: partOf(draft.ranks.rank, index),
        formerRank: partOf(draft.ranks.formerRank, index),
        defaultAction,
        rules,
        uncertainties: draft.remarks.uncertainties,
        notes: draft.remarks.notes,
      }),
    ),
  );
}

/** No name holds this character, so parts stay together. */
const partOf = (rank: string, index: number): string => `${rank}\0${String(index).padStart(6, '0')}`;

function partsOf(rules: readonly CalicoRule[]): readonly Part[] {
  const parts: { readonly from: Expression; readonly rules: Rule[] }[] = [];
  for (const rule of rules) {
    const last = parts.at(-1);
    if (last !== undefined && isTrue(last.from) && isTrue(rule.from)) last.rules.push(...toRules(rule));
    else parts.push({ from: rule.from, rules: [...toRules(rule)] });
    if (rule.uncertainHosts.length > 0) {
      const hosts = { ...bareRule(rule.source), action: 'allow' as const, hosts: rule.uncertainHosts };
      parts.push({ from: allOf([rule.from, UNKNOWN]), rules: [hosts] });
    }
  }
  return parts;
}

const bareRule = (source: string) => ({ source, covers: NOTHING, potentialCover: NOTHING, hosts: [] });

function toRules({ source, actions, match, hosts }: CalicoRule): readonly Rule[] {
  return actions.map((action) => ({
    source,
    action,
    covers: match.definite,
    potentialCover: match.potential,
    hosts: action === 'allow' ? hosts : [],
  }));
}

/** The pods of the policy for which the expression holds. */
function scopesFor(draft: Draft, from: Expression): readonly Scope[] {
  const scopes = scopesOf(askAccounts(allOf([draft.pods, from]), draft.serviceAccounts));
  if (scopes !== null) {
    return draft.uncertain ? scopes.map((scope) => ({ ...scope, pods: uncertain(scope.pods) })) : scopes;
  }
  draft.remarks.wonder('its selectors mix labels of pods and namespaces in too many ways');
  const { namespace } = draft;
  const namespaces = namespace === null ? { matching: MATCH_ALL } : { named: namespace };
  return [{ namespaces, pods: uncertain(MATCH_ALL) }];
}

/**
 * A policy of which is not known after which others it comes: what it allows may be allowed, and so
 * may what it passes by others that would deny it; and anything may be denied, by one of its rules or
 * by the default action of its tier.
 */
export function leaveUnplaced(draft: Draft): readonly Policy[] {
  const { name, uncertainties, notes } = draft.remarks;
  const allowing = draft.rules.filter(({ actions }) => actions.includes('allow'));
  const opening = draft.rules.filter(({ actions }) => actions.includes('allow') || actions.includes('pass'));
  const rules: readonly Rule[] = [
    {
      ...bareRule(name),
      action: 'allow',
      potentialCover: unionAll(opening.map(({ match }) => match.potential)),
      hosts: allowing.flatMap(({ hosts, uncertainHosts }) => [...hosts, ...uncertainHosts]),
    },
    { ...bareRule(name), action: 'deny', potentialCover: EVERYTHING },
  ];
  return scopesFor({ ...draft, uncertain: true }, TRUE).map((scope) => ({
    name,
    scope,
    tier: TIERS.unknown,
    order: 0,
    defaultAction: 'pass',
    rules,
    uncertainties,
    notes,
  }));
}
