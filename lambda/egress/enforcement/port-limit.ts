import type { PolicyObject } from '../../inventory/policy-object.ts';
import { field, isFields } from '../policies/shape.ts';
import { isCore } from './policy-engine.ts';
import type { Acting } from './situation.ts';

/**
 * How many combinations of ports and protocols an agent of the VPC CNI keeps for a block of addresses.
 * "The maximum number of unique combinations of ports for each protocol … is 24".
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html; what lies beyond is passed
 * over with a line in the log (aws-network-policy-agent, pkg/utils/utils.go, ComputeTrieValue).
 */
const MOST_PORTS = 24;

const LINK = 'https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html';

interface Uncertainty {
  /** Sentences. */
  readonly message: string;
  readonly remedy: string;
}

/**
 * Whether ports that policies allow may be left out by the agent.
 * @param objects all that select the pod and that the engine reads
 */
export function lostPorts(objects: readonly PolicyObject[], { engine }: Acting): Uncertainty | null {
  if (engine.name !== 'vpc-cni' || combinations(objects) <= MOST_PORTS) return null;
  return {
    message: `Its policies name more than ${MOST_PORTS} combinations of ports and protocols, of which the VPC CNI keeps only that many for a CIDR block and ignores the others (${LINK}).`,
    remedy: 'Combine ports into ranges with endPort.',
  };
}

/** The same for rules that deny: what is ignored of them is open. */
export function lostDenials(objects: readonly PolicyObject[], acting: Acting): Uncertainty | null {
  return lostPorts(
    objects.filter((object) => !isCore(object)),
    acting,
  );
}

/** At most so many, if every rule were about the same block. */
function combinations(objects: readonly PolicyObject[]): number {
  const core = new Set<string>();
  let others = 0;
  for (const object of objects) {
    for (const rule of listOf(object.spec, 'egress')) {
      const ports = listOf(rule, 'ports');
      if (isCore(object)) for (const port of ports) core.add(JSON.stringify(port));
      else others += Math.max(1, ports.length);
    }
  }
  return core.size + others;
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = isFields(value) ? field(value, name) : undefined;
  return Array.isArray(list) ? list : [];
}
