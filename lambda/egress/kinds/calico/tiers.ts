import type { PolicyObject } from '../../../inventory/policy-object.ts';
import { oncePerContext } from '../../policies/once-per-context.ts';
import type { ParseContext, Policy, Tier } from '../../policies/policy.ts';
import { field, isFields, isUnset, quote, unknownFields } from '../../policies/shape.ts';
import { originals } from './context.ts';

export interface CalicoTier extends Tier {
  readonly defaultAction: Policy['defaultAction'];
}

/** `DefaultTierOrder`, api/pkg/apis/projectcalico/v3/tier.go. */
const DEFAULT_ORDER = 1_000_000;
export const DEFAULT_TIER = 'default';

/**
 * Tiers that Calico makes itself (libcalico-go/lib/clientv3/client.go `EnsureInitialized`), here for
 * clusters whose Tier objects are older than their kind; the middle two until 3.31.
 */
const BUILT_IN: readonly CalicoTier[] = [
  { name: DEFAULT_TIER, order: DEFAULT_ORDER, defaultAction: 'deny' },
  { name: 'adminnetworkpolicy', order: 1_000, defaultAction: 'pass' },
  { name: 'baselineadminnetworkpolicy', order: 10_000_000, defaultAction: 'pass' },
  { name: 'kube-admin', order: 1_000, defaultAction: 'pass' },
  { name: 'kube-baseline', order: 10_000_000, defaultAction: 'pass' },
];

/** A tier, or why it is not known: without a full stop. */
export type TierLookup = { readonly tier: CalicoTier } | { readonly uncertainty: string };

const readTiers = oncePerContext((context): ReadonlyMap<string, TierLookup> => {
  const tiers = originals(context).filter(({ kind }) => kind === 'Tier');
  return new Map<string, TierLookup>([
    ...BUILT_IN.map((tier) => [tier.name, { tier }] as const),
    ...tiers.map((object) => [object.name, parseTier(object)] as const),
  ]);
});

export function tierNamed(name: string, context: ParseContext): TierLookup {
  return (
    readTiers(context).get(name) ?? {
      uncertainty: `spec.tier names ${quote(name)}, a tier that was not read`,
    }
  );
}

/**
 * "Nil order is treated similar to the value of 1,000,000" and a nil action is Deny
 * (`DefaultTierFields`, libcalico-go/lib/resources/tier.go; before 3.29 nil was infinite, and so was
 * the order of the tier `default`).
 */
function parseTier({ name, spec = {} }: PolicyObject): TierLookup {
  const fields = isUnset(spec) ? {} : spec;
  if (!isFields(fields))
    return { uncertainty: `the spec of Tier ${name} is ${quote(spec)} and not an object` };
  const [strange] = unknownFields(fields, ['order', 'defaultAction']);
  if (strange !== undefined)
    return { uncertainty: `the spec of Tier ${name} has the unknown field ${quote(strange)}` };
  const order = field(fields, 'order') ?? DEFAULT_ORDER;
  const action = field(fields, 'defaultAction') ?? 'Deny';
  if (typeof order !== 'number' || !Number.isFinite(order)) {
    return { uncertainty: `the order of Tier ${name} is ${quote(order)} and not a number` };
  }
  if (action !== 'Deny' && action !== 'Pass') {
    return { uncertainty: `the default action of Tier ${name} is ${quote(action)} and not Deny or Pass` };
  }
  return { tier: { name, order, defaultAction: action === 'Pass' ? 'pass' : 'deny' } };
}
