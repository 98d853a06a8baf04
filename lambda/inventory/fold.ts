import { hash } from 'node:crypto';
import { canonicalText } from './canonical.ts';
import type { IpFamily } from './engine-settings.ts';
import type { InventoryTotals } from './inventory.ts';
import type { AskLayer } from './layers.ts';
import type { Labels, WorkloadRef } from './names.ts';
import type { ObservedNetwork } from './network.ts';
import { createNumbering } from './numbering.ts';
import { createPopulationStore, PackedPopulation } from './packed-population.ts';
import {
  createPlacementFold,
  type NodePlace,
  newPlacement,
  type PlacementBuilder,
  trimPlacement,
} from './placement.ts';
import type { OperatingSystem, PodRecord, PodSpecFacts } from './pod.ts';
import { createMachineAddresses } from './pod-addresses.ts';
import type { PodClass } from './pod-class.ts';
import { addPod, isCompleted, newPopulation, type PopulationBuilder } from './population.ts';
import { type ClassInput, createRecentClasses } from './recent-classes.ts';
import { runsOf } from './runs.ts';
import { labelOf } from './service-account.ts';
import { createSharedFacts } from './shared-facts.ts';
import type { Exits, VpcReading } from './vpc.ts';
import { type Candidate, judgedOf } from './what-runs.ts';
import {
  compareText,
  compareWorkloads,
  countWorkloads,
  OWNER_LABELS,
  type Owner,
  type Owners,
  ownerOf,
  settle,
  workloadKey,
} from './workload.ts';

/** What is known of a node that a pod's evaluation needs. */
export interface NodeFacts extends NodePlace {
  readonly os: OperatingSystem | null;
}

export interface FoldOptions {
  /** Pod-label keys that some policy or limit selects on; all others are dropped, so that equal pods meet. */
  readonly labelKeys: ReadonlySet<string>;
  readonly nodes: ReadonlyMap<string, NodeFacts>;
  /** The namespaces whose pods count in the totals. @defaultValue all */
  readonly counts?: (namespace: string) => boolean;
  /** Keep the addresses of pods and of the nodes that they are on. @defaultValue false */
  readonly podAddresses?: boolean | undefined;
  /** What is known of writable layers. @defaultValue nothing was measured */
  readonly layers?: AskLayer | undefined;
}

/** An object that must be read to know which workload some pods belong to. */
export interface OwnerLookup {
  readonly resource: 'replicasets' | 'jobs';
  readonly ref: WorkloadRef;
}

/** Gathers pods into classes of equal pods, one at a time; nothing of a pod is kept but what its class needs. */
export interface PodFold {
  add(pod: PodRecord): void;
  /** Forgets everything: the list that fed it starts again. */
  restart(): void;
  /** Owners that the pods alone do not settle. */
  lookups(): readonly OwnerLookup[];
  /** The same with the pods that own pods, as far as they were read. */
  withPods(owners: Owners): Owners;
  /** To be called once. */
  finish(owners: Owners, known?: FinishOptions): FoldResult;
}

export interface FinishOptions {
  readonly vpc?: VpcReading;
  /** Of the addresses of pods, where EKS tells it. */
  readonly ipFamily?: IpFamily | null;
  /** Whether pods of a namespace were not read. @defaultValue all were */
  readonly unreadIn?: (namespace: string) => boolean;
}

export interface FoldResult {
  /** Those that are judged, sorted by workload, then by content; they belong to whoever asked. */
  readonly classes: PodClass[];
  /** How the nodes enforce policies, as far as these pods tell. */
  readonly network: ObservedNetwork;
  /** Of all pods that count, also of those that are not judged. */
  readonly totals: Omit<InventoryTotals, 'nodes'>;
}

interface ClassBuilder {
  readonly owner: Owner;
  readonly source: 'pod' | 'template';
  readonly labels: Labels;
  readonly spec: PodSpecFacts;
  population: PopulationBuilder | PackedPopulation;
  readonly placement: PlacementBuilder;
}

/** Lists come ordered by name: a class is hardly ever added to once so many newer ones have begun. */
const OPEN_CLASSES = 8;

export function createPodFold(options: FoldOptions): PodFold {
  const classes = new Map<string, ClassBuilder>();
  const keys = [...options.labelKeys].sort(compareText);
  const recent = createRecentClasses<ClassBuilder>([...keys, ...OWNER_LABELS]);
  const nodes = createNumbering([...options.nodes.keys()]);
  const placements = createPlacementFold(options.nodes, nodes);
  const populations = createPopulationStore(nodes);
  const shared = createSharedFacts();
  const keyOf = createClassKeys();
  const addresses = options.podAddresses === true ? createMachineAddresses() : null;
  const open: ClassBuilder[] = [];
  let totals = { pods: 0, completed: 0, terminating: 0 };

  function classOf(pod: ClassInput, os: OperatingSystem | null): ClassBuilder {
    const owner = ownerOf(pod);
    const labels = keepLabels(pod, keys);
    const spec = pod.spec.os === os ? pod.spec : { ...pod.spec, os };
    const key = keyOf({ owner, source: pod.source, labels, spec });
    const known = classes.get(key);
    if (known !== undefined) return known;
    const found = {
      owner,
      source: pod.source,
      labels: shared.labels(labels),
      spec: shared.spec(spec),
      population: newPopulation(),
      placement: newPlacement(),
    };
    classes.set(key, found);
    open.push(found);
    if (open.length > OPEN_CLASSES) closed(open.shift() as ClassBuilder);
    return found;
  }

  function closed(built: ClassBuilder): PackedPopulation {
    if (built.population instanceof PackedPopulation) return built.population;
    trimPlacement(built.placement);
    const packed = populations.pack(built.population);
    built.population = packed;
    return packed;
  }

  /** A class that must be opened again stays open: closing it time and again would copy it each time. */
  function opened(built: ClassBuilder): PopulationBuilder {
    if (built.population instanceof PackedPopulation) built.population = built.population.unpack();
    return built.population;
  }

  return {
    add(pod) {
      const os = osOf(pod, options.nodes);
      let found = recent.find(pod, os);
      if (found === undefined) {
        found = classOf(pod, os);
        recent.keep(pod, os, found);
      }
      addPod(opened(found), pod, options.layers);
      placements.add(pod, found.placement);
      addresses?.add(pod);
      if (options.counts?.(pod.namespace) === false) return;
      totals.pods++;
      if (isCompleted(pod)) totals.completed++;
      if (pod.deletedAt !== null) totals.terminating++;
    },
    restart() {
      classes.clear();
      open.length = 0;
      recent.clear();
      nodes.restart();
      placements.restart();
      addresses?.restart();
      totals = { pods: 0, completed: 0, terminating: 0 };
    },
    lookups() {
      const found = new Map<string, OwnerLookup>();
      for (const { owner } of classes.values()) {
        const { lookup: resource, ref } = owner;
        if (resource === 'jobs' || resource === 'replicasets') found.set(workloadKey(ref), { resource, ref });
      }
      return [...found.values()];
    },
    withPods: (owners) => withPods(owners, [...classes.values()]),
    finish(owners, { vpc, ipFamily, unreadIn } = {}) {
      const { network, placementsOf, exitsOf } = placements.finish(vpc, ipFamily);
      const candidates: Candidate[] = [];
      recent.clear();
      for (const [key, built] of classes) {
        const { workload, renewal } = settle(built.owner, owners);
        const population = closed(built);
        const latest = population.living > 0 ? null : population.latest;
        const found = {
          workload,
          source: built.source,
          labels: built.labels,
          spec: built.spec,
          population,
          placements: placementsOf(built.placement, latest),
          ...exitFacts(exitsOf(built.placement, { latest, hostNetwork: built.spec.hostNetwork })),
        };
        candidates.push({ found, population, renewal });
        // Not both a class and what it was made of at once.
        classes.delete(key);
      }
      candidates.sort(({ found: a }, { found: b }) => compareWorkloads(a.workload, b.workload));
      const counted = candidates.filter(({ found }) => options.counts?.(found.workload.namespace) !== false);
      const finished: PodClass[] = [];
      for (const group of runsOf(candidates, ofOneWorkload)) {
        const { namespace } = (group[0] as Candidate).found.workload;
        finished.push(...judgedOf(byContent(group), unreadIn?.(namespace) ?? false));
      }
      return {
        classes: finished,
        network: addresses === null ? network : { ...network, podAddresses: addresses.list() },
        totals: { ...totals, ...countWorkloads(counted.map(({ found }) => found)) },
      };
    },
  };
}

/**
 * Pods that own pods are few and hardly alike, as the drivers of Spark jobs: they are among the examples of their
 * class, so that no name has to be kept for them.
 */
function withPods(owners: Owners, classes: readonly Pick<ClassBuilder, 'owner' | 'population'>[]): Owners {
  const wanted = new Set(
    classes.flatMap(({ owner: { lookup, ref } }) => (lookup === 'pods' ? [workloadKey(ref)] : [])),
  );
  if (wanted.size === 0) return owners;
  const found = new Map(owners);
  for (const { owner, population } of classes) {
    if (owner.lookup === 'pods') continue;
    const { namespace } = owner.ref;
    for (const pod of [...population.active.oldest, population.latest]) {
      if (pod === null) continue;
      const key = workloadKey({ namespace, kind: 'Pod', name: pod.name });
      if (wanted.has(key)) found.set(key, settle(owner, owners).workload);
    }
  }
  return found;
}

/** In an order that does not depend on that of the pods. */
function byContent(group: readonly Candidate[]): readonly Candidate[] {
  if (group.length < 2) return group;
  return group
    .map((candidate) => ({ candidate, text: content(candidate.found) }))
    .sort((a, b) => compareText(a.text, b.text))
    .map(({ candidate }) => candidate);
}

const ofOneWorkload = ({ found: a }: Candidate, { found: b }: Candidate): boolean =>
  compareWorkloads(a.workload, b.workload) === 0;

const exitFacts = (exits: Exits | undefined): Pick<PodClass, 'exits'> =>
  exits === undefined ? {} : { exits };

type Content = Pick<ClassBuilder, 'source' | 'labels' | 'spec'>;

const content = ({ source, labels, spec }: Content): string =>
  canonicalText<Content>({ source, labels, spec });

/**
 * Makes the keys of classes. A key is a digest: the text itself, once a class, would take more memory than the class.
 * Replicas follow each other, and what is the same even in the order of its fields has the same key: to find that out
 * takes a third of the time of the canonical text.
 */
function createClassKeys(): (built: Content & { readonly owner: Owner }) => string {
  let last = { text: '', key: '' };
  return ({ owner, source, labels, spec }) => {
    const workload = workloadKey(owner.ref);
    const text = JSON.stringify([workload, source, labels, spec]);
    if (text !== last.text) {
      last = { text, key: hash('sha256', `${workload}/${content({ source, labels, spec })}`, 'base64url') };
    }
    return last.key;
  };
}

function keepLabels(pod: ClassInput, keys: readonly string[]): Labels {
  const kept: Record<string, string> = {};
  for (const key of keys) {
    const value = labelOf(pod, key);
    if (value !== undefined) kept[key] = value;
  }
  return kept;
}

/**
 * The node's word on its system goes before the pod's: its kubelet sets the label, and admits no pod that selects
 * another (PodOSSelectorNodeLabelDoesNotMatch in pkg/kubelet/lifecycle/predicate.go); but it runs one that only asks
 * for Windows' host processes, which must not keep it from being judged.
 */
function osOf(pod: PodRecord, nodes: ReadonlyMap<string, NodeFacts>): OperatingSystem | null {
  if (pod.nodeName === null) return pod.spec.os;
  return nodes.get(pod.nodeName)?.os ?? pod.spec.os;
}
