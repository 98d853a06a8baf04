import { type EngineSettings, oneFamily, type Unread } from '../../inventory/engine-settings.ts';
import type { NodeNetwork } from '../../inventory/node-network.ts';
import type { PolicyAgent } from '../../inventory/policy-agent.ts';
import { AUTO_MODE_AGENT } from './vpc-cni.ts';

const LINK = 'https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html';

/**
 * On nodes of EKS Auto Mode the VPC CNI is part of the machine: no pod shows it, its NodeClass says how
 * it starts pods. `DefaultDeny` is the strict mode, and absent it is `DefaultAllow`.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html
 *
 * @returns the agent as if a pod had shown it, or why it is not known
 */
export function autoModeAgent(node: NodeNetwork, settings: EngineSettings): PolicyAgent | Unread {
  const { nodeClasses } = settings;
  if ('unread' in nodeClasses) {
    const { reason, message, remedy } = nodeClasses.unread;
    return { reason, message: `${OPEN} ${message}`, remedy };
  }
  const name = node.nodeClass ?? null;
  if (name === null) {
    return unknown(
      'the labels of the node do not name its NodeClass (eks.amazonaws.com/nodeclass)',
      `See ${LINK}.`,
    );
  }
  const policy = nodeClasses.known.get(name);
  if (policy === undefined) {
    return unknown(
      `its NodeClass ${name} was not read`,
      'Include it: kubectl get nodeclasses.eks.amazonaws.com -o yaml.',
    );
  }
  if (policy === null) {
    return unknown(
      `spec.networkPolicy of its NodeClass ${name} has a value that is not documented`,
      `See ${LINK}.`,
    );
  }
  const family = oneFamily(settings.ipFamily);
  return {
    engine: 'vpc-cni',
    container: AUTO_MODE_AGENT,
    version: null,
    enabled: true,
    running: true,
    ipv6: family === null ? null : family === 'ipv6',
    mode: policy === 'DefaultDeny' ? 'strict' : 'standard',
    egressV4: null,
    egressV6: false,
  };
}

const OPEN = 'Whether this EKS Auto Mode node enforces policies is not known.';

const unknown = (why: string, remedy: string): Unread => ({
  reason: 'field-missing',
  message: `Whether this EKS Auto Mode node enforces policies is not known: ${why}.`,
  remedy,
});
