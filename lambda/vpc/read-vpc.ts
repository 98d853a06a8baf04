import { isUnread, type Machine, type Unread, type VpcReading } from '../inventory/vpc.ts';
import type { VpcSource } from './ask.ts';
import { readFacts } from './facts.ts';
import { readFargateNodes, readInstances, readPodInterfaces } from './interfaces.ts';

/**
 * Reads what decides where traffic of some nodes and their pods may go in their VPC. Whatever cannot be
 * read is unread with its reason; nothing but a defect is thrown.
 */
export async function readVpc(source: VpcSource, nodes: readonly string[]): Promise<VpcReading> {
  const names = new Set(nodes);
  const instances = readInstances(source, names);
  const fargate = readFargateNodes(source, names);
  const pods = readPodInterfaces(source);
  const groups = Promise.all([instances, fargate, pods]).then((read) => groupsOf(read));
  const [machines, onFargate, podInterfaces, facts] = await Promise.all([
    instances,
    fargate,
    pods,
    readFacts(source, groups),
  ]);
  return {
    machines: isUnread(machines) ? machines : new Map([...machines, ...onFargate]),
    podInterfaces,
    facts,
  };
}

function groupsOf([machines, fargate, pods]: readonly [
  ReadonlyMap<string, Machine> | Unread,
  ReadonlyMap<string, Machine | Unread>,
  VpcReading['podInterfaces'],
]): readonly string[] {
  const known = [...(isUnread(machines) ? [] : machines.values()), ...fargate.values()];
  const interfaces = known.flatMap((one) => (isUnread(one) ? [] : one.interfaces));
  const all = [...interfaces, ...(isUnread(pods) ? [] : pods.values())];
  return [...new Set(all.flatMap(({ securityGroups }) => securityGroups))].sort();
}
