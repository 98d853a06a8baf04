import type { EgressConfig } from '../config/config.ts';
import type { Labels } from '../inventory/names.ts';
import { type NetworkFacts, NO_NETWORK } from '../inventory/network.ts';
import type { PolicyObject } from '../inventory/policy-object.ts';
import { NO_SERVICE_ACCOUNTS, type ServiceAccounts } from '../inventory/service-account.ts';
import type { Unread, VpcFacts } from '../inventory/vpc.ts';
import { createView } from './answers/create-view.ts';
import type { EgressView } from './answers/egress-view.ts';
import { approvedDestinations } from './approved/approved.ts';
import { awsServices } from './approved/aws-services.ts';
import { clusterLocal } from './approved/cluster-local.ts';
import { calicoApiOf, isCalicoApiAView } from './enforcement/calico-api.ts';
import { createNotMatching } from './enforcement/cilium-not-matched.ts';
import { createIngressOnly, ingressOnlyPolicies } from './enforcement/ingress-only.ts';
import { startsClosed } from './enforcement/situation.ts';
import { parsePolicies } from './kinds/index.ts';
import { withoutRules } from './kinds/without-rules.ts';
import { shownNameOf } from './policies/policy.ts';
import { decisionBudgets } from './policies/policy-size.ts';
import { createSelection } from './policies/select.ts';

export interface EgressInput {
  readonly policies: readonly PolicyObject[];
  /** Labels of each namespace that could be read. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  /** Without them what depends on ServiceAccount objects is unknown. */
  readonly serviceAccounts?: ServiceAccounts | undefined;
  readonly config: EgressConfig;
  /** How nodes enforce policies; without it that is unknown. */
  readonly network?: NetworkFacts;
  /** Whether these are manifests, which are judged as declared: nothing enforces their policies yet. @defaultValue false */
  readonly asDeclared?: boolean;
  /** Where it was read, approved AWS services are known by the gateway endpoints of the VPC. */
  readonly vpc?: VpcFacts | Unread | undefined;
}

/** What decides the egress of a pod. */
export interface EgressSubject {
  readonly namespace: string;
  /** At least those whose keys are in {@link selectedLabelKeys}. */
  readonly labels: Labels;
  readonly hostNetwork: boolean;
}

export interface EgressEngine {
  /** The same object for pods that the same policies select, unless too many others came between. */
  view(subject: EgressSubject): EgressView;
}

/** Answers what pods of one cluster may reach. Pure; work grows with distinct sets of policies. */
export function createEgress({
  policies,
  namespaces,
  serviceAccounts = NO_SERVICE_ACCOUNTS,
  config,
  network = NO_NETWORK,
  asDeclared = false,
  vpc,
}: EgressInput): EgressEngine {
  const parsed = parsePolicies(policies, {
    namespaces,
    serviceAccounts,
    calicoApi: calicoApiOf(network),
    calicoView: isCalicoApiAView(network),
  });
  const select = createSelection(parsed, namespaces);
  const notMatched = createNotMatching({ policies: parsed, namespaces, network });
  const approved = approvedDestinations(config, awsServices(vpc), clusterLocal(network));
  const views = createViewCache();
  const budgetOf = decisionBudgets();
  const objects = Map.groupBy(policies, shownNameOf);
  // Only engines that close pods by themselves ask it.
  const closes = network.kinds.some((kind) => startsClosed(kind, network.settings) !== false);
  const ingressOnly = closes ? createIngressOnly(policies, namespaces) : () => null;
  const enforcement = {
    network,
    asDeclared,
    objectsOf: ({ name }: { readonly name: string }) => objects.get(name) ?? [],
  };
  return {
    view({ namespace, labels, hostNetwork }) {
      const { key, applied } = select(namespace, labels);
      const notMatching = notMatched(namespace, labels);
      const forIngress = ingressOnly(namespace, labels);
      const viewKey = `${forIngress} ${hostNetwork ? 'host;' : ''}${key}${notMatching.key === '' ? '' : `;notMatched;${notMatching.key}`}`;
      return views(viewKey, () => {
        const own = applied();
        const unselectedPolicies = notMatching.unselectedPolicies(own);
        return createView({
          applied: own,
          hostNetwork,
          approved,
          budget: budgetOf(namespace),
          enforcement: { ...enforcement, unselectedPolicies, ingressOnly: forIngress },
        });
      });
    },
  };
}

/** Enough for pods that are read namespace by namespace; a view can hold thousands of ranges. */
const MOST_VIEWS = 1000;

/** Keeps the views used last. */
function createViewCache(): (key: string, create: () => EgressView) => EgressView {
  const views = new Map<string, EgressView>();
  return (key, create) => {
    const view = views.get(key) ?? create();
    // A map is in order of insertion, so its first key is the one used longest ago.
    views.delete(key);
    views.set(key, view);
    const [oldest] = views.keys();
    if (views.size > MOST_VIEWS && oldest !== undefined) views.delete(oldest);
    return view;
  };
}

/**
 * The label keys by which any policy selects pods; other labels do not matter for egress. Policies for incoming traffic
 * are among them: they open pods that an engine would keep closed.
 */
export const selectedLabelKeys = (policies: readonly PolicyObject[]): ReadonlySet<string> =>
  new Set(
    [
      ...parsePolicies(policies.map((policy) => withoutRules(policy, 'sources'))),
      ...ingressOnlyPolicies(policies),
    ].flatMap(({ scope }) => scope.pods.keys),
  );
