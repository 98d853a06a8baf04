import type { KubeObject } from './kubernetes.ts';

/** Nodes that are alike. Ages in milliseconds. */
export interface NodePool {
  readonly name: string;
  readonly type: 'managed' | 'self-managed' | 'windows' | 'fargate';
  readonly count: number;
  readonly instanceType: string;
  readonly age: number;
  /** Pods must tolerate the taint `dedicated=<pool>`. */
  readonly dedicated?: boolean;
}

export interface ClusterDescription {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  /** The first two octets of the VPC, e.g. `10.20`. */
  readonly vpc: string;
  readonly version: string;
  readonly pools: readonly NodePool[];
}

export interface SampleNode {
  readonly name: string;
  readonly ip: string;
  readonly zone: string;
  readonly pool: NodePool;
}

export interface Placement {
  readonly node: SampleNode;
  readonly podIP: string;
}

/** What builders need to know of the cluster that they build for. */
export interface ClusterContext extends ClusterDescription {
  /** Epoch milliseconds; all ages count back from here. */
  readonly now: number;
  readonly nodes: readonly SampleNode[];
  /** The next node of a pool in turn, and a free address there: builders must run in a fixed order. */
  place(pool: string): Placement;
  placeOn(node: SampleNode): Placement;
}

/** Turns a description into API objects of one cluster. */
export type Build = (cluster: ClusterContext) => readonly KubeObject[];

export function clusterContext(description: ClusterDescription, now: number): ClusterContext {
  const nodes = description.pools.flatMap((pool, poolIndex) =>
    Array.from({ length: pool.count }, (_, index) => nodeOf(description, pool, poolIndex * 40 + index)),
  );
  const nodeTurns = new Map<string, number>();
  const podCounts = new Map<string, number>();

  function placeOn(node: SampleNode): Placement {
    // Fargate gives every pod a node of its own, and both have the same address.
    if (node.pool.type === 'fargate') return { node, podIP: node.ip };
    const count = next(podCounts, node.name);
    return { node, podIP: `${description.vpc}.${64 + nodes.indexOf(node)}.${10 + count}` };
  }
  function place(pool: string): Placement {
    const candidates = nodes.filter((node) => node.pool.name === pool);
    const node = candidates[next(nodeTurns, pool) % candidates.length];
    if (node === undefined)
      throw new Error(`The sample cluster ${description.name} has no node pool ${pool}.`);
    return placeOn(node);
  }
  return { ...description, now, nodes, place, placeOn };
}

function nodeOf(cluster: ClusterDescription, pool: NodePool, index: number): SampleNode {
  const zone = index % 3;
  const ip = `${cluster.vpc}.${zone}.${20 + index}`;
  const domain = cluster.region === 'us-east-1' ? 'ec2.internal' : `${cluster.region}.compute.internal`;
  const prefix = pool.type === 'fargate' ? 'fargate-ip' : 'ip';
  return {
    name: `${prefix}-${ip.replaceAll('.', '-')}.${domain}`,
    ip,
    zone: `${cluster.region}${'abc'[zone]}`,
    pool,
  };
}

function next(counters: Map<string, number>, key: string): number {
  const count = counters.get(key) ?? 0;
  counters.set(key, count + 1);
  return count;
}
