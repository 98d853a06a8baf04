import { unionAll } from '../sets/address-set.ts';
import { readPorts } from '../sets/port-set.ts';
import { externalRanges, fromExternalRanges, hostRules } from '../sets/printed.ts';
import type { Reach, Unknown } from '../sets/reach.ts';
import type { EffectiveReach, EgressAnswer } from './answer.ts';

const DIFFERS =
  'Its pods differ in labels, and so in the policies that select them: this is what any of them may reach.';

/** The answer for a workload whose pods have different answers: what at least one of them may reach. */
export function mergeAnswers(answers: readonly [EgressAnswer, ...EgressAnswer[]]): EgressAnswer {
  const [first, ...others] = answers;
  if (others.length === 0) return first;
  return {
    declared: mergeReach(answers.map(({ declared }) => declared)),
    enforced: mergeReach(answers.map(({ enforced }) => enforced)),
    effective: mergeEffective(answers.map(({ effective }) => effective)),
    policies: sortedUnion(answers.map(({ policies }) => policies)),
    notes: [...sortedUnion(answers.map(({ notes }) => notes)), DIFFERS],
  };
}

/** What any of several pods may reach where they are. */
export function mergeEnforced(parts: readonly EgressAnswer['enforced'][]): EgressAnswer['enforced'] {
  const [first, ...others] = parts;
  if (first !== undefined && others.length === 0) return first;
  const merged = mergeReach(parts);
  return 'unknown' in merged ? merged : { external: merged.external };
}

/** What any of several pods reaches; of one of which it is not known, nor is it of all. */
export function mergeEffective(parts: readonly EffectiveReach[]): EffectiveReach {
  const [first, ...others] = parts;
  if (first !== undefined && others.length === 0) return first;
  const widest = unitedReach(parts);
  const open = parts.find(({ basis }) => basis === 'unknown');
  if (open === undefined) {
    const isDeclared = parts.some(({ basis }) => basis === 'declared');
    return { ...widest, basis: isDeclared ? 'declared' : 'enforced' };
  }
  return {
    ...widest,
    basis: 'unknown',
    definite: unitedReach(parts.map((part) => part.definite ?? part)),
    ...(open.because === undefined ? {} : { because: open.because }),
  };
}

type Part = { readonly external: Reach['external']; readonly hosts?: Reach['hosts'] } | Unknown;

/** What is unknown of one pod is unknown of the workload. */
function mergeReach(parts: readonly Part[]): Reach | Unknown {
  const known: Exclude<Part, Unknown>[] = [];
  for (const part of parts) {
    if ('unknown' in part) return part;
    known.push(part);
  }
  return unitedReach(known);
}

function unitedReach(parts: readonly Exclude<Part, Unknown>[]): Reach {
  const hosts = parts.flatMap((part) => part.hosts ?? []);
  return {
    external: externalRanges(unionAll(parts.map(({ external }) => fromExternalRanges(external)))),
    hosts: hostRules(hosts.map(({ host, ports }) => ({ host, ports: readPorts(ports), wildcard: 'labels' }))),
  };
}

const sortedUnion = (lists: readonly (readonly string[])[]): readonly string[] =>
  [...new Set(lists.flat())].sort();
