import type { ParseContext } from './policy.ts';

/** Computes once for each set of objects what many policies ask of it. */
export function oncePerContext<T>(compute: (context: ParseContext) => T): (context: ParseContext) => T {
  const known = new WeakMap<ParseContext, { readonly value: T }>();
  return (context) => {
    const result = known.get(context) ?? { value: compute(context) };
    known.set(context, result);
    return result.value;
  };
}
