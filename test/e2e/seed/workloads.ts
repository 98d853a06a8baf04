import type { KubernetesObject } from '../environment/api-client.ts';
import { type PodPlan, type PodSpec, pod } from './pods.ts';
import type { Seeded } from './seeded.ts';

/** A controller with its pods; what pods do not say themselves they take from here. */
export interface WorkloadPlan {
  readonly namespace: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
  readonly pods: readonly PodOfWorkload[];
}

export type PodOfWorkload = Pick<
  PodPlan,
  'name' | 'node' | 'ageHours' | 'restarted' | 'phase' | 'debugContainer' | 'terminating'
>;

/** Controllers put this label on the pods of one revision. */
const TEMPLATE_HASH = '7d4b9c6f5d';

export function deployment(plan: WorkloadPlan, now: Date): Seeded {
  return withReplicaSet('apps/v1', 'Deployment', plan, now);
}

/** Argo Rollouts own ReplicaSets just as Deployments do. */
export function rollout(plan: WorkloadPlan, now: Date): Seeded {
  return withReplicaSet('argoproj.io/v1alpha1', 'Rollout', plan, now);
}

function withReplicaSet(apiVersion: string, kind: string, plan: WorkloadPlan, now: Date): Seeded {
  const hash = kind === 'Rollout' ? 'rollouts-pod-template-hash' : 'pod-template-hash';
  const hashed = { ...plan, labels: { ...labelsOf(plan), [hash]: TEMPLATE_HASH } };
  const replicas = plan.pods.length;
  const object = { ...head(apiVersion, kind, plan), spec: { replicas, ...selectorAndTemplate(plan) } };
  const replicaSet = {
    ...head('apps/v1', 'ReplicaSet', { ...hashed, name: `${plan.name}-${TEMPLATE_HASH}` }),
    spec: { replicas, ...selectorAndTemplate(hashed) },
  };
  return { object, owns: [{ object: replicaSet, owns: podsOf(hashed, now) }] };
}

export function statefulSet(plan: WorkloadPlan, now: Date): Seeded {
  const spec = { serviceName: plan.name, replicas: plan.pods.length, ...selectorAndTemplate(plan) };
  return { object: { ...head('apps/v1', 'StatefulSet', plan), spec }, owns: podsOf(plan, now) };
}

/** One without a Deployment: only the object itself says that nothing owns it. */
export function replicaSet(plan: WorkloadPlan, now: Date): Seeded {
  const spec = { replicas: plan.pods.length, ...selectorAndTemplate(plan) };
  return { object: { ...head('apps/v1', 'ReplicaSet', plan), spec }, owns: podsOf(plan, now) };
}

export function daemonSet(plan: WorkloadPlan, now: Date): Seeded {
  const spec = selectorAndTemplate(plan);
  return { object: { ...head('apps/v1', 'DaemonSet', plan), spec }, owns: podsOf(plan, now) };
}

export function job(plan: WorkloadPlan, now: Date): Seeded {
  return { object: { ...head('batch/v1', 'Job', plan), spec: jobSpec(plan) }, owns: podsOf(plan, now) };
}

export function cronJob(plan: WorkloadPlan, now: Date): Seeded {
  const spec = { schedule: '0 3 * * *', jobTemplate: { spec: jobSpec(plan) } };
  const oneRun = job({ ...plan, name: `${plan.name}-29380500` }, now);
  return { object: { ...head('batch/v1', 'CronJob', plan), spec }, owns: [oneRun] };
}

function head(apiVersion: string, kind: string, plan: WorkloadPlan): KubernetesObject {
  const { name, namespace, annotations } = plan;
  const metadata = { name, namespace, labels: labelsOf(plan), ...(annotations && { annotations }) };
  return { apiVersion, kind, metadata };
}

function labelsOf(plan: WorkloadPlan): Readonly<Record<string, string>> {
  return { app: plan.name, ...plan.labels };
}

function selectorAndTemplate(plan: WorkloadPlan): object {
  const labels = labelsOf(plan);
  return { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: plan.spec } };
}

/** A Job gets its selector from the API server. */
function jobSpec(plan: WorkloadPlan): object {
  return {
    template: { metadata: { labels: labelsOf(plan) }, spec: { restartPolicy: 'Never', ...plan.spec } },
  };
}

function podsOf(plan: WorkloadPlan, now: Date): readonly Seeded[] {
  const { namespace, annotations, spec } = plan;
  const shared = { namespace, labels: labelsOf(plan), ...(annotations && { annotations }), spec };
  return plan.pods.map((one) => pod({ ...shared, ...one }, now));
}
