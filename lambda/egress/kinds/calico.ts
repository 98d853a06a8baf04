import type { PolicyObject } from '../../inventory/model.ts';
import { unionAll } from '../address-set.ts';
import type { ParseContext, Policy, PolicyKind } from '../policy.ts';
import { API_VERSION, CRD_VERSION, isRepeated, oncePerContext, originals } from './calico-context.ts';
import { type ParsedPolicy, type Placed, parseCalicoPolicy } from './calico-policy.ts';
import { type PolicyKindName, ranksOfCore } from './calico-spec.ts';
import { tiesAmong } from './calico-ties.ts';
import { networkPolicy } from './network-policy.ts';

const POLICIES: readonly PolicyKindName[] = ['NetworkPolicy', 'GlobalNetworkPolicy'];

/**
 * Kinds that select no pods: policies refer to them, or, like profiles, they say what holds without
 * policies ("default ingress and egress rules, which are both 'allow'", `NamespaceToProfile`,
 * libcalico-go/lib/backend/k8s/conversion/conversion.go). Staged policies are not enforced
 * (`KindIsStaged`, felix/rules/endpoints.go).
 */
const OTHERS = [
  'Tier',
  'NetworkSet',
  'GlobalNetworkSet',
  'HostEndpoint',
  'Profile',
  'StagedNetworkPolicy',
  'StagedGlobalNetworkPolicy',
  'StagedKubernetesNetworkPolicy',
];

/** Calico's kinds, as custom resources and through Calico's API server. */
export const calicoKinds: readonly PolicyKind[] = [CRD_VERSION, API_VERSION].flatMap((apiVersion) => [
  ...POLICIES.map((kind): PolicyKind => ({ apiVersion, kind, parse: policiesOf })),
  ...OTHERS.map((kind): PolicyKind => ({ apiVersion, kind, parse: () => [] })),
]);

function policiesOf(object: PolicyObject, context: ParseContext): readonly Policy[] {
  if (isRepeated(object, context)) return [];
  const { parsed, ties, firstPolicy } = parseAll(context);
  const { policies } = parsed.get(object) ?? parseOne(object, context);
  return object === firstPolicy ? [...policies, ...ties] : policies;
}

const kindOf = ({ kind }: PolicyObject): PolicyKindName | undefined => POLICIES.find((name) => name === kind);

const parseOne = (object: PolicyObject, context: ParseContext): ParsedPolicy =>
  parseCalicoPolicy(object, kindOf(object) ?? 'GlobalNetworkPolicy', context);

/** All of Calico's policies, since what one means can depend on the others. */
const parseAll = oncePerContext((context) => {
  const objects = originals(context).filter((object) => kindOf(object) !== undefined);
  const parsed = new Map(objects.map((object) => [object, parseOne(object, context)]));
  const placed = [...parsed.values()].flatMap((one) => one.placed ?? []);
  return { parsed, firstPolicy: objects[0], ties: tiesAmong([...placed, ...corePolicies(placed, context)]) };
});

/** Kubernetes' policies, which Calico puts among its own, if one of these has their order. */
function corePolicies(placed: readonly Placed[], context: ParseContext): readonly Placed[] {
  const core = context.objects
    .filter(({ apiVersion, kind }) => apiVersion === networkPolicy.apiVersion && kind === networkPolicy.kind)
    .flatMap((object) => networkPolicy.parse(object, context).map((policy) => ({ object, policy })));
  const [example] = core;
  const isTied = ({ tier, order }: Placed): boolean =>
    example !== undefined && tier.name === example.policy.tier.name && order === example.policy.order;
  if (!placed.some(isTied)) return [];
  return core.map(({ object, policy: { name, scope, tier, order, rules } }) => ({
    name,
    namespace: object.namespace,
    scopes: [scope],
    tier,
    order,
    ranks: ranksOfCore(object),
    effects: new Map([['allow', unionAll(rules.map(({ mayCover }) => mayCover))]]),
    hosts: [],
  }));
}
