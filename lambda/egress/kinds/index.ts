import type { PolicyObject } from '../../inventory/policy-object.ts';
import { NO_SERVICE_ACCOUNTS } from '../../inventory/service-account.ts';
import { budgets, spend, withinBudget, withinWork } from '../../work.ts';
import {
  asUncertain,
  notUnderstood,
  type ParseContext,
  type Policy,
  type PolicyKind,
} from '../policies/policy.ts';
import { adminNetworkPolicy, baselineAdminNetworkPolicy } from './admin/admin-network-policy.ts';
import { clusterNetworkPolicy } from './admin/cluster-network-policy.ts';
import { awsApplicationNetworkPolicy } from './aws/application-network-policy.ts';
import { awsClusterNetworkPolicy } from './aws/cluster-network-policy.ts';
import { calicoKinds } from './calico/index.ts';
import { ciliumKinds } from './cilium/index.ts';
import { networkPolicy } from './core/network-policy.ts';
import { withoutRules } from './without-rules.ts';

/** The policy kinds that this version understands. A new one is one file and a line here. */
const KINDS: readonly PolicyKind[] = [
  networkPolicy,
  adminNetworkPolicy,
  baselineAdminNetworkPolicy,
  clusterNetworkPolicy,
  awsClusterNetworkPolicy,
  awsApplicationNetworkPolicy,
  ...calicoKinds,
  ...ciliumKinds,
];

const byType = new Map(KINDS.map((kind) => [`${kind.apiVersion} ${kind.kind}`, kind]));

/** An object of the largest size that etcd takes, 1.5 MB, needs a quarter of it. */
const MOST_STEPS = 4_000_000;
/** All objects of one namespace together; once it is used up, small ones are still understood. */
const STEPS_OF_NAMESPACE = 25_000_000;
const STEPS = { most: MOST_STEPS, least: 10_000 };

/** What the smallest costs, so that the time is looked at among thousands of them, too. */
const STEPS_FOR_EACH_OBJECT = 100;

/** To read which pods a policy selects that is not read otherwise; what is too large may be the selector. */
const STEPS_OF_SELECTOR = 200_000;

const TOO_LARGE = 'its selectors are too long, or its rules combine too many blocks and ports';
const TOO_MANY = 'the policies of its namespace have too many rules to read all of them';

/** A policy of which no more is read than which pods it selects. */
function notRead(
  object: PolicyObject,
  kind: PolicyKind,
  context: ParseContext,
  uncertainty: string,
): readonly Policy[] {
  return withinWork(
    STEPS_OF_SELECTOR,
    () =>
      kind
        .parse(withoutRules(object, 'nothing'), context)
        .map((policy) => asUncertain(object, policy, uncertainty)),
    () => [notUnderstood(object, uncertainty)],
  );
}

/**
 * All objects in the common shape. An object of a kind that is not understood may allow or deny
 * anything in its namespace, or everywhere if it has none.
 *
 * @param around what else was read; for the label keys alone that policies select by, nothing is needed
 */
export function parsePolicies(
  objects: readonly PolicyObject[],
  around: Partial<Omit<ParseContext, 'objects'>> = {},
): readonly Policy[] {
  const { namespaces = new Map(), serviceAccounts = NO_SERVICE_ACCOUNTS } = around;
  const { calicoApi = null, calicoView = false } = around;
  const context: ParseContext = { objects, namespaces, serviceAccounts, calicoApi, calicoView };
  const budgetOf = budgets(STEPS_OF_NAMESPACE);
  return objects.flatMap((object) => {
    spend(STEPS_FOR_EACH_OBJECT);
    const kind = byType.get(`${object.apiVersion} ${object.kind}`);
    if (kind !== undefined) {
      const { uncertainty } = object;
      const parse = () => kind.parse(object, context);
      const instead = (why: string) => notRead(object, kind, context, why);
      // Who may write cluster-wide objects is no single namespace.
      const budget = object.namespace === '' ? { left: MOST_STEPS } : budgetOf(object.namespace);
      const parsed = withinBudget(budget, STEPS, parse, () =>
        instead(budget.left < MOST_STEPS ? TOO_MANY : TOO_LARGE),
      );
      return uncertainty === undefined
        ? parsed
        : parsed.map((policy) => asUncertain(object, policy, uncertainty));
    }
    return [
      notUnderstood(object, `${object.apiVersion} ${object.kind} is a kind that this version does not read`),
    ];
  });
}
