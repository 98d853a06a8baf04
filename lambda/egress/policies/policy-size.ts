import { type Budget, budgets } from '../../work.ts';
import type { Applied, Policy, Rule } from './policy.ts';

/** Rules that allow and deny in turn cost steps for each pair of them; 1,100 of them are decided. */
const MOST_STEPS = 2_500_000;
/** Many rules that need only be joined cost their size times its logarithm. */
const STEPS_FOR_EACH_PART = 32;

/** Once the sets of policies of one namespace have taken so many steps, each may take few more. */
const STEPS_OF_NAMESPACE = 60_000_000;
export const LEAST_STEPS = 200_000;

/** What the sets of policies of each namespace may take together. */
export const decisionBudgets = (): ((namespace: string) => Budget) => budgets(STEPS_OF_NAMESPACE);

/** How many steps it may take to decide what these policies say. */
export const mostWork = (applied: readonly Applied[]): number =>
  applied.reduce((sum, { policy }) => sum + STEPS_FOR_EACH_PART * sizeOf(policy), MOST_STEPS);

/** How many of them it may take to join the rules of one policy, so that there are steps left to decide it. */
export const mostToJoin = (policy: Policy): number => mostWork([{ policy, definite: true }]) / 2;

const sizes = new WeakMap<Policy, number>();

/** How many stretches of addresses and names its rules hold. */
export function sizeOf(policy: Policy): number {
  const size = sizes.get(policy) ?? policy.rules.reduce((sum, rule) => sum + sizeOfRule(rule), 0);
  sizes.set(policy, size);
  return size;
}

const sizeOfRule = ({ potentialCover: { v4, v6 }, hosts }: Rule): number =>
  v4.starts.length + v6.starts.length + hosts.length;
