import { compareSeverity } from '../severity.ts';
import type { Evidence, Finding, FindingChange } from './finding.ts';

/**
 * What the evidence of a finding holds that it did not hold in the last run and that makes it worse, each as the end of
 * "changed since the last run: …". Nothing where either evidence does not say it: rows of earlier versions know less.
 */
export type NewFacts = (before: Evidence, now: Evidence) => readonly string[];

/** What a check says of its own evidence; `undefined`: nothing in it can become worse. */
export type NewFactsOf = (check: string) => NewFacts | undefined;

/** Facts that a row spells out before it counts the rest: a policy may open a thousand names at once. */
const MOST_FACTS = 5;

/** @returns `null` where it is what it was, or better */
export function changeOf(
  { severity, evidence, lastSeen }: Finding,
  now: Finding,
  newFacts: NewFacts | undefined,
): FindingChange | null {
  const raised =
    compareSeverity(now.severity, severity) < 0 ? [`is ${now.severity} and was ${severity}`] : [];
  const facts = newFacts === undefined ? raised : [...raised, ...newFacts(evidence, now.evidence)];
  if (facts.length === 0) return null;
  const shown = facts.slice(0, MOST_FACTS);
  const rest = facts.length - shown.length;
  return { since: lastSeen, facts: rest === 0 ? shown : [...shown, `and ${rest} more`] };
}

/**
 * What is worse than in each of two runs: a state that two runs have merged may hold a row twice, and what one of them
 * knew is nothing new.
 */
export function commonChange(a: FindingChange | null, b: FindingChange | null): FindingChange | null {
  if (a === null || b === null) return null;
  const facts = a.facts.filter((fact) => b.facts.includes(fact));
  return facts.length === 0 ? null : { since: a.since > b.since ? a.since : b.since, facts };
}

/** What is worse now than before the first of two runs, of which the first was in no mail. */
export function joinedChange(earlier: FindingChange, later: FindingChange | null): FindingChange {
  if (later === null) return earlier;
  return { since: earlier.since, facts: [...new Set([...earlier.facts, ...later.facts])] };
}

/** Whether people have not heard of it: it is new, or it was known and is worse than in the last run. */
export const isNews = ({ status, changed }: Pick<Finding, 'status' | 'changed'>): boolean =>
  status === 'new' || (status === 'open' && changed != null);
