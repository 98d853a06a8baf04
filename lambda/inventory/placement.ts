import { createExits } from './exits.ts';
import type { PodRecord } from './model.ts';
import {
  agentOf,
  type Compute,
  type InstanceMetadata,
  type NodeNetwork,
  type ObservedNetwork,
  type Placement,
  type PolicyAgent,
} from './network.ts';
import type { Numbering } from './numbering.ts';
import { isCompleted } from './population.ts';
import { type Exits, isUnread, type VpcReading } from './vpc.ts';
import { compareText } from './workload.ts';

/** Where the pods of one class run, while they are being read: a number for each pod's node. */
export interface PlacementBuilder {
  active: number[];
  completed: number[];
  unplaced: number;
  /** Of pods that have one of their own: their network interfaces, with the nodes they are on. */
  own: [id: string, node: number][] | null;
}

/** Gathers which agents run on which nodes, and on which nodes the pods of each class run. */
export interface PlacementFold {
  add(pod: PodRecord, to: PlacementBuilder): void;
  restart(): void;
  /** @param vpc what EC2 says of the nodes, where it was asked */
  finish(vpc?: VpcReading): PlacementResult;
}

export interface PlacementResult {
  readonly network: ObservedNetwork;
  placementsOf(builder: PlacementBuilder): readonly Placement[];
  /** By which ways its traffic leaves; nothing where EC2 was not asked. */
  exitsOf(builder: PlacementBuilder): Exits | undefined;
}

export const newPlacement = (): PlacementBuilder => ({
  active: [],
  completed: [],
  unplaced: 0,
  own: null,
});

/** Arrays grow by half and sixteen more at a time: copies take what is there. Adding may go on. */
export function trimPlacement(placement: PlacementBuilder): void {
  placement.active = placement.active.slice();
  placement.completed = placement.completed.slice();
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
      if (pod.nodeName === null || pod.source === 'template') {
        if (!isCompleted(pod)) to.unplaced++;
        return;
      }
      const node = numbering.numberOf(pod.nodeName);
      (isCompleted(pod) ? to.completed : to.active).push(node);
      if (pod.networkInterface !== undefined && !isCompleted(pod)) {
        to.own ??= [];
        to.own.push([pod.networkInterface, node]);
      }
      const agent = isCompleted(pod) ? null : agentOf(pod);
      if (agent === null) return;
      const here = agents.get(pod.nodeName);
      if (here === undefined) agents.set(pod.nodeName, [agent]);
      else here.push(agent);
    },
    restart() {
      agents.clear();
    },
    finish(vpc) {
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
      const exits = vpc === undefined ? undefined : createExits(names, nodes, vpc);
      return {
        network: { nodes, kinds: [...kinds.values()] },
        placementsOf: (builder) => placementsOf(builder, byNumber),
        exitsOf: (builder) => exits?.(builder),
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
  const same = <T>(x: T, y: T): T | null => (x === y ? x : null);
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
    running: same(a.running, b.running),
  };
}

/**
 * Completed pods count where nothing else of the class runs, as those of a CronJob between two runs;
 * nodes that are gone since say nothing.
 */
function placementsOf(
  { active, completed, unplaced, own }: PlacementBuilder,
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
  if (counts.size === 0) count(completed.filter((id) => !isGone(byNumber[id] as NodeNetwork)));
  const withOwn = new Set<NodeNetwork | null>(own?.map(([, node]) => byNumber[node] as NodeNetwork));
  return [...counts].map(([network, pods]) => ({
    network,
    pods,
    ...(withOwn.has(network) ? { ownInterface: true as const } : {}),
  }));
}

const isGone = ({ compute, agents }: NodeNetwork): boolean => compute === 'unknown' && agents.length === 0;
