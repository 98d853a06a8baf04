import type { IpFamily } from './engine-settings.ts';
import { distinct, type Leaving, leavingOf, type Way, waysOfOwn, waysOfShared } from './leaving.ts';
import type { Compute, NodeNetwork } from './node-network.ts';
import { type Exit, type Exits, isUnread, type Machine, type VpcReading } from './vpc.ts';

/** Pods of one class, by numbers of nodes. */
interface Placed {
  readonly active: readonly number[];
  /** The node of the newest, where none of them runs. */
  readonly ended: number | null;
  readonly unplaced: number;
  readonly own: readonly (readonly [id: string, node: number])[] | null;
  readonly hostNetwork: boolean;
}

/** What is known of the nodes. */
export interface KnownNodes {
  /** By name. */
  readonly networks: ReadonlyMap<string, NodeNetwork>;
  readonly vpc: VpcReading;
  readonly ipFamily: IpFamily | null;
}

/** Ways out, each once, and names of what could not be found. */
interface Gathered {
  readonly ways: Set<Exit>;
  /** Sentences, and nodes that EC2 does not list. */
  readonly unknown: Set<string>;
  readonly missing: Set<string>;
}

/**
 * Tells by which ways traffic of a class leaves ({@link waysOfShared}, {@link waysOfOwn}). A pod in the network of its
 * node may take each of its interfaces, and on Fargate the one there is is the pod's own. Equal ways are one object.
 *
 * @param names of nodes, by number
 */
export function createExits(
  names: readonly string[],
  { networks, vpc, ipFamily }: KnownNodes,
): (placed: Placed) => Exits {
  const known = new Map<string, Exit>();
  const exit = ({ among, ...rest }: Way): readonly Exit[] => {
    const [through, ...or] = distinct(among);
    if (through === undefined) return [];
    const way: Exit = { through, ...(or.length > 0 && { or }), ...rest };
    const key = JSON.stringify(way);
    const same = known.get(key) ?? way;
    known.set(key, same);
    return [same];
  };
  const machineOf = (name: string, { unknown, missing }: Gathered): Machine | null => {
    const machine = isUnread(vpc.machines) ? vpc.machines : vpc.machines.get(name);
    if (networks.get(name)?.compute === 'hybrid') unknown.add(HYBRID);
    else if (machine === undefined) missing.add(name);
    else if (isUnread(machine)) unknown.add(machine.unread);
    else return machine;
    return null;
  };
  const leaving = (node: number): Leaving => leavingOf(networks.get(names[node] ?? ''), ipFamily);
  const computes = names.map((name): Compute => networks.get(name)?.compute ?? 'unknown');
  const waysOn = (node: number, machine: Machine, hostNetwork: boolean): readonly Way[] => {
    const ofAddresses = machine.interfaces.map((one): Way => ({ among: [one], traffic: 'all' }));
    if (hostNetwork) return ofAddresses;
    const { family, ...more } = leaving(node);
    if (computes[node] !== 'fargate') return waysOfShared(machine, { family, ...more });
    return family === 'ipv4'
      ? ofAddresses.map(({ among: [one], ...way }) => ({
          ...way,
          among: one ? [{ ...one, ipv6: false }] : [],
        }))
      : ofAddresses;
  };
  // Most classes have pods on the same nodes.
  const waysFrom = {
    host: [] as (readonly Exit[] | undefined)[],
    pod: [] as (readonly Exit[] | undefined)[],
  };
  const addNode = (node: number, hostNetwork: boolean, to: Gathered): void => {
    const kept = hostNetwork ? waysFrom.host : waysFrom.pod;
    let ways = kept[node];
    if (ways === undefined) {
      const machine = machineOf(names[node] ?? '', to);
      ways = machine === null ? [] : [...new Set(waysOn(node, machine, hostNetwork).flatMap(exit))];
      // What is not known of a node is to be told of each class.
      if (machine !== null) kept[node] = ways;
    }
    for (const way of ways) to.ways.add(way);
  };
  const addOwn = (id: string, node: number, to: Gathered): void => {
    const own = isUnread(vpc.podInterfaces) ? vpc.podInterfaces : vpc.podInterfaces.get(id);
    if (own === undefined) to.unknown.add('EC2 does not list the network interface of one of its pods.');
    else if (isUnread(own)) to.unknown.add(own.unread);
    const how = leaving(node);
    const isNeeded = how.podGroups !== 'all traffic' || how.family !== 'ipv4' || how.other !== false;
    const machine = isNeeded ? machineOf(names[node] ?? '', to) : null;
    const ways = waysOfOwn(
      own === undefined || isUnread(own) ? null : own,
      machine?.interfaces[0] ?? null,
      how,
    );
    for (const way of ways.flatMap(exit)) to.ways.add(way);
  };
  return ({ active, ended, unplaced, own, hostNetwork }) => {
    const found: Gathered = { ways: new Set(), unknown: new Set(), missing: new Set() };
    const shared = sharedNodes(active, own ?? []);
    for (const node of shared) addNode(node, hostNetwork, found);
    for (const [id, node] of own ?? []) addOwn(id, node, found);
    // A node that is gone since says nothing.
    if (active.length === 0 && unplaced === 0 && ended !== null) {
      addNode(ended, hostNetwork, found);
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

const NOT_PLACED =
  'Pods that are on no node may use the routes of any node: what the VPC routes for them is not known.';

const HYBRID = 'Hybrid nodes are outside the VPC, and their routes are not read.';

function missingNodes([first = '', ...others]: readonly string[]): string {
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `EC2 lists no instance of the VPC for the node ${first}${more}, so what the VPC routes there is not known.`;
}
