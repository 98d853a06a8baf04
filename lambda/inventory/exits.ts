import type { Compute, NodeNetwork } from './network.ts';
import { type Exit, type Exits, isUnread, type Traffic, type VpcInterface, type VpcReading } from './vpc.ts';

/** Pods of one class, by numbers of nodes. */
interface Placed {
  readonly active: readonly number[];
  /** The node of the newest, where none of them runs. */
  readonly ended: number | null;
  readonly unplaced: number;
  readonly own: readonly (readonly [id: string, node: number])[] | null;
}

/** Ways out, each once, and names of what could not be found. */
interface Gathered {
  readonly ways: Set<Exit>;
  /** Sentences, and nodes that EC2 does not list. */
  readonly unknown: Set<string>;
  readonly missing: Set<string>;
}

/**
 * Tells by which ways traffic of a class leaves. A pod shares the interfaces of its node: which of them it
 * takes depends on settings that are not read (custom networking, external source NAT), so each counts. A
 * pod with an interface of its own takes that one, and in standard mode the node's primary one to addresses
 * outside the VPC. Equal ways are one object.
 * https://docs.aws.amazon.com/eks/latest/userguide/external-snat.html
 * https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html
 *
 * @param names of nodes, by number
 */
export function createExits(
  names: readonly string[],
  networks: ReadonlyMap<string, NodeNetwork>,
  vpc: VpcReading,
): (placed: Placed) => Exits {
  const known = new Map<string, Exit>();
  const exit = (through: VpcInterface, traffic: Traffic): Exit => {
    const way: Exit = { through, traffic };
    const key = JSON.stringify(way);
    const same = known.get(key) ?? way;
    known.set(key, same);
    return same;
  };
  const interfacesOf = (name: string, { unknown, missing }: Gathered): readonly VpcInterface[] => {
    const machine = isUnread(vpc.machines) ? vpc.machines : vpc.machines.get(name);
    if (networks.get(name)?.compute === 'hybrid') unknown.add(HYBRID);
    else if (machine === undefined) missing.add(name);
    else if (isUnread(machine)) unknown.add(machine.unread);
    else return machine.interfaces;
    return [];
  };
  const computes = names.map((name): Compute => networks.get(name)?.compute ?? 'unknown');
  // Most classes have pods on the same nodes.
  const waysFrom: (readonly Exit[] | undefined)[] = [];
  const addNode = (node: number, to: Gathered): void => {
    let ways = waysFrom[node];
    if (ways === undefined) {
      ways = [...new Set(interfacesOf(names[node] ?? '', to).map((one) => exit(one, 'all')))];
      // What is not known of a node is to be told of each class.
      if (ways.length > 0) waysFrom[node] = ways;
    }
    for (const way of ways) to.ways.add(way);
  };
  const addOwn = (id: string, node: number, to: Gathered): void => {
    const own = isUnread(vpc.podInterfaces) ? vpc.podInterfaces : vpc.podInterfaces.get(id);
    if (own === undefined) to.unknown.add('EC2 does not list the network interface of one of its pods.');
    else if (isUnread(own)) to.unknown.add(own.unread);
    const mode = podGroupsOn(networks.get(names[node] ?? ''));
    if (own !== undefined && !isUnread(own)) {
      to.ways.add(exit(own, mode === 'traffic within the VPC' ? 'all but outside IPv4' : 'all'));
    }
    if (mode === 'all traffic') return;
    const [primary] = interfacesOf(names[node] ?? '', to);
    if (primary !== undefined) to.ways.add(exit(primary, 'outside IPv4'));
  };
  return ({ active, ended, unplaced, own }) => {
    const found: Gathered = { ways: new Set(), unknown: new Set(), missing: new Set() };
    const shared = sharedNodes(active, own ?? []);
    for (const node of shared) addNode(node, found);
    for (const [id, node] of own ?? []) addOwn(id, node, found);
    // A node that is gone since says nothing.
    if (active.length === 0 && unplaced === 0 && ended !== null) {
      addNode(ended, found);
      found.missing.clear();
    }
    if (unplaced > 0 || found.ways.size + found.unknown.size + found.missing.size === 0) {
      found.unknown.add(NOT_PLACED);
    }
    if (found.missing.size > 0) found.unknown.add(missingNodes([...found.missing]));
    const sharedOn = new Set([...shared].map((node) => computes[node] ?? 'unknown'));
    return { ways: [...found.ways], unknown: [...found.unknown].sort(), sharedOn: [...sharedOn].sort() };
  };
}

/** The nodes where some pod has no interface of its own. */
function sharedNodes(active: Placed['active'], own: NonNullable<Placed['own']>): ReadonlySet<number> {
  if (own.length === 0) return new Set(active);
  const owners = new Map<number, number>();
  for (const [, node] of own) owners.set(node, (owners.get(node) ?? 0) + 1);
  return new Set(
    active.filter((node) => {
      const left = owners.get(node) ?? 0;
      owners.set(node, left - 1);
      return left <= 0;
    }),
  );
}

/** What the VPC CNI on a node makes of security groups of pods; without its agent that is not known. */
const podGroupsOn = (network: NodeNetwork | undefined) =>
  network?.agents.find(({ engine }) => engine === 'vpc-cni')?.podGroups ?? null;

const NOT_PLACED = 'Pods that are on no node may leave by any: what the VPC routes for them is not known.';

const HYBRID = 'Hybrid nodes are outside of the VPC: what is routed there is not read.';

function missingNodes([first = '', ...others]: readonly string[]): string {
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `EC2 lists no instance of the VPC for the node ${first}${more}, so what the VPC routes there is not known.`;
}
