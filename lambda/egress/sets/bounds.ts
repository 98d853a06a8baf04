import { type AddressSet, intersect, NOTHING, sameSet, subtract, union, unionAll } from './address-set.ts';

/**
 * A set of which not everything is known: it holds all of `definite` and nothing outside `potential`.
 * Where a policy is fully understood both are the same object and each operation is done once.
 */
export interface Bounds {
  readonly definite: AddressSet;
  readonly potential: AddressSet;
}

export const certain = (set: AddressSet): Bounds => ({ definite: set, potential: set });
export const atMost = (potential: AddressSet): Bounds => ({ definite: NOTHING, potential });
export const isCertain = ({ definite, potential }: Bounds): boolean => sameSet(definite, potential);

type Operation = (a: AddressSet, b: AddressSet) => AddressSet;

export const either = (a: Bounds, b: Bounds): Bounds => pointwise(a, b, union);
export const both = (a: Bounds, b: Bounds): Bounds => pointwise(a, b, intersect);

/** Definitely without what is potentially taken away; potentially without what definitely is. */
export function without(a: Bounds, b: Bounds): Bounds {
  return pointwise(a, { definite: b.potential, potential: b.definite }, subtract);
}

export function eitherOf(list: readonly Bounds[]): Bounds {
  const definite = unionAll(list.map((bounds) => bounds.definite));
  return list.every((bounds) => bounds.definite === bounds.potential)
    ? certain(definite)
    : { definite, potential: unionAll(list.map((bounds) => bounds.potential)) };
}

function pointwise(a: Bounds, b: Bounds, operation: Operation): Bounds {
  const definite = operation(a.definite, b.definite);
  return a.definite === a.potential && b.definite === b.potential
    ? certain(definite)
    : { definite, potential: operation(a.potential, b.potential) };
}
