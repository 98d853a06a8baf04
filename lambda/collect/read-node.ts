import type { NodeFacts } from '../inventory/fold.ts';
import type { Labels } from '../inventory/names.ts';
import { asOs } from './pods/facts/operating-system.ts';

/**
 * What the labels of a node say. EKS sets the type of compute on Fargate, Auto Mode and hybrid nodes, and the
 * NodeClass on those of Auto Mode.
 * Sources: https://docs.aws.amazon.com/eks/latest/userguide/associate-workload.html
 * https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-webhooks.html
 */
export function nodeFacts(labels: Labels): NodeFacts {
  const type = labels['eks.amazonaws.com/compute-type'];
  return {
    os: asOs(labels['kubernetes.io/os'] ?? ''),
    compute: type === 'fargate' || type === 'auto' || type === 'hybrid' ? type : 'ec2',
    ...(type === 'auto' ? { nodeClass: labels['eks.amazonaws.com/nodeclass'] || null } : {}),
  };
}
