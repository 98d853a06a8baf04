import {
  type AddressSet,
  intersect,
  isNothing,
  NOTHING,
  subtract,
  union,
  unionAll,
} from '../sets/address-set.ts';

/** A part of which it is not known whether it is open. */
export interface Undecided {
  readonly set: AddressSet;
  /** A sentence. */
  readonly because: string;
}

/** What is definitely open, and what may be; all else is closed. */
export interface Bounded {
  readonly open: AddressSet;
  /** Outside of `open`, each reason once. */
  readonly undecided: readonly Undecided[];
}

export const CLOSED: Bounded = { open: NOTHING, undecided: [] };

export const definite = (open: AddressSet): Bounded => ({ open, undecided: [] });

export const perhaps = (set: AddressSet, because: string): Bounded =>
  tidy(NOTHING, isNothing(set) ? [] : [{ set, because }]);

/** Open where any of them is. */
export function anyOf(parts: readonly Bounded[]): Bounded {
  const open = unionAll(parts.map((part) => part.open));
  return tidy(
    open,
    parts.flatMap(({ undecided }) => undecided),
  );
}

/** Open where both are; undecided where neither closes it. */
export function bothOf(a: Bounded, b: Bounded): Bounded {
  const within = (parts: readonly Undecided[], other: Bounded): readonly Undecided[] =>
    parts.map(({ set, because }) => ({ set: intersect(set, potential(other)), because }));
  return tidy(intersect(a.open, b.open), [...within(a.undecided, b), ...within(b.undecided, a)]);
}

/** By one of several ways, which one is not known: open where all are, closed where all are. */
export function oneOf(parts: readonly Bounded[], because: string): Bounded {
  const [first = CLOSED, ...others] = parts;
  if (others.length === 0) return first;
  const open = others.reduce((shared, part) => intersect(shared, part.open), first.open);
  const some = unionAll(parts.map((part) => part.open));
  return tidy(open, [...parts.flatMap(({ undecided }) => undecided), { set: some, because }]);
}

/** The part of it within a set. */
export const within = (part: Bounded, set: AddressSet): Bounded => bothOf(part, definite(set));

/** All that may be open. */
export const potential = ({ open, undecided }: Bounded): AddressSet =>
  unionAll([open, ...undecided.map(({ set }) => set)]);

function tidy(open: AddressSet, parts: readonly Undecided[]): Bounded {
  const byReason = new Map<string, AddressSet>();
  for (const { set, because } of parts) {
    const rest = subtract(set, open);
    if (!isNothing(rest)) byReason.set(because, union(byReason.get(because) ?? NOTHING, rest));
  }
  return { open, undecided: [...byReason].map(([because, set]) => ({ set, because })) };
}
