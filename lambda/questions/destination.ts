import type { Target } from '../audit/target.ts';
import type { Config } from '../config/config.ts';
import type { Destination } from '../egress/answers/destination.ts';
import type { EgressView } from '../egress/answers/egress-view.ts';
import { type Extent, extentOf, widerExtent } from '../egress/answers/toward-destination.ts';
import { placedPod } from '../egress/enforcement/placed-pod.ts';
import { portsEverywhereIn } from '../egress/sets/address-set.ts';
import { certain } from '../egress/sets/bounds.ts';
import { externalRanges, fromExternalRanges } from '../egress/sets/printed.ts';
import type { ExternalRange, HostRule } from '../egress/sets/reach.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { WorkloadRef } from '../inventory/names.ts';
import type { PodClass } from '../inventory/pod-class.ts';
import { compareText } from '../inventory/workload.ts';
import {
  enforcedOf,
  engineOf,
  type ReadTargets,
  readTargets,
  unreadPolicies,
  type WorkloadViews,
  workloadViews,
} from './views.ts';

/** Whether a workload reaches a destination: what is enforced where that is known, else what is declared. */
export type Verdict = 'can' | 'cannot' | 'perhaps' | 'unknown';

/** How one workload stands to the destination, as `egress --to … -o json` prints it. */
export interface WorkloadDestination {
  readonly cluster: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly pods: number;
  readonly to: string;
  readonly verdict: Verdict;
  readonly declared: Extent;
  readonly enforced: Extent;
  /** Of the destination what is definitely declared open. */
  readonly external: readonly ExternalRange[];
  readonly hosts: readonly HostRule[];
  /** The rules that open it, or close it; why it is not known. */
  readonly because: readonly string[];
}

export interface DestinationReport extends Pick<ReadTargets, 'gaps'> {
  readonly workloads: readonly WorkloadDestination[];
}

export interface DestinationOptions {
  readonly config: Config;
  readonly wanted: (workload: WorkloadRef) => boolean;
  readonly destination: Destination;
}

/** Who can reach a destination: every workload of the targets, sorted by cluster, namespace, kind, name. */
export async function reportDestination(
  targets: readonly Target[],
  options: DestinationOptions,
): Promise<DestinationReport> {
  const { inventories, gaps } = await readTargets(targets);
  const workloads = inventories.flatMap((inventory) => destinationOfInventory(inventory, options));
  return { workloads: workloads.sort((a, b) => compareText(a.cluster, b.cluster)), gaps };
}

function destinationOfInventory(
  inventory: Inventory,
  options: DestinationOptions,
): readonly WorkloadDestination[] {
  const unread = unreadPolicies(inventory);
  return workloadViews(inventory, engineOf(inventory, options.config), options.wanted).map((found) => ({
    cluster: inventory.cluster.name,
    namespace: found.workload.namespace,
    kind: found.workload.kind,
    name: found.workload.name,
    pods: found.pods,
    to: options.destination.text,
    ...(unread
      ? unknownBecause(`${unread.message} ${unread.remedy}`)
      : destinationOf(found, options.destination)),
  }));
}

type Stand = Omit<WorkloadDestination, 'cluster' | 'namespace' | 'kind' | 'name' | 'pods' | 'to'>;

const unknownBecause = (reason: string): Stand => ({
  verdict: 'unknown',
  declared: 'unknown',
  enforced: 'unknown',
  external: [],
  hosts: [],
  because: [reason],
});

/** Where pods differ in their policies, what any of them reaches counts for the workload. */
function destinationOf({ views }: WorkloadViews, destination: Destination): Stand {
  const stands = [...views].map(([view, classes]) => standOf(view, classes, destination));
  const [first, ...others] = stands;
  if (first === undefined) throw new TypeError('A workload without pods reaches nothing.');
  if (others.length === 0) return first;
  const ranges = stands.flatMap(({ external }) => external);
  return {
    verdict: ORDER.find((verdict) => stands.some((stand) => stand.verdict === verdict)) ?? 'unknown',
    declared: stands.map(({ declared }) => declared).reduce(widerExtent),
    enforced: stands.map(({ enforced }) => enforced).reduce(widerExtent),
    external: externalRanges(fromExternalRanges(ranges)),
    hosts: distinct(stands.flatMap(({ hosts }) => hosts)),
    because: distinct(stands.flatMap(({ because }) => because)),
  };
}

/** What one pod does decides for its workload, and what is open goes before what is closed. */
const ORDER: readonly Verdict[] = ['can', 'unknown', 'perhaps', 'cannot'];

const distinct = <T>(values: readonly T[]): readonly T[] => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
];

function standOf(view: EgressView, classes: readonly PodClass[], destination: Destination): Stand {
  const { declared, byName, external, hosts, because } = view.towardDestination(destination);
  const really = enforcedOf(view, classes);
  const enforced =
    'unknown' in really
      ? 'unknown'
      : widerExtent(
          extentOf(certain(fromExternalRanges(really.external)), destination, portsEverywhereIn),
          byName,
        );
  const answer = view.answer.declared;
  return {
    verdict: verdictOf(declared, enforced),
    declared,
    enforced,
    external,
    hosts,
    because: [
      ...because,
      ...('unknown' in answer && declared === 'unknown' ? [answer.unknown] : []),
      ...('unknown' in really && !isOpen(declared) ? [really.unknown] : []),
      ...(isOpen(enforced) && !isOpen(declared) ? whyNotEnforced(view, classes) : []),
    ],
  };
}

const isOpen = (extent: Extent): boolean => extent === 'all' || extent === 'part';

/** Nobody is called closed in whom policies may have no effect. */
function verdictOf(declared: Extent, enforced: Extent): Verdict {
  if (isOpen(enforced)) return 'can';
  if (enforced === 'perhaps') return 'perhaps';
  if (enforced === 'none') return 'cannot';
  if (isOpen(declared)) return 'can';
  return declared === 'perhaps' ? 'perhaps' : 'unknown';
}

function whyNotEnforced(view: EgressView, classes: readonly PodClass[]): readonly string[] {
  const reasons = classes.flatMap((subject) => {
    if (subject.spec.hostNetwork) return ['not enforced: it uses the network of its node'];
    const found = view.enforcement(placedPod(subject));
    return found.state === 'not-enforced' ? found.gaps.map(({ because }) => `not enforced: ${because}`) : [];
  });
  return distinct(reasons);
}
