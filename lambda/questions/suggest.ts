import { readInventory } from '../audit/audit-cluster.ts';
import type { Target } from '../audit/target.ts';
import type { Config } from '../config/config.ts';
import { reachBeyond } from '../egress/answers/difference.ts';
import type { EgressView } from '../egress/answers/egress-view.ts';
import { approvedDestinations } from '../egress/approved/approved.ts';
import { awsServices } from '../egress/approved/aws-services.ts';
import { type EgressEngine, selectedLabelKeys } from '../egress/engine.ts';
import { nameOf } from '../egress/policies/policy.ts';
import { ALL_PORTS } from '../egress/sets/port-set.ts';
import { externalRanges, fromExternalRanges } from '../egress/sets/printed.ts';
import type { Reach, Unknown } from '../egress/sets/reach.ts';
import { applyPolicies } from '../egress/suggest/apply.ts';
import { DNS, policyObjectOf, type Suggestion, suggestPolicy } from '../egress/suggest/suggest.ts';
import { chooseLabels } from '../egress/suggest/suggest-labels.ts';
import { ReadError, UsageError } from '../errors.ts';
import type { Gap } from '../inventory/gap.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { ClusterIdentity, Labels, WorkloadRef } from '../inventory/names.ts';
import type { PodClass } from '../inventory/pod-class.ts';
import { workloadKey } from '../inventory/workload.ts';
import { workloadName } from '../report/words.ts';
import { type Enforcing, enforcementOf } from './change.ts';
import { type LabelObserver, type ObservedWorkload, observeLabels } from './label-observer.ts';
import { answerOf, engineOf, unreadPolicies, type WorkloadViews } from './views.ts';

/** A least policy for one workload, with what must be known before it is applied. */
export interface SuggestReport {
  readonly identity: ClusterIdentity;
  readonly workload: WorkloadRef;
  readonly suggestion: Suggestion;
  /** Other workloads whose pods the policy selects, too. */
  readonly alsoSelects: readonly WorkloadRef[];
  /** A policy that has its name and would be replaced. */
  readonly replaces: string | null;
  /** Other policies that select the pods for egress. */
  readonly others: readonly string[];
  /** With it applied, what the policies would allow beyond what is approved by address, and what of that not. */
  readonly beyond: Reach | Unknown;
  readonly missing: Reach | Unknown;
  /** The rules of other policies that do that. */
  readonly because: readonly string[];
  readonly enforcement: Enforcing;
  /** Whether pods of the name service were seen where the policy looks for them. */
  readonly dnsSeen: boolean;
  readonly gaps: readonly Gap[];
}

export interface SuggestOptions {
  readonly config: Config;
  readonly namespace: string;
  readonly wanted: (workload: WorkloadRef) => boolean;
  /** As the user wrote it, for messages. */
  readonly which: string;
}

/**
 * Suggests the least NetworkPolicy for the one workload that is wanted.
 *
 * @throws UsageError when there is none or there are several, and when no policy can select its pods
 * @throws ReadError when there is none in what could be read
 */
export async function suggestEgress(
  targets: readonly Target[],
  options: SuggestOptions,
): Promise<SuggestReport> {
  const read = await Promise.all(
    targets.map(async (target) => {
      const observer = observeLabels(options.namespace, DNS);
      const inventory = await readInventory(target, {
        labelKeys: selectedLabelKeys,
        observer,
        onPage: () => {},
      });
      return { inventory, observer };
    }),
  );
  const found = read.flatMap(({ inventory, observer }) =>
    observer
      .workloads()
      .filter(({ workload }) => options.wanted(workload))
      .map((own) => ({ inventory, observer, own })),
  );
  const [only, ...others] = found;
  if (only === undefined)
    throw noneFound(
      options.which,
      read.map(({ inventory }) => inventory),
    );
  if (others.length > 0) {
    const names = found.map(
      ({ inventory, own }) => `${workloadName(own.workload)} of ${inventory.cluster.name}`,
    );
    throw new UsageError(
      `${options.which} names several workloads (${names.join(', ')}); write NAMESPACE/KIND/NAME, and choose one cluster.`,
    );
  }
  return suggestFor(only, options.config);
}

/** That it is not there is only said where its pods would have been read. */
function noneFound(which: string, inventories: readonly Inventory[]): Error {
  const [gap] = inventories.flatMap(({ gaps }) =>
    gaps.filter(({ resource }) => resource === null || resource === 'pods'),
  );
  const none = `No workload ${which} was read.`;
  return gap === undefined
    ? new UsageError(none)
    : new ReadError(gap.reason, `${none} ${gap.message}`, gap.remedy);
}

interface Found {
  readonly inventory: Inventory;
  readonly observer: LabelObserver;
  readonly own: ObservedWorkload;
}

/** `IsDNS1123Subdomain`, k8s.io/apimachinery/pkg/util/validation; a file may say anything. */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

function suggestFor({ inventory, observer, own }: Found, config: Config): SuggestReport {
  const { workload } = own;
  if (own.hostNetwork) {
    throw new UsageError(
      `${workloadName(workload)} uses the network of its node (hostNetwork), where no NetworkPolicy applies; remove that first.`,
    );
  }
  if (!NAME.test(workload.namespace) || !NAME.test(workload.name)) {
    throw new UsageError(
      `${workloadName(workload)} cannot be used as the name of a policy: the API server would reject it.`,
    );
  }
  const isOther = ({ workload: other }: ObservedWorkload) => workloadKey(other) !== workloadKey(workload);
  const others = observer.workloads().filter(isOther);
  const chosen = chooseLabels(own, others);
  if (chosen === null) {
    throw new UsageError(
      `The pods of ${workloadName(workload)} have no stable label in common, so no policy can select only them; give its pod template a label such as app.`,
    );
  }
  const services = awsServices(inventory.vpc);
  const suggestion = suggestPolicy(workload, chosen.matchLabels, { ...config.egress, services });
  const object = policyObjectOf(suggestion);
  const { policies, replacing } = applyPolicies(inventory.policies, [object]);
  const views = viewsOf(engineOf(inventory, config, policies), own, classesOf(inventory, workload));
  const after = answerOf({ workload, pods: 0, views });
  const approved = { external: externalRanges(approvedDestinations(config.egress, services).addresses) };
  const unread = unreadPolicies(inventory);
  const declared = unread ? { unknown: `${unread.message} ${unread.remedy}` } : after.declared;
  const beyond = reachBeyond(declared, approved);
  const missing = reachBeyond(approved, declared);
  return {
    identity: inventory.cluster,
    workload,
    suggestion,
    alsoSelects: chosen.alsoSelects,
    replaces: replacing.size > 0 ? nameOf(object) : null,
    others: after.policies.filter((name) => name !== nameOf(object)),
    beyond,
    missing,
    because: [...new Set([...rulesBehind(views, beyond), ...rulesBehind(views, missing)])],
    enforcement: enforcementOf(views),
    dnsSeen: observer.seen(),
    gaps: inventory.gaps,
  };
}

/** Which rules open these destinations, or close all of them. */
function rulesBehind(views: WorkloadViews['views'], reach: Reach | Unknown): readonly string[] {
  if ('unknown' in reach) return [];
  const { external, hosts } = reach;
  const destination = { text: '', ports: ALL_PORTS, addresses: fromExternalRanges(external), name: null };
  const names = new Set(hosts.map(({ host }) => host));
  return [...views.keys()].flatMap((view) => [
    ...(external.length > 0 ? view.towardDestination(destination).because : []),
    ...view.explainHosts().flatMap(({ host, because }) => (names.has(host.host) ? because : [])),
  ]);
}

const classesOf = ({ classes }: Inventory, workload: WorkloadRef): readonly PodClass[] =>
  classes.filter((subject) => workloadKey(subject.workload) === workloadKey(workload));

/** Each view with all classes: which pods have which labels is not kept, and the widest counts. */
function viewsOf(
  engine: EgressEngine,
  { workload, labels }: ObservedWorkload,
  classes: readonly PodClass[],
): WorkloadViews['views'] {
  const viewOf = (set: Labels): EgressView =>
    engine.view({ namespace: workload.namespace, labels: set, hostNetwork: false });
  return new Map(labels.map((set) => [viewOf(set), classes]));
}
