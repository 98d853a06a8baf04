import type { Applied } from '../policies/policy.ts';

/** So many groups of policies are combined in all ways; of more each policy counts as one that may apply. */
const MOST_GROUPS = 4;

type Policies = readonly Applied[];

/**
 * All ways in which policies may be enforced, the fullest first. An engine reads a kind of policies or does not, so
 * policies come in groups, of which there are few.
 *
 * @param applied all policies, in order
 * @param definite those of them that are definitely enforced
 * @param perhaps groups of them each of which is enforced as a whole or not at all
 */
export function waysOf(
  applied: Policies,
  definite: Policies,
  perhaps: readonly Policies[],
): readonly [Policies, ...Policies[]] {
  const sure = new Set(definite);
  if (perhaps.length > MOST_GROUPS) {
    const unsure = new Set(perhaps.flat());
    return [
      applied.flatMap((one) =>
        sure.has(one) ? [one] : unsure.has(one) ? [{ ...one, definite: false }] : [],
      ),
    ];
  }
  const [first, ...others] = subsets(perhaps).map((some): Policies => {
    const included = new Set([...sure, ...some.flat()]);
    return applied.filter((one) => included.has(one));
  });
  return [first ?? definite, ...others];
}

function subsets<T>(items: readonly T[]): readonly (readonly T[])[] {
  const [first, ...others] = items;
  if (first === undefined) return [[]];
  const rest = subsets(others);
  return [...rest.map((some): readonly T[] => [first, ...some]), ...rest];
}
