import { type AddressSet, intersect, NOTHING, sameSet, subtract, union, unionAll } from './address-set.ts';

/**
 * A set of which not everything is known: it holds all of `surely` and nothing outside `possibly`.
 * Where a policy is fully understood both are the same object and each operation is done once.
 */
export interface Bounds {
  readonly surely: AddressSet;
  readonly possibly: AddressSet;
}

export const certain = (set: AddressSet): Bounds => ({ surely: set, possibly: set });
export const atMost = (possibly: AddressSet): Bounds => ({ surely: NOTHING, possibly });
export const isCertain = ({ surely, possibly }: Bounds): boolean => sameSet(surely, possibly);

type Operation = (a: AddressSet, b: AddressSet) => AddressSet;

export const either = (a: Bounds, b: Bounds): Bounds => pointwise(a, b, union);
export const both = (a: Bounds, b: Bounds): Bounds => pointwise(a, b, intersect);

/** Surely without what is possibly taken away; possibly without what surely is. */
export function without(a: Bounds, b: Bounds): Bounds {
  return pointwise(a, { surely: b.possibly, possibly: b.surely }, subtract);
}

export function eitherOf(list: readonly Bounds[]): Bounds {
  const surely = unionAll(list.map((bounds) => bounds.surely));
  return list.every((bounds) => bounds.surely === bounds.possibly)
    ? certain(surely)
    : { surely, possibly: unionAll(list.map((bounds) => bounds.possibly)) };
}

function pointwise(a: Bounds, b: Bounds, operation: Operation): Bounds {
  const surely = operation(a.surely, b.surely);
  return a.surely === a.possibly && b.surely === b.possibly
    ? certain(surely)
    : { surely, possibly: operation(a.possibly, b.possibly) };
}
