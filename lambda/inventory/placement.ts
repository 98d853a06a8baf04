import type { IpFamily } from './engine-settings.ts';
import { createExits } from './exits.ts';
import { agentOf, type ObservedNetwork } from './network.ts';
import type { Compute, InstanceMetadata, NodeNetwork, Placement } from './node-network.ts';
import type { Numbering } from './numbering.ts';
import type { PodRecord } from './pod.ts';
import type { EndedPod } from './pod-class.ts';
import type { PolicyAgent } from './policy-agent.ts';
import { isCompleted } from './population.ts';
import { type Exits, isUnread, type VpcReading } from './vpc.ts';
import { compareText } from './workload.ts';

/** Where the pods of one class run, while they are being read: a number for the node of each that has not ended. */
export interface PlacementBuilder {
  active: number[];
  unplaced: number;
  /** Of pods that have one of their own: their network interfaces, with the nodes they are on. */
  own: [id: string, node: number][] | null;
}

/** Gathers which agents run on which nodes, and on which nodes the pods of each class run. */
export interface PlacementFold {
  add(pod: PodRecord, to: PlacementBuilder): void;
  restart(): void;
  /**
   * @param vpc what EC2 says of the nodes, where it was asked
   * @param ipFamily of the addresses of pods, where EKS tells it
   */
  finish(vpc?: VpcReading, ipFamily?: IpFamily | null): PlacementResult;
}

export interface PlacementResult {
  readonly network: ObservedNetwork;
  /** @param latest of a class that has ended: the newest of its pods */
  placementsOf(builder: PlacementBuilder, latest: EndedPod | null): readonly Placement[];
  /** By which ways its traffic leaves; nothing where EC2 was not asked. */
  exitsOf(builder: PlacementBuilder, pods: OneClass): Exits | undefined;
}

/** What the ways out of a class hang on besides its nodes. */
export interface OneClass {
  readonly latest: EndedPod | null;
  readonly hostNetwork: boolean;
}

export const newPlacement = (): PlacementBuilder => ({
  active: [],
  unplaced: 0,
  own: null,
});

/** Arrays grow by half and sixteen more at a time: copies take what is there. Adding may go on. */
export function trimPlacement(placement: PlacementBuilder): void {
  placement.active = placement.active.slice();
}

/** What is known of a node besides its pods. */
export interface NodePlace {
  readonly compute?: Compute;
  readonly nodeClass?: string | null;
  readonly metadata?: InstanceMetadata;
}

/** @param numbering of all nodes that are in `places` or that have pods */
export function createPlacementFold(
  places: ReadonlyMap<string, NodePlace>,
  numbering: Numbering,
): PlacementFold {
  const agents = new Map<string, PolicyAgent[]>();

  return {
    add(pod, to) {
      if (isCompleted(pod)) {
        // It has a number by the end, should the pod be the newest of its class.
        if (pod.nodeName !== null) numbering.numberOf(pod.nodeName);
        return;
      }
      if (pod.nodeName === null || pod.source === 'template') {
        to.unplaced++;
        return;
      }
      const node = numbering.numberOf(pod.nodeName);
      to.active.push(node);
      if (pod.networkInterface !== undefined) {
        to.own ??= [];
        to.own.push([pod.networkInterface, node]);
      }
      const agent = agentOf(pod);
      if (agent === null) return;
      const here = agents.get(pod.nodeName);
      if (here === undefined) agents.set(pod.nodeName, [agent]);
      else here.push(agent);
    },
    restart() {
      agents.clear();
    },
    finish(vpc, ipFamily = null) {
      const kinds = new Map<string, NodeNetwork>();
      const networkOf = (node: string): NodeNetwork => {
        const network = networkAt(withMetadata(places.get(node), node, vpc), agents.get(node) ?? []);
        const key = JSON.stringify(network);
        const known = kinds.get(key) ?? network;
        kinds.set(key, known);
        return known;
      };
      const { names } = numbering;
      const byNumber = names.map(networkOf);
      const nodes = new Map(names.map((node, number) => [node, byNumber[number] as NodeNetwork]));
      // The numbers of nodes are those of examples, too.
      const endedOn = (latest: EndedPod | null): number | null =>
        latest === null || latest.node === null ? null : numbering.numberOf(latest.node);
      const exits = vpc === undefined ? undefined : createExits(names, { networks: nodes, vpc, ipFamily });
      return {
        network: { nodes, kinds: [...kinds.values()] },
        placementsOf: (builder, latest) => placementsOf(builder, endedOn(latest), byNumber),
        exitsOf: (builder, { latest, hostNetwork }) =>
          exits?.({ ...builder, ended: endedOn(latest), hostNetwork }),
      };
    },
  };
}

function withMetadata(place: NodePlace | undefined, node: string, vpc: VpcReading | undefined) {
  const machine = vpc === undefined || isUnread(vpc.machines) ? undefined : vpc.machines.get(node);
  return machine === undefined || isUnread(machine) || machine.metadata === null
    ? place
    : { ...place, metadata: machine.metadata };
}

function networkAt(place: NodePlace | undefined, agents: readonly PolicyAgent[]): NodeNetwork {
  const { compute = 'unknown', nodeClass, metadata } = place ?? {};
  return {
    compute,
    ...(nodeClass === undefined ? {} : { nodeClass }),
    ...(metadata === undefined ? {} : { metadata }),
    agents: settle(agents),
  };
}

/** During a rollout two pods of one agent may stand on a node. */
function settle(agents: readonly PolicyAgent[]): readonly PolicyAgent[] {
  const byEngine = new Map<string, PolicyAgent>();
  for (const agent of agents) {
    const other = byEngine.get(agent.engine);
    byEngine.set(agent.engine, other === undefined ? agent : merge(other, agent));
  }
  return [...byEngine.values()].sort((a, b) => compareText(a.engine, b.engine));
}

/** What two agents of one engine do not agree on is not known. */
function merge(a: PolicyAgent, b: PolicyAgent): PolicyAgent {
  const same = <T>(x: T, y: T): T | null => (JSON.stringify(x) === JSON.stringify(y) ? x : null);
  return {
    engine: a.engine,
    container: a.container,
    version: same(a.version, b.version),
    enabled: same(a.enabled, b.enabled),
    ipv6: same(a.ipv6, b.ipv6),
    mode: same(a.mode, b.mode),
    egressV4: same(a.egressV4, b.egressV4),
    egressV6: same(a.egressV6, b.egressV6),
    ...(a.podGroups === undefined ? {} : { podGroups: same(a.podGroups, b.podGroups ?? null) }),
    ...(a.externalSnat === undefined ? {} : { externalSnat: same(a.externalSnat, b.externalSnat ?? null) }),
    ...(a.untranslated === undefined ? {} : { untranslated: same(a.untranslated, b.untranslated ?? null) }),
    running: same(a.running, b.running),
  };
}

/**
 * Where nothing of the class runs, as of a CronJob between two runs, its newest pod stands for those to come; a node
 * that is gone since says nothing.
 */
function placementsOf(
  { active, unplaced, own }: PlacementBuilder,
  ended: number | null,
  byNumber: readonly NodeNetwork[],
): readonly Placement[] {
  const counts = new Map<NodeNetwork | null, number>();
  const count = (ids: readonly number[]): void => {
    for (const id of ids) {
      const network = byNumber[id] as NodeNetwork;
      counts.set(network, (counts.get(network) ?? 0) + 1);
    }
  };
  count(active);
  if (unplaced > 0) counts.set(null, unplaced);
  if (counts.size === 0 && ended !== null && !isGone(byNumber[ended] as NodeNetwork)) count([ended]);
  const withOwn = new Set<NodeNetwork | null>(own?.map(([, node]) => byNumber[node] as NodeNetwork));
  return [...counts].map(([network, pods]) => ({
    network,
    pods,
    ...(withOwn.has(network) ? { ownInterface: true as const } : {}),
  }));
}

const isGone = ({ compute, agents }: NodeNetwork): boolean => compute === 'unknown' && agents.length === 0;
