import type { GapReason } from '../../inventory/gap.ts';
import type { NodeNetwork } from '../../inventory/node-network.ts';
import type { Approved } from '../approved/approved.ts';
import { declaredReach, possibleReach } from '../enforcement/effective.ts';
import { type EnforcementInput, NOT_PLACED } from '../enforcement/judge.ts';
import type { PlacedPod } from '../enforcement/placed-pod.ts';
import { isKnown, type Possible, spanning } from '../enforcement/possible.ts';
import type { AddressSet } from '../sets/address-set.ts';
import { externalRanges, hostRules } from '../sets/printed.ts';
import type { Reach } from '../sets/reach.ts';
import type { EffectiveReach, EgressAnswer } from './answer.ts';
import { createReachView, type ReachView } from './reach-view.ts';

/** What pods reach where they are: one reach if that is known, else all that they may have. */
export interface Effective {
  readonly basis: EffectiveReach['basis'];
  /** The fullest enforcement first. A check fails if all of these fail, and passes if all of them pass. */
  readonly possible: readonly [ReachView, ...ReachView[]];
  /** Why there are several. */
  readonly unknown: {
    readonly reason: GapReason;
    readonly message: string;
    readonly remedy: string;
  } | null;
  /** In the form of the answer; printed on each access. */
  readonly answer: EffectiveReach;
}

/** Answers what pods reach where they are; work grows with distinct kinds of nodes, not with pods. */
export function createEffective(input: EnforcementInput, approved: Approved): (pod: PlacedPod) => Effective {
  const known = new Map<string, Effective>();
  const keyOf = createKeys();
  return (pod) => {
    const key = keyOf(pod);
    const made = known.get(key) ?? effectiveOf(input, pod, approved);
    known.set(key, made);
    return made;
  };
}

/** A text that is equal for pods that fare alike: on how many nodes of a kind they are does not matter. */
function createKeys(): (pod: PlacedPod) => string {
  const ids = new Map<NodeNetwork | null, number>();
  const idOf = (node: NodeNetwork | null): number => {
    const id = ids.get(node) ?? ids.size;
    ids.set(node, id);
    return id;
  };
  return ({ os, standalone, ownInterface = false, placements }) => {
    const nodes = placements.map(({ network }) => idOf(network)).sort((a, b) => a - b);
    return `${os} ${standalone} ${ownInterface} ${nodes.join()}`;
  };
}

function effectiveOf(input: EnforcementInput, pod: PlacedPod, approved: Approved): Effective {
  const possible = input.asDeclared ? declaredReach(input) : possibleReach(input, pod);
  const basis = input.asDeclared ? 'declared' : 'enforced';
  return {
    basis: possible.unknown === null ? basis : 'unknown',
    possible: viewsOf(possible, approved),
    unknown: possible.unknown,
    get answer() {
      return answerOf(possible, basis);
    },
  };
}

/**
 * Checks ask whether anything of a kind is reached, so that more reach never makes one pass: of an option of which not
 * all is known its least and its widest reach decide for all between them.
 */
function viewsOf({ options }: Possible, approved: Approved): Effective['possible'] {
  const [first, ...others] = options.flatMap((option): readonly ReachView[] => {
    const { reach, hosts, decided, opened } = option;
    const view = (addresses: AddressSet, names: typeof hosts.definite): ReachView =>
      createReachView({ addresses, hosts: names, decided, opened }, approved);
    return isKnown(option)
      ? [view(reach.definite, hosts.definite)]
      : [view(reach.definite, hosts.definite), view(reach.potential, hosts.potential)];
  });
  if (first === undefined) throw new TypeError('Pods have at least one reach.');
  return [first, ...others];
}

function answerOf({ options, unknown }: Possible, basis: 'enforced' | 'declared'): EffectiveReach {
  const { reach, hosts } = options.reduce(spanning);
  const widest: Reach = { external: externalRanges(reach.potential), hosts: hostRules(hosts.potential) };
  if (unknown === null) return { ...widest, basis };
  return {
    ...widest,
    basis: 'unknown',
    definite: { external: externalRanges(reach.definite), hosts: hostRules(hosts.definite) },
    because: `${unknown.message} ${unknown.remedy}`,
  };
}

/** What these pods may reach where they are, if that is known. */
export function enforcedAnswer(effective: Effective): EgressAnswer['enforced'] {
  if (effective.basis === 'declared') return { unknown: `${NOT_PLACED.message} ${NOT_PLACED.remedy}` };
  const { external, because } = effective.answer;
  return because === undefined ? { external } : { unknown: because };
}
