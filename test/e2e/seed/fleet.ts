import type { ApiClient } from '../environment/api-client.ts';
import { LINUX_NODE } from './nodes.ts';
import { careless } from './pods.ts';
import { seed } from './seed.ts';
import { deployment } from './workloads.ts';

export interface FleetOptions {
  readonly now: Date;
  /** How many pods; a list of more than 500 takes a second page at the usual limit. */
  readonly pods: number;
}

/** Adds one Deployment with very many pods, in a namespace of its own named `fleet`. */
export async function seedFleet(api: ApiClient, { now, pods }: FleetOptions): Promise<void> {
  await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'fleet' } });
  const plan = {
    namespace: 'fleet',
    name: 'worker',
    spec: { containers: [careless('worker', 'public.ecr.aws/example/worker:1')] },
    pods: Array.from({ length: pods }, (_, index) => ({
      name: `worker-7d4b9c6f5d-${String(index).padStart(6, '0')}`,
      node: LINUX_NODE,
      ageHours: 48,
    })),
  };
  await seed(api, deployment(plan, now));
}
